public import Checks
public import Trading
public import TradingEngine

/// A bug of the bot's history as an exhibit: its story, its pre-fix parts, and how it is provoked and recognised.
public struct HistoricalBug: Sendable {
  /// How sure history is of the bug.
  public enum Standing: String, Sendable {
    /// The field's files show it.
    case observed
    /// The old code can do it; no file of the field shows that it did.
    case readInCode = "read in the old code, never seen in the field"
    /// A document claims it; the exhibit shows that the mechanism is possible.
    case mechanismExhibit = "mechanism exhibit: claimed, never observed"
  }

  /// One state of the code around the bug.
  public struct Revision: Sendable {
    /// `original`, `fixed`, or the name of an attempt.
    public let id: String
    /// What this code does, in one sentence.
    public let summary: String
    /// Puts this revision's parts in the place of the engine's own.
    public let replace: @Sendable (inout EngineParts) -> Void

    /// A revision as given; `replace` runs before the engine is put together.
    public init(_ id: String, _ summary: String, _ replace: @escaping @Sendable (inout EngineParts) -> Void) {
      self.id = id
      self.summary = summary
      self.replace = replace
    }

    /// The engine's own parts.
    public static func fixed(_ summary: String) -> Revision { Revision("fixed", summary) { _ in } }
  }

  /// Number or name in the bot's own documents, such as `9.1`.
  public let id: String
  /// Further names by which users know it.
  public let aliases: [String]
  /// What is wrong, in a few words.
  public let title: String
  /// How sure history is; a screen says it unless it was observed.
  public let standing: Standing
  /// What happened and why, in a paragraph.
  public let story: String
  /// Facts that support the story, with their sources.
  public let evidence: [String]
  /// What makes the original fail.
  public let provokedBy: Provocation
  /// The original first, the fixed last, attempts between them.
  public let revisions: [Revision]
  /// Names given to `Runtime.landmark` that a schedule must have passed to count.
  public let landmarks: [String]
  /// Name of the check by which the original fails.
  public let signature: String
  /// Whether the signature judges times, which only stall-free schedules can tell.
  public let isTimeSignature: Bool
  /// Checks that the original fails besides, because what they judge follows from the bug.
  public let consequences: [String]
  /// Checks that the fix passes besides; the original may fail them without any fault, each by one of its parts.
  public let promises: [String]
  /// What single original parts do to proofs beyond the rule: a part turns its own bug's proofs red and no other.
  public let effects: [PartEffect]
  /// What a user of the original sees.
  public let fieldSigns: String
  /// What it does to the signs of a session from the field.
  public let inTheField: FieldHypothesis
  /// The field signs as figures of one session, for the first screen.
  public let signs: @Sendable (SessionRecord) -> [(name: String, value: Int)]
  /// The proof scenario of a scenario seed: a pure function of it.
  public let scenario: @Sendable (UInt64) -> Scenario

  /// A bug as given; ids, checks and landmarks are not looked up here.
  public init(
    id: String, aliases: [String] = [], title: String, standing: Standing, story: String, evidence: [String],
    provokedBy: Provocation, revisions: [Revision], landmarks: [LandmarkName], signature: CheckName,
    isTimeSignature: Bool = false, consequences: [CheckName] = [], promises: [CheckName] = [],
    effects: [PartEffect] = [],
    fieldSigns: String, inTheField: FieldHypothesis,
    signs: @escaping @Sendable (SessionRecord) -> [(name: String, value: Int)] = { _ in [] },
    scenario: @escaping @Sendable (UInt64) -> Scenario
  ) {
    self.id = id
    self.aliases = aliases
    self.title = title
    self.standing = standing
    self.story = story
    self.evidence = evidence
    self.provokedBy = provokedBy
    self.revisions = revisions
    self.landmarks = landmarks.map(\.rawValue)
    self.signature = signature.rawValue
    self.isTimeSignature = isTimeSignature
    self.consequences = consequences.map(\.rawValue)
    self.promises = promises.map(\.rawValue)
    self.effects = effects
    self.fieldSigns = fieldSigns
    self.inTheField = inTheField
    self.signs = signs
    self.scenario = scenario
  }

  /// The revision of that id; nil when the bug has none.
  public func revision(_ id: String) -> Revision? { revisions.first { $0.id == id } }

  /// Names of the engine parts that the original replaces; empty for a bug without an original.
  public var originalParts: [String] {
    var parts = EngineParts()
    revision("original")?.replace(&parts)
    return parts.replaced
  }

  /// Whether threads of the original stand still, which a live run shows within seconds.
  public var standsStill: Bool {
    [
      CheckName.noDeadlock.rawValue, CheckName.noStuckWait.rawValue, CheckName.loggingBounded.rawValue,
      CheckName.exchangeCallsBounded.rawValue, CheckName.shutdownBounded.rawValue,
    ].contains(
      signature)
  }
}
