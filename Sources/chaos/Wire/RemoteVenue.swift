import Basics
import ChaosRuntime
import ExchangeServer
import Exploration
import FakeExchange
import FaultInjection
import HTTP
import PaperSession
import Synchronization
import Trading
import WireClient

/// A served exchange as the venue of a live paper session: control sets the scenario and the faults up and tells the truth,
/// and the engine trades over HTTP and WebSocket like any other client.
final class RemoteVenue: SessionVenue {
  private struct State {
    var client: BinanceClient?
    /// Ids of the faults in the order they were handed over.
    var faults: [String] = []
    var cursor = 0
    var lines: [UInt8] = []
    var trouble: String?
  }

  /// A call of control, and the first words with the engine's client.
  private static let limit = Duration.seconds(5)
  /// What is kept of the venue's history.
  private static let linesMax = 256 << 20

  let name: String
  private let endpoint: EndpointAddress
  private let key: String
  private let secret: String
  private let token: String?
  /// Of its own: control is asked after the run was stopped, too.
  private let runtime: Runtime
  private let caller: WireCaller
  private let state = Mutex(State())

  /// Looks whether a served exchange is there that speaks Binance's words.
  init(_ url: String, key: String, secret: String, token: String?) throws(UsageError) {
    guard let endpoint = Self.endpoint(url) else {
      throw UsageError(text: "--exchange expects http://HOST:PORT, not '\(InputError.shown(url))'")
    }
    (name, self.endpoint) = ("http://\(endpoint)", endpoint)
    (self.key, self.secret, self.token) = (key, secret, token)
    runtime = Runtime(live: nil, disk: MemoryDisk(), choices: Choices(.seeded(0)))
    do throws(EndpointError) { caller = try WireCaller(runtime, endpoint) } catch {
      throw UsageError(text: "--exchange: \(error.text)")
    }
    switch control("GET", "state") {
    case .failure(let problem): throw UsageError(text: "--exchange \(name): \(problem.text)")
    case .success(let response):
      guard let state = try? JSON.parse(response.body), state["version"]?.int == 1 else {
        throw UsageError(text: "--exchange \(name): no served exchange; start one with 'chaos serve'")
      }
      guard state["venue"]?.string == "binance" else {
        throw UsageError(
          text: "--exchange \(name): it speaks MEXC's words; start it with 'chaos serve --venue binance'")
      }
    }
  }

  /// `http://HOST:PORT`, with or without a slash behind it.
  private static func endpoint(_ url: String) -> EndpointAddress? {
    guard url.hasPrefix("http://") else { return nil }
    let rest = url.dropFirst(7)
    return EndpointAddress(String(rest.hasSuffix("/") ? rest.dropLast() : rest))
  }

  // MARK: Control

  private struct Problem: Error {
    var text: String
  }

  private func control(
    _ method: String, _ path: String, _ query: String = "", _ body: JSON? = nil
  ) -> Result<HTTPResponse, Problem> {
    var request = HTTPRequest(method: method, path: "/chaos/v1/\(path)", query: query)
    request.fields.add("host", caller.host)
    if let token { request.fields.add("x-chaos-token", token) }
    if let body {
      request.fields.add("content-type", "application/json")
      request.body = Array(body.text.utf8)
    }
    let result: Result<HTTPResponse, WireCaller.Failure>
    do throws(Stopped) { result = try caller.call(request, until: runtime.now + Self.limit) } catch {
      return .failure(Problem(text: "interrupted"))
    }
    switch result {
    case .success(let response) where response.status == 200: return .success(response)
    case .success(let response):
      let words = (try? JSON.parse(response.body))?["error"]?.string ?? "status \(response.status)"
      return .failure(Problem(text: "control's \(path): \(words)"))
    case .failure(.notSent(let why)), .failure(.lost(let why)):
      return .failure(Problem(text: "it does not answer: \(why)"))
    case .failure(.deadline): return .failure(Problem(text: "it does not answer within 5 s"))
    }
  }

  private func note<Answer>(_ result: Result<Answer, Problem>) -> Answer? {
    switch result {
    case .success(let answer): return answer
    case .failure(let problem):
      state.withLock { if $0.trouble == nil { $0.trouble = "the exchange \(name): \(problem.text)" } }
      return nil
    }
  }

  // MARK: The session

  func hasSite(_ name: String) -> Bool { WireSites.definitions.contains { $0.name == name } }

  func begin(
    _ stage: SessionStage, _ faults: [Fault], in runtime: Runtime
  ) throws(Stopped) -> any ExchangeClient {
    let scenario = stage.scenario
    var depth = MarketDepth()
    if let notional = scenario.depthNotional { depth.notional = notional }
    let wanted = WireStage(
      seed: scenario.seed, symbols: scenario.symbols, drops: scenario.drops, pollInterval: scenario.pollInterval,
      shape: .init(hasWideSpreads: stage.isRough, hasGaps: stage.isRough), balances: scenario.startingBalances,
      depth: depth, feeMode: stage.feeMode)
    let reset = JSON.object([("seed", .int(Int(clamping: scenario.seed))), ("stage", wanted.json)])
    _ = note(control("POST", "reset", "", reset))
    // Another session may have left some behind.
    let texts = JSON.array(faults.map { .string($0.oneLine) })
    _ = note(control("PUT", "faults", "", .object([("faults", texts), ("arm", .bool(false))])))
    let client: BinanceClient
    do throws(EndpointError) {
      client = BinanceClient(
        runtime, try WireCaller(runtime, endpoint), key: key, secret: secret, symbols: scenario.symbols)
    } catch {
      fatalError("an address that was resolved before cannot be resolved: \(error.text)")
    }
    try client.start(deadline: runtime.now + Self.limit)
    state.withLock { state in
      state.client = client
      state.faults = faults.map(\.id)
    }
    return client
  }

