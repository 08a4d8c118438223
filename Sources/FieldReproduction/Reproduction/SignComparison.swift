import Basics
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

  /// Figures, then the signs that the hypothesis predicts and the field shows.
  public let rows: [Row]
  /// What follows.
  public let outcome: Outcome

  /// Compares two sessions under one hypothesis.
  public init(field: Reconciliation, simulated: Reconciliation, bug: HistoricalBug) {
    var rows: [Row] = []
    func add(_ name: String, _ a: Double?, _ b: Double?, _ tolerance: Double, places: Int = 0, _ why: String) {
      guard let a, a > 0 else { return }
      let distance = b.map { abs($0 - a) / a } ?? 1
      rows.append(
        Row(
          name: name, field: JSON.double(a, places: places).text,
          simulated: b.map { JSON.double($0, places: places).text } ?? "-",
          distance: distance, tolerance: tolerance, why: why))
    }
    let (a, b) = (Figures(field), Figures(simulated))
    add(
      "orders of one signal", a.run, b.run, 0.5,
      "between two recorded quotes prices are a guess, and so is the signal's end")
    add(
      "s between them", a.gap, b.gap, 0.25, places: 2, "a round of the field is as long as its calls; ours is a setting"
    )
    add(
      "share of orders without an end in the log", a.endless, b.endless, 0.2, places: 2,
      "an order at the very end has no time for one")
    add(
      "money of one unseen fill", a.unseenEach, b.unseenEach, 0.25, places: 2,
      "steps of the market, and a fill that is a part")
    if let share = a.unseenShare {
      let isBound = !field.inferred.isEmpty
      let other = b.unseenShare ?? 0
      func text(_ value: Double) -> String { JSON.double(value, places: 2).text }
      rows.append(
        Row(
          name: "share of orders filled unseen", field: "\(isBound ? ">= " : "")\(text(share))", simulated: text(other),
          distance: isBound && other >= share ? 0 : abs(other - share) / share, tolerance: 0.6,
          why: "which orders the venue fills depends on quotes that nobody recorded; a bound is met from below"))
    }
    let simulatedSigns = Dictionary(uniqueKeysWithValues: SignReader(simulated).all().map { ($0.sign, $0) })
    for sign in SignReader(field).all() where sign.state == .seen {
      guard (bug.inTheField.predicts + bug.inTheField.oneOf).contains(sign.sign) else { continue }
      let there = simulatedSigns[sign.sign]?.state == .seen
      rows.append(
        Row(
          name: sign.sign.rawValue, field: "seen", simulated: there ? "seen" : "missed", distance: there ? 0 : 1,
          tolerance: 0,
          why: "a sign is there or not"))
    }
    self.rows = rows
    let met = rows.count { $0.isMet }
    outcome = rows.isEmpty || met == 0 ? .not : met == rows.count ? .reproduced : .partly
  }

  /// The figures of one side.
  private struct Figures {
    var run: Double?
    var gap: Double?
    var endless: Double?
    var unseenShare: Double?
    var unseenEach: Double?

    init(_ found: Reconciliation) {
      let longest = found.doubled.max { $0.matches.count < $1.matches.count }
      run = longest.map { Double($0.matches.count) }
      gap = SignComparison.median(longest?.gaps ?? [])
      let sent = found.session.beliefs.filter { $0.sent != nil }
      if !sent.isEmpty { endless = Double(sent.count { $0.state == .unknown }) / Double(sent.count) }
      let entries = found.disagreements.filter { $0.kind == .fillUnseen }
      let inferred = found.inferred.reduce(0) { $0 + $1.count }
      let unseen = inferred + entries.count - found.inferred.count
      if unseen > 0, !sent.isEmpty { unseenShare = Double(unseen) / Double(sent.count) }
      let money = found.unseen.reduce(0) { $0 + $1.amount.doubleValue }
      if unseen > 0, money > 0 { unseenEach = money / Double(unseen) }
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
