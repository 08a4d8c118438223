import Basics
public import FieldReconciliation
import HistoricalBugs
import Trading

/// The signs of a session in the field beside those of a simulated one, with a distance for each.
public struct SignComparison: Sendable {
  /// One figure on both sides.
  public struct Row: Sendable {
    /// What is compared.
    public var name: String
    /// In the field, as text.
    public var field: String
    /// In the simulation.
    public var simulated: String
    /// 0: equal; the difference as a share of the field's figure.
    public var distance: Double
    /// The distance that is accepted.
    public var tolerance: Double
    /// Why so much.
    public var why: String

    /// Whether the figures are near enough.
    public var isMet: Bool { distance <= tolerance }
  }

  /// How far the session was reproduced.
  public enum Outcome: String, Sendable {
    /// Every sign and figure; some; none.
    case reproduced = "REPRODUCED", partly = "PARTLY", not = "NOT REPRODUCED"
  }

  /// Figures, then the signs that the hypotheses predict and the field shows.
  public let rows: [Row]
  /// What follows.
  public let outcome: Outcome

  /// Names of the rows that are not within their tolerance.
  public var unmet: [String] { rows.filter { !$0.isMet }.map(\.name) }

  /// Compares two sessions under the hypotheses that are played: figures of what they have nothing to do with are left out.
  ///
  /// - Parameter scalesMoney: money counts in orders of the middle size.
  public init(field: Reconciliation, simulated: Reconciliation, bugs: [HistoricalBug], scalesMoney: Bool = false) {
    let predicted = Set(bugs.flatMap { $0.inTheField.predicts + $0.inTheField.oneOf })
    let concerns = predicted.union(bugs.flatMap(\.inTheField.allows))
    let (a, b) = (Figures(field, scalesMoney), Figures(simulated, scalesMoney))
    var rows: [Row] = []
    if !concerns.isDisjoint(with: Self.ofDoubles) { rows += Self.doubles(a, b) }
    if !concerns.isDisjoint(with: Self.ofEnds) { rows += Self.ends(a, b) }
    if !concerns.isDisjoint(with: Self.ofFills) {
      rows += Self.fills(a, b, isBound: field.inferred.contains { $0.count > 0 })
    }
    if predicted.contains(.latePolls) { rows += Self.polls(a, b) }
    let there = Dictionary(uniqueKeysWithValues: SignReader.readings(simulated).map { ($0.sign, $0) })
    for sign in SignReader.readings(field) where sign.state == .seen {
      guard predicted.contains(sign.sign) else { continue }
      let isThere = there[sign.sign]?.state == .seen
      rows.append(
        Row(
          name: sign.sign.rawValue, field: "seen", simulated: isThere ? "seen" : "missed", distance: isThere ? 0 : 1,
          tolerance: 0, why: "a sign is there or not"))
      guard Self.ofErrors.contains(sign.sign) else { continue }
      rows += Self.row(
        "\(sign.sign.rawValue) per order and refusal", a.share(sign), there[sign.sign].flatMap { b.share($0) },
        0.5,
        places: 2, "how many orders come to it depends on quotes that nobody recorded")
    }
    self.rows = rows
    let met = rows.count { $0.isMet }
    outcome = rows.isEmpty || met == 0 ? .not : met == rows.count ? .reproduced : .partly
  }

  /// Signs with whose hypotheses figures are compared.
  private static let ofDoubles: Set<FieldSign> = [.buysByRound, .buysAtOnce, .boughtAgain]
  private static let ofEnds: Set<FieldSign> = [.fillUnseen, .refusalsSilent]
  private static let ofFills: Set<FieldSign> = [.fillUnseen]
  private static let ofErrors: Set<FieldSign> = [.noOrderId, .feeError, .nestedTransaction, .preflightRefusals]

  private static func row(
    _ name: String, _ a: Double?, _ b: Double?, _ tolerance: Double, places: Int = 0, _ why: String
  ) -> [Row] {
    guard let a, a > 0 else { return [] }
    return [
      Row(
        name: name, field: JSON.double(a, places: places).text,
        simulated: b.map { JSON.double($0, places: places).text } ?? "-",
        distance: b.map { abs($0 - a) / a } ?? 1, tolerance: tolerance, why: why)
    ]
  }

  private static func doubles(_ a: Figures, _ b: Figures) -> [Row] {
    row(
      "orders of one signal", a.run, b.run, 0.5,
      "between two recorded quotes prices are a guess, and so is the signal's end")
      + row(
        "s between them", a.gap, b.gap, 0.25, places: 2,
        "a round of the field is as long as its calls; ours is a setting")
  }

