/// What an original part, put back alone into the fixed engine, does to the proof of a bug.
///
/// The rule needs no entry: a part turns the proofs of its own bug red and leaves all others green. An entry stands in the
/// file of either bug; it says where history differs, and why.
public struct PartEffect: Sendable {
  /// What becomes of the proof.
  public enum Colour: String, Sendable {
    /// Its fixed arms fail.
    case red
    /// It stays as it is.
    case green
    /// Some schedules fail and some hold: neither is a surprise.
    case either
  }

  /// Bug and part, such as `9.2/bus`, or the bug alone for its whole original.
  public let part: String
  /// The bug whose proofs are meant, or one of them, such as `9.2-residue/dropped-fills`.
  public let proof: String
  /// What the part does to the proof.
  public let colour: Colour
  /// The mechanism, in one sentence.
  public let why: String

  /// An exception to the rule.
  public init(_ part: String, turns proof: String, _ colour: Colour, why: String) {
    self.part = part
    self.proof = proof
    self.colour = colour
    self.why = why
  }

  /// What history says of a part (nil: the whole original) of `bug` and the proof of `proof` under a fault (nil: under
  /// its condition).
  public static func expected(
    of bug: HistoricalBug, part: String?, on proof: HistoricalBug, under fault: String?
  ) -> PartEffect {
    let name = part.map { "\(bug.id)/\($0)" } ?? bug.id
    let entries = AllBugs.all.flatMap(\.effects)
    let proofs = [fault.map { "\(proof.id)/\($0)" }, proof.id].compactMap { $0 }
    for wanted in proofs {
      if let found = entries.first(where: { $0.part == name && $0.proof == wanted }) { return found }
    }
    if proof.id == bug.id { return PartEffect(name, turns: proof.id, .red, why: "a part of the bug itself") }
    // The whole original may do whatever one of its parts does.
    if part == nil,
      entries.contains(where: { $0.part.hasPrefix("\(bug.id)/") && proofs.contains($0.proof) && $0.colour != .green })
    {
      return PartEffect(name, turns: proof.id, .either, why: "one of its parts does")
    }
    return PartEffect(name, turns: proof.id, .green, why: "another bug")
  }
}
