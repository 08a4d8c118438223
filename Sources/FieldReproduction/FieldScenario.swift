public import Basics
import ChaosRuntime
import FakeExchange
import FaultInjection
public import FieldReconciliation
import HistoricalBugs
public import PaperSession
import Trading
import TradingEngine

/// A session from the field as one that our engine can play: its quotes, its venue's rules, latencies and answers, the settings
/// that we know, and the fault that a bug needs.
///
/// No id and no text stands in what is built; of balances the quote asset's, of sizes the middle one.
public struct FieldScenario: Sendable {
  /// The bug whose pre-fix parts shall show the session's signs.
  public let bug: HistoricalBug
  /// Bugs whose pre-fix parts are put in besides.
  public private(set) var besides: [HistoricalBug] = []
  /// Tick files, scrubbed of everything but quotes, and `venue.json`; empty: the session has none, and the bug's own market stands in.
  public let market: [(name: String, bytes: [UInt8])]
  /// Settings of the session's engine that ours has too, and what its orders show.
  public let settings: [PaperInputs.Setting]
  /// Of the library, by id.
  public private(set) var faults: [String]
  /// What the venue answered in the session, as a fault file; nil: nothing out of the ordinary.
  public let answers: String?
  /// Whether the bot sent no order, so that a good engine need not either.
  public let isIdle: Bool
  /// Whether sizes were left out: then every sum counts in orders of the middle size.
  public let scalesMoney: Bool
  /// What was taken over of the session, one line each.
  public private(set) var kept: [String]
  /// What was not there, with what stands in.
  public let missing: [String]

  /// Of a session's directory.
  ///
  /// - Parameters:
  ///   - scalesMoney: sizes are not taken over.
  ///   - library: faults by id.
  /// - Throws: `InputError` for quotes that cannot be read.
  public init(
    _ found: Reconciliation, directory: String?, bug: HistoricalBug, scalesMoney: Bool, _ library: FaultSelection
  ) throws(InputError) {
    self.bug = bug
    self.scalesMoney = scalesMoney
    var kept: [String] = []
    var missing: [String] = []
    let sent = Self.sent(found)
    var market = try Self.quotes(directory, traded: Set(sent.map(\.symbol)), &kept, &missing)
    isIdle = sent.isEmpty
    let file = directory.map { Self.settings("\($0)/config.json") } ?? []
    let derived =
      Self.derived(found, scalesMoney: scalesMoney, &kept) + Self.guards(found, market, file, &kept)
    // What the orders show counts before what a file says; sizes of money are left out where they shall stay hidden.
    let written = file.filter { setting in
      !derived.contains { $0.name == setting.name } && !(scalesMoney && Self.isMoney(setting.name))
    }
    if !written.isEmpty { kept.append("\(written.count) settings that both engines have") }
    self.settings = written + derived
    if !market.isEmpty {
      let venue = VenueRecord.of(
        found, directory: directory, market, scale: scalesMoney ? Self.scale(found) : nil, &kept, &missing)
      market.append((RecordedVenue.fileName, Array(venue.text.utf8)))
    } else {
      kept.append("the venue's latencies: the historical venue's, which are the engine's defaults")
    }
    self.market = market
    let answers = VenueAnswers(found)
    var chosen = bug.provokedBy.condition == nil ? Array(bug.provokedBy.faults.prefix(1)) : []
    var injects: [Fault.Inject] = []
    for id in chosen {
      guard let fault = try? library.source(id).fault else { continue }
      if answers.cover(fault) { chosen.removeAll { $0 == id } } else { injects += fault.injects }
    }
    faults = chosen
    let played = answers.without(injects)
    self.answers = VenueAnswers.file(played)
    kept += played.map { "the venue's answers: \($0.says)" }
    if !faults.isEmpty {
      kept.append("what else the bug needs of the venue, as the fault \(faults.joined(separator: ", "))")
    }
    if market.isEmpty, let condition = bug.provokedBy.condition { kept.append("the condition: \(condition.name)") }
    self.kept = kept
    self.missing = missing
  }

  /// The bug and those besides.
  public var bugs: [HistoricalBug] { [bug] + besides }

  /// The same session with the pre-fix parts of one more bug; nil: it has no quotes and is a bug's own scenario, or both bugs
  /// change one part.
  ///
  /// - Parameter fault: of the library, which that bug needs; nil: what the session tells is enough.
  func with(_ other: HistoricalBug, fault: String?) -> FieldScenario? {
    guard !market.isEmpty, Set(bugs.flatMap(\.originalParts)).isDisjoint(with: other.originalParts) else { return nil }
    var scenario = self
    scenario.besides.append(other)
    if let fault, !faults.contains(fault) {
      scenario.faults.append(fault)
      scenario.kept.append("what \(other.id) needs of the venue, as the fault \(fault)")
    }
    return scenario
  }