  private static func polls(_ a: Figures, _ b: Figures) -> [Row] {
    row(
      "s of a poll that came late", a.latePoll, b.latePoll, 0.25, places: 2,
      "the middle one; its calls are as long as the session's, and the pauses between them are a setting")
  }

  private static func ends(_ a: Figures, _ b: Figures) -> [Row] {
    row(
      "share of orders without an end in the log", a.endless, b.endless, 0.2, places: 2,
      "an order at the very end has no time for one; what the venue canceled unfilled is left out")
  }

  private static func fills(_ a: Figures, _ b: Figures, isBound: Bool) -> [Row] {
    let each = row(
      "money of one unseen fill", a.unseenEach, b.unseenEach, 0.25, places: 2,
      "steps of the market, and a fill that is a part")
    guard let share = a.unseenShare else { return each }
    let other = b.unseenShare ?? 0
    func text(_ value: Double) -> String { JSON.double(value, places: 2).text }
    return each + [
      Row(
        name: "share of orders filled unseen", field: "\(isBound ? ">= " : "")\(text(share))", simulated: text(other),
        distance: isBound && other >= share ? 0 : abs(other - share) / share, tolerance: 0.6,
        why: "which orders the venue fills depends on quotes that nobody recorded; a bound is met from below")
    ]
  }

  /// The figures of one side.
  private struct Figures {
    var run: Double?
    var gap: Double?
    var endless: Double?
    var unseenShare: Double?
    var unseenEach: Double?
    var latePoll: Double?
    var sent = 0

    /// How often a sign is there for each order; what was refused before sending counts as one.
    func share(_ sign: SignReading) -> Double? {
      guard let count = sign.count else { return nil }
      let all = sign.sign == .preflightRefusals ? sent + count : sent
      return all > 0 ? Double(count) / Double(all) : nil
    }

    init(_ found: Reconciliation, _ scalesMoney: Bool) {
      latePoll = SignComparison.median(
        found.session.noted.filter { $0.side == .log && $0.event == EventName.mdPollOverrun.rawValue }
          .compactMap(\.figure))
      let longest = found.doubled.max { $0.matches.count < $1.matches.count }
      run = longest.map { Double($0.matches.count) }
      gap = SignComparison.median(longest?.rounds ?? [])
      let sent = found.session.beliefs.filter { $0.sent != nil }
      self.sent = sent.count
      // Other mechanisms lose cancels.
      let canceled = Set(
        found.matches.filter { match in match.truth.map { found.session.truths[$0].state == .canceled } ?? false }
          .compactMap(\.belief))
      let meant = found.session.beliefs.indices.filter {
        found.session.beliefs[$0].sent != nil && !canceled.contains($0)
      }
      if !meant.isEmpty {
        endless = Double(meant.count { found.session.beliefs[$0].state == .unknown }) / Double(meant.count)
      }
      let entries = found.disagreements.filter { $0.kind == .fillUnseen }
      let inferred = found.inferred.reduce(0) { $0 + $1.count }
      let unseen = inferred + entries.count - found.inferred.count { $0.count > 0 }
      if unseen > 0, !sent.isEmpty { unseenShare = Double(unseen) / Double(sent.count) }
      let money = found.unseen.reduce(0) { $0 + $1.amount.doubleValue }
      if unseen > 0, money > 0 { unseenEach = money / Double(unseen) }
      if scalesMoney {
        let costs = sent.compactMap { order in
          order.amount.flatMap { amount in order.price.map { amount.doubleValue * $0.doubleValue } }
        }
        unseenEach = unseenEach.flatMap { each in SignComparison.median(costs).map { each / $0 } }
      }
    }
  }

  /// The middle one; nil of none.
  static func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    return sorted.isEmpty ? nil : sorted[sorted.count / 2]
  }

  /// For people, in 80 columns.
  public var text: String {
    var out =
      "  \(Reconciliation.pad("", 42))\(Reconciliation.left("field", 11))\(Reconciliation.left("simulated", 11))  within\n"
    for row in rows {
      let mark = row.isMet ? "yes" : "NO"
      let limit = row.tolerance > 0 ? " (\(JSON.double(row.tolerance * 100, places: 0).text) %)" : ""
      out +=
        "  \(Reconciliation.pad(row.name, 42))\(Reconciliation.left(row.field, 11))\(Reconciliation.left(row.simulated, 11))"
      out += "  \(mark)\(limit)\n"
    }
    return out
  }

  /// For programs.
  var json: JSON {
    .array(
      rows.map { row in
        .object([
          ("name", .string(row.name)), ("field", .string(row.field)), ("simulated", .string(row.simulated)),
          ("distance", .double(row.distance)), ("tolerance", .double(row.tolerance)), ("why", .string(row.why)),
        ])
      })
  }
}
