public import Basics

/// What a session is asked to do, complete: run.json keeps it, and a replay starts from it.
public struct PaperInputs: Sendable, Equatable {
  /// Which scenario and which phases; the raw value stands in run.json.
  public enum Kind: String, Sendable {
    /// A paper session: judged by every check; the default scenario with faults from the first second to near the end, or
    /// the scenario and phases of `bug`.
    case paper
    /// A schedule of a proof: baseline, chaos, heal, settle.
    case proof
    /// The session that benchmarks measure.
    case reference
  }

  /// A fault as the user gave it.
  public enum FaultSource: Sendable, Equatable {
    /// A fault file; it is kept with its text, so that a replay does not need the file.
    case file(name: String, text: String)
    /// A fault in the grammar of the command line.
    case oneLine(String)
  }

  /// Which scenario and which phases.
  public var kind: Kind
  /// The bug whose proof scenario is used.
  public var bug: String?
  /// The scene that is played in place of the default market; of no use beside a bug or recorded ticks.
  public var scene: String?
  /// The bug's scenario without the condition that provokes it; no difference where faults do.
  public var isCalm: Bool
  /// Bugs whose revision differs from `fixed`.
  public var revisions: [Revision]
  /// Faults in the order given; no two of them have one id.
  public var faults: [FaultSource]
  /// Settings that differ from their defaults, in the order of application: the last of one name counts.
  public var settings: [Setting]
  /// A folder of tick files; nil: generated data.
  public var market: String?
  /// Virtual (live: real) seconds; nil: the scenario's own.
  public var durationSeconds: Double?
  /// What a shrunk session does without; nothing else sets it.
  public var leftOut = LeftOut()

  /// A bug whose code is another one than the fixed one.
  public struct Revision: Sendable, Equatable {
    /// Id or alias of the bug.
    public var bug: String
    /// `original`, the name of an attempt, or one part of them as `original/PART`.
    public var revision: String

    /// A revision as given; whether it exists is checked when the system is made.
    public init(bug: String, revision: String) {
      self.bug = bug
      self.revision = revision
    }
  }

  /// A setting as the user wrote it.
  public struct Setting: Sendable, Equatable {
    /// Its historical name, such as `TP`.
    public var name: String
    /// Its value as text, in the setting's unit.
    public var value: String

    /// A setting as given; name and range are checked when the system is made.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Inputs as given; nothing is checked before a `PaperSystem` is made of them.
  public init(
    kind: Kind, bug: String? = nil, revisions: [Revision] = [], faults: [FaultSource] = [], settings: [Setting] = [],
    market: String? = nil, durationSeconds: Double? = nil, isCalm: Bool = false, scene: String? = nil
  ) {
    self.kind = kind
    self.bug = bug
    self.scene = scene
    self.isCalm = isCalm
    self.revisions = revisions
    self.faults = faults
    self.settings = settings
    self.market = market
    self.durationSeconds = durationSeconds
  }

  /// Whether market and phases are those of a proof: every order is filled unless a fault or the scenario says otherwise.
  var hasProofScenario: Bool { kind == .proof || bug != nil }

  /// Which market is played, for messages.
  var marketText: String {
    let venue = settings.first { $0.name == "VENUE" }.map { " of \($0.value)" } ?? ""
    if let bug { return "scenario of \(bug)\(venue)" }
    if let scene { return "scene \(scene)\(venue)" }
    return (kind == .paper ? "default market of a paper session" : "default market") + venue
  }

  /// The form that run.json keeps, under `inputs`.
  public var json: JSON {
    let played: [(key: String, value: JSON)] = scene.map { [("scene", .string($0))] } ?? []
    let shrunk: [(key: String, value: JSON)] = leftOut.isNothing ? [] : [("left_out", leftOut.json)]
    return .object(
      [
        ("kind", .string(kind.rawValue)), ("bug", bug.map { .string($0) } ?? .null),
        ("revisions", .object(revisions.map { ($0.bug, .string($0.revision)) })),
        (
          "faults",
          .array(
            faults.map { source in
              switch source {
              case .file(let name, let text): .object([("name", .string(name)), ("text", .string(text))])
              case .oneLine(let text): .object([("one_line", .string(text))])
              }
            })
        ),
        ("settings", .object(settings.map { ($0.name, .string($0.value)) })),
        ("calm", .bool(isCalm)), ("market", market.map { .string($0) } ?? .null),
        ("duration_s", durationSeconds.map { .double($0) } ?? .null),
      ] + played + shrunk)
  }

  /// Seconds that a session may last.
  static let seconds = 1.0...86_400

  /// Reads what `json` writes; a member of another type, or beyond its range, is an error with its key.
  public init(_ value: InputValue) throws(InputError) {
    let word = try value.required("kind")
    guard let kind = Kind(rawValue: try word.text()) else { throw word.expected("paper, proof or reference") }
    self.init(kind: kind, bug: try value["bug"]?.text())
    for (bug, revision) in try value["revisions"]?.members(max: 100) ?? [] {
      revisions.append(Revision(bug: bug, revision: try revision.text()))
    }
    for item in try value["faults"]?.items(max: 100) ?? [] {
      if let line = try item["one_line"]?.text() {
        faults.append(.oneLine(line))
      } else {
        let text = try item.required("text").text(max: InputFile.Kind.toml.bytesMax)
        faults.append(.file(name: try item.required("name").text(), text: text))
      }
    }
    for (name, value) in try value["settings"]?.members(max: 1000) ?? [] {
      settings.append(Setting(name: name, value: try value.text()))
    }
    market = try value["market"]?.text()
    durationSeconds = try value["duration_s"]?.number(in: Self.seconds)
    isCalm = try value["calm"]?.flag() ?? false
    scene = try value["scene"]?.text()
    leftOut = try value["left_out"].map { value throws(InputError) in try LeftOut(value) } ?? LeftOut()
  }

  /// Nil when a member is missing or of another type.
  public init?(json: JSON) {
    do throws(InputError) { try self.init(InputValue(json, file: "inputs")) } catch { return nil }
  }
}