  private static func quotes(
    _ directory: String?, traded: Set<String>, _ kept: inout [String], _ missing: inout [String]
  ) throws(InputError) -> [(name: String, bytes: [UInt8])] {
    guard let folder = directory.map({ "\($0)/ticks" }), Files.isDirectory(folder) else {
      missing.append("no quotes (ticks/): the market of the bug's own scenario stands in")
      return []
    }
    var market: [(name: String, bytes: [UInt8])] = []
    for name in Files.names(in: folder) where name.hasSuffix(".jsonl") {
      let bytes = try scrubbed("\(folder)/\(name)")
      if !bytes.isEmpty { market.append((name, bytes)) }
    }
    let quoted = Set((try? TickReplayer(files: market))?.symbols.map(\.description) ?? [])
    let wanted = traded.filter { !$0.isEmpty }.sorted()
    if !market.isEmpty, !wanted.isEmpty, quoted.isDisjoint(with: wanted) {
      let names = wanted.prefix(3).joined(separator: ", ") + (wanted.count > 3 ? " and others" : "")
      missing.append("no quotes of \(names), which it traded: the market of the bug's own scenario stands in")
      return []
    }
    if market.isEmpty {
      missing.append("no quotes in ticks/: the market of the bug's own scenario stands in")
    } else {
      kept.append("quotes of \(market.count) pairs (public)")
    }
    return market
  }

  /// Only what a quote is made of.
  private static func scrubbed(_ path: String) throws(InputError) -> [UInt8] {
    let wanted = ["ts", "symbol", "last", "bid", "ask", "volume", "spread_bps"]
    var out = ByteWriter(capacity: 1 << 16)
    for line in try InputFile.bytes(path, .ticks).split(separator: 0x0A) {
      guard let members = (try? JSON.parse(line))?.members else { continue }
      JSON.object(members.filter { wanted.contains($0.key) }).write(into: &out)
      out.byte(0x0A)
    }
    return out.bytes()
  }

  /// Settings of the bot's that ours knows by the same name and takes.
  private static func settings(_ path: String) -> [PaperInputs.Setting] {
    guard let bytes = Files.read(path), let members = (try? JSON.parse(bytes))?.members else { return [] }
    var settings: [PaperInputs.Setting] = []
    var engine = EngineSettings()
    for (name, value) in members where EngineSettings.names.contains(name) {
      guard let text = value.string ?? value.numberText ?? value.bool.map({ $0 ? "true" : "false" }) else { continue }
      let before = engine
      do throws(SettingError) { try engine.set(name, text) } catch { continue }
      if !engine.contradictions.isEmpty {
        engine = before
        continue
      }
      settings.append(PaperInputs.Setting(name: name, value: text))
    }
    return settings
  }

  private static func isMoney(_ name: String) -> Bool {
    name.hasSuffix("_USDT") || name.hasSuffix("_USD") || name == SettingName.minOrderValue.rawValue
  }

  /// What its orders show: the size of a position, and how long a round takes.
  private static func derived(_ found: Reconciliation, scalesMoney: Bool, _ kept: inout [String]) -> [PaperInputs
    .Setting]
  {
    var settings: [PaperInputs.Setting] = []
    if let gap = SignComparison.median(found.doubled.flatMap(\.rounds)), gap >= 0.2 {
      let round = Int((gap * 100).rounded()) * 10
      settings.append(PaperInputs.Setting(name: SettingName.engineCycleMs.rawValue, value: "\(round)"))
      kept.append("rounds of \(round) ms, from the time between its orders")
    }
    if let pause = shortestPause(found), pause < EngineSettings().cooldownAfterFailedOrder.seconds {
      let text = "\(Int(pause))"
      settings.append(PaperInputs.Setting(name: SettingName.symbolCooldownAfterFailedOrderS.rawValue, value: text))
      kept.append("a pause of \(text) s after an order that came to nothing, the shortest that its orders show")
    }
    if !scalesMoney, let cost = middleCost(found), cost >= 1 {
      let text = JSON.double(cost, places: 2).text
      settings.append(PaperInputs.Setting(name: SettingName.positionSizeUsdt.rawValue, value: text))
      kept.append("positions of \(text) in the quote asset, the middle of its orders")
    }
    return settings
  }

  /// An order that the bot sent.
  private struct Sent {
    var symbol: String
    var side: Side?
    var amount: Decimal?
    var price: Decimal?
    var time: Instant
  }