  func arm() { _ = note(control("POST", "arm", "", .object([]))) }

  func heal() { _ = note(control("POST", "heal", "", .object([]))) }

  func disconnect() throws(Stopped) { try state.withLock { $0.client }?.close() }

  func newLines() -> [UInt8] {
    var found: [UInt8] = []
    while let page = page(isEnd: false) {
      found += page
      if page.count < Self.pageMin { break }
    }
    return found
  }

  /// An answer with fewer bytes is the last one for now.
  private static let pageMin = 512 << 10

  /// The next lines; nil: the exchange does not tell them.
  private func page(isEnd: Bool) -> [UInt8]? {
    let cursor = state.withLock { $0.cursor }
    guard let response = note(control("GET", "exchange", "since=\(cursor)\(isEnd ? "&end=1" : "")")),
      let next = response.fields["x-chaos-next"].flatMap({ Int($0) })
    else { return nil }
    let lines = Self.withWireNumbers(response.body)
    state.withLock { state in
      state.cursor = next
      if state.lines.count < Self.linesMax { state.lines += lines }
    }
    return lines
  }

  /// The lines with the numbers that the client was told: the venue's history counts orders from `X0`, the wire from 1.
  static func withWireNumbers(_ lines: [UInt8]) -> [UInt8] {
    let name = Array("order_id\":\"X".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(lines.count)
    var rest = lines[...]
    while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
      text += rest[...quote]
      rest = rest[(quote + 1)...]
      guard rest.starts(with: name) else { continue }
      let digits = rest.dropFirst(name.count).prefix { (0x30...0x39).contains($0) }
      guard let number = Int(String(decoding: digits, as: UTF8.self)) else { continue }
      text += name.dropLast() + Array("\(number + 1)".utf8)
      rest = rest[digits.endIndex...]
    }
    return text + rest
  }

  func end() -> SessionVenueEnd {
    _ = newLines()
    _ = page(isEnd: true)
    let report = note(control("GET", "faults")).flatMap { try? JSON.parse($0.body) }
    let (faults, lines, trouble) = state.withLock { ($0.faults, $0.lines, $0.trouble) }
    caller.close()
    func id(_ json: JSON) -> String? {
      guard let index = json["fault"]?.int, faults.indices.contains(index) else { return nil }
      return faults[index]
    }
    let counts: [FaultCount] = (report?["counts"]?.array ?? []).compactMap { json in
      guard let fault = id(json), let inject = json["inject"]?.int, let site = json["site"]?.string,
        let hits = json["hits"]?.int, let eligible = json["eligible"]?.int, let fired = json["fired"]?.int
      else { return nil }
      return FaultCount(fault: fault, inject: inject, site: site, hits: hits, eligible: eligible, fired: fired)
    }
    let firings: [Firing] = (report?["firings"]?.array ?? []).compactMap { json in
      guard let fault = id(json), let inject = json["inject"]?.int, let site = json["site"]?.string,
        let hit = json["hit"]?.int, let time = json["timestamp"]?.string.flatMap({ Instant(iso8601: $0) }),
        let action = json["action"]?.string.flatMap({ Self.action($0, at: site) })
      else { return nil }
      return Firing(
        fault: fault, inject: inject, site: site, per: json["per"]?.string ?? "", hit: hit, time: time, action: action,
        thread: "exchange")
    }
    return SessionVenueEnd(lines: Self.inOrder(lines), counts: counts, firings: firings, trouble: trouble)
  }

  private static func action(_ text: String, at site: String) -> FaultAction? {
    (try? Fault(oneLine: "\(site)=\(text)"))?.injects.first?.plan.steps.first?.action
  }

  /// The lines by time: the reply to a call whose answer is late was written down when it was decided. The summary stays
  /// the last one.
  private static func inOrder(_ bytes: [UInt8]) -> [UInt8] {
    let lines = bytes.split(separator: 0x0A)
    // The time stands first in each line, in as many bytes.
    let stampBytes = 41
    let order = lines.indices.dropLast().sorted { left, right in
      let (one, other) = (lines[left].prefix(stampBytes), lines[right].prefix(stampBytes))
      return one.elementsEqual(other) ? left < right : one.lexicographicallyPrecedes(other)
    }
    var sorted: [UInt8] = []
    sorted.reserveCapacity(bytes.count + 1)
    for index in order + lines.indices.suffix(1) {
      sorted += lines[index]
      sorted.append(0x0A)
    }
    return sorted
  }
}
