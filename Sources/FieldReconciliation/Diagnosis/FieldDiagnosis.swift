public import HistoricalBugs

/// What explains a session: every bug of the catalogue, mechanisms outside of it, and the causes that `chaos doctor` knows, by the
/// signs that the files show.
public struct FieldDiagnosis: Sendable {
  /// Who knows of an explanation.
  public enum Origin: String, Sendable {
    /// The catalogue of bugs; what was read of other bugs; `chaos doctor`.
    case catalogue, known, doctor
  }

  /// One explanation.
  public struct Hypothesis: Sendable {
    /// The bug's id, or a name outside the catalogue.
    public var id: String
    /// Further names of it.
    public var aliases: [String]
    /// What is wrong, in a few words.
    public var title: String
    /// Who knows of it.
    public var origin: Origin
    /// What it does to the signs.
    public var field: FieldHypothesis

    /// Whether the catalogue has it, with a proof of its fix.
    public var isInCatalogue: Bool { origin == .catalogue }

    /// With its aliases: `FILL-3 (DUP-1)`.
    public var name: String { aliases.isEmpty ? id : "\(id) (\(aliases.joined(separator: ", ")))" }
  }

  /// One hypothesis with its signs.
  public struct Ranked: Sendable {
    /// Which one.
    public var hypothesis: Hypothesis
    /// Positive: the signs speak for it.
    public var score: Double
    /// From 1; equal scores share the better rank.
    public var rank: Int
    /// Signs that it predicts, by how they stand; and forbidden ones that are there.
    public var seen: [SignReading]
    /// Predicted, and not there.
    public var missed: [SignReading]
    /// Predicted, and no file would show it.
    public var notObservable: [SignReading]
    /// Not needed, and a file that is missing would tell: it would decide between this one and others.
    public var wouldDecide: [SignReading]
    /// Forbidden, and there.
    public var against: [SignReading]
    /// Whether it is named: it explains a sign that those before it do not.
    public var isNamed = false
  }

  /// Every sign.
  public let signs: [SignReading]
  /// Every hypothesis, the best first.
  public let ranked: [Ranked]

  /// Those that are named, the best first.
  public var named: [Ranked] { ranked.filter(\.isNamed) }
  /// Signs that no named hypothesis explains.
  public let unexplained: [SignReading]
  /// Whether the best ones cannot be told apart.
  public var isTied: Bool {
    named.count { $0.rank == 1 && $0.seen.map(\.sign) == named.first?.seen.map(\.sign) } > 1
  }

  /// Reads the signs of a session and ranks every hypothesis.
  public init(_ found: Reconciliation) {
    self.init(SignReader.readings(found), Self.hypotheses)
  }

  init(_ signs: [SignReading], _ hypotheses: [Hypothesis]) {
    self.signs = signs
    let bySign = Dictionary(uniqueKeysWithValues: signs.map { ($0.sign, $0) })
    let weights = Self.weights(hypotheses)
    var all = hypotheses.map { hypothesis in
      let predicted = (hypothesis.field.predicts + Self.chosen(hypothesis.field.oneOf, bySign)).compactMap {
        bySign[$0]
      }
      var entry = Ranked(
        hypothesis: hypothesis, score: 0, rank: 0, seen: predicted.filter { $0.state == .seen },
        missed: predicted.filter { $0.state == .missed },
        notObservable: predicted.filter { $0.state == .notObservable },
        wouldDecide: hypothesis.field.oneOf.compactMap { bySign[$0] }.filter { reading in
          reading.state == .notObservable && !predicted.contains { $0.sign == reading.sign }
        },
        against: hypothesis.field.forbids.compactMap { bySign[$0] }.filter { $0.state == .seen })
      func sum(_ signs: [SignReading]) -> Double { signs.reduce(0) { $0 + (weights[$1.sign] ?? 1) } }
      entry.score = sum(entry.seen) - sum(entry.missed) - 2 * sum(entry.against)
      return entry
    }
    // Of equal scores the one stands first that explains more.
    let seen = Set(signs.filter { $0.state == .seen }.map(\.sign))
    func explains(_ entry: Ranked) -> Int {
      entry.seen.count + entry.hypothesis.field.allows.count { seen.contains($0) }
    }
    all.sort { ($0.score, explains($0), $1.hypothesis.id) > ($1.score, explains($1), $0.hypothesis.id) }
    for index in all.indices {
      all[index].rank = index > 0 && all[index].score == all[index - 1].score ? all[index - 1].rank : index + 1
    }
    (ranked, unexplained) = Self.naming(all, signs, weights)
  }

  /// Of alternatives those that are there; else one that a missing file would show, else any.
  private static func chosen(_ signs: [FieldSign], _ readings: [FieldSign: SignReading]) -> [FieldSign] {
    let seen = signs.filter { readings[$0]?.state == .seen }
    if !seen.isEmpty { return seen }
    return [signs.first { readings[$0]?.state == .notObservable } ?? signs.first].compactMap { $0 }
  }

  /// A sign weighs more the fewer hypotheses predict it. What only surroundings bring with them weighs little: a bug that shows
  /// stands before the circumstances in which it does.
  private static func weights(_ hypotheses: [Hypothesis]) -> [FieldSign: Double] {
    var counts: [FieldSign: Int] = [:]
    var circumstances: Set<FieldSign> = []
    for hypothesis in hypotheses {
      for sign in hypothesis.field.predicts + hypothesis.field.oneOf {
        if hypothesis.origin == .doctor {
          if counts[sign] == nil { circumstances.insert(sign) }
        } else {
          circumstances.remove(sign)
          counts[sign, default: 0] += 1
        }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: Set(counts.keys).union(circumstances).map { sign in
        (sign, circumstances.contains(sign) ? 0.25 : 2 / Double(max(1, counts[sign] ?? 1)))
      })
  }

  /// The best one is named, and each next one that explains a sign that no better one explains. Equals are named together.
  /// What many predict tells little: a name needs a sign of its own or of two, or all that it predicts.
  private static func naming(
    _ all: [Ranked], _ signs: [SignReading], _ weights: [FieldSign: Double]
  ) -> ([Ranked], [SignReading]) {
    var all = all
    var explained: Set<FieldSign> = []
    for index in all.indices where all[index].score > 0 && all[index].against.isEmpty {
      let fresh = all[index].seen.filter { !explained.contains($0.sign) }
      let isTie =
        index > 0 && all[index - 1].isNamed && all[index].score == all[index - 1].score
        && all[index].seen.map(\.sign) == all[index - 1].seen.map(\.sign)
      let isWhole = all[index].missed.isEmpty && all[index].notObservable.isEmpty
      guard isWhole || all[index].seen.contains(where: { weights[$0.sign] ?? 0 >= 1 }) else { continue }
      guard !fresh.isEmpty || isTie else { continue }
      all[index].isNamed = true
      explained.formUnion(all[index].seen.map(\.sign))
      explained.formUnion(all[index].hypothesis.field.allows)
      explained.formUnion(explained.flatMap(\.bringsAlong))
    }
    return (all, signs.filter { $0.state == .seen && !explained.contains($0.sign) })
  }
}