  /// By its log; where that has no orders, by its own record of calls.
  private static func sent(_ found: Reconciliation) -> [Sent] {
    let logged = found.session.beliefs.compactMap { order in
      order.sent.map {
        Sent(symbol: order.symbol, side: order.side, amount: order.amount, price: order.price, time: $0.time)
      }
    }
    if !found.session.beliefs.isEmpty { return logged }
    return found.session.truths.filter(\.isOwnCall).compactMap { order in
      order.placed.map {
        Sent(symbol: order.symbol, side: order.side, amount: order.amount, price: order.price, time: $0.time)
      }
    }
  }

  private static func middleCost(_ found: Reconciliation) -> Double? {
    let costs = sent(found).compactMap { order -> Double? in
      guard order.side == .buy, let amount = order.amount, let price = order.price else { return nil }
      return amount.doubleValue * price.doubleValue
    }
    return SignComparison.median(costs)
  }

  /// What one unit of money of the session is here, where positions have the engine's own size.
  private static func scale(_ found: Reconciliation) -> Double {
    guard let cost = middleCost(found), cost > 0 else { return 1 }
    return EngineSettings().positionSize.doubleValue / cost
  }

  /// Seconds from a purchase that came to nothing to the next one of its pair; nil: there was none.
  private static func shortestPause(_ found: Reconciliation) -> Double? {
    var last: [String: TruthOrder] = [:]
    var shortest: Double?
    for match in found.matches {
      guard let belief = match.belief.map({ found.session.beliefs[$0] }), let sent = belief.sent?.time,
        let order = match.truth.map({ found.session.truths[$0] }), order.side == .buy
      else { continue }
      if let before = last[order.symbol], before.state == .canceled || before.state == .failed,
        let end = before.last?.time, case let pause = (found.clock.venueTime(sent) - end).seconds, pause > 0
      {
        shortest = min(shortest ?? .infinity, pause)
      }
      last[order.symbol] = order
    }
    return shortest
  }

  /// How wide the spread was, and how far the ask lay above the last price, at the quotes that it bought on: a guard that is
  /// set narrower held nothing back, whatever the file says.
  private static func guards(
    _ found: Reconciliation, _ market: [(name: String, bytes: [UInt8])], _ file: [PaperInputs.Setting],
    _ kept: inout [String]
  ) -> [PaperInputs.Setting] {
    guard let quotes = try? TickReplayer(files: market) else { return [] }
    var (spread, above) = (Decimal.zero, Decimal.zero)
    for order in sent(found) where order.side == .buy {
      guard let symbol = Symbol(order.symbol), let quote = quotes.quote(symbol, at: order.time), quote.last.isPositive
      else { continue }
      spread = max(spread, quote.spreadBps)
      let beyond = try? (quote.ask - quote.last).multiplied(by: Decimal(10_000), rounding: .up)
      above = max(above, (try? beyond?.divided(by: quote.last, rounding: .up)) ?? .zero)
    }
    var engine = EngineSettings()
    for setting in file { try? engine.set(setting.name, setting.value) }
    var settings: [PaperInputs.Setting] = []
    for (name, seen, limit) in [
      (SettingName.maxSpreadBpsEntry, spread, engine.maxSpreadBpsEntry),
      (.maxSlippageBpsEntry, above, engine.maxSlippageBpsEntry),
    ] where seen > limit {
      let floor = seen.floored(toStep: .one)
      let value = min(floor == seen ? floor : floor + .one, Decimal(10_000))
      settings.append(PaperInputs.Setting(name: name.rawValue, value: "\(value)"))
    }
    if !settings.isEmpty {
      let names = settings.map { "\($0.name) \($0.value)" }.joined(separator: " and ")
      kept.append("\(names), as wide as the quotes that it bought on")
    }
    return settings
  }

  /// The session as inputs.
  ///
  /// - Parameters:
  ///   - isOriginal: with the pre-fix parts.
  ///   - market: the folder in which the quotes were written; nil: there are none.
  ///   - library: faults by id.
  /// - Throws: `UsageError` for a fault that the library does not have.
  public func inputs(isOriginal: Bool, market folder: String?, _ library: FaultSelection) throws(UsageError)
    -> PaperInputs
  {
    var sources: [PaperInputs.FaultSource] = []
    for word in faults { sources.append(try library.source(word).source) }
    if let answers { sources.append(.file(name: "\(VenueAnswers.id).toml", text: answers)) }
    return PaperInputs(
      kind: .paper, bug: folder == nil ? bug.id : nil,
      revisions: isOriginal ? bugs.map { PaperInputs.Revision(bug: $0.id, revision: "original") } : [], faults: sources,
      settings: settings, market: folder)
  }
}
