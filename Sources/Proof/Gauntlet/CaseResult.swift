public import Basics
public import Exploration

/// What became of one case of a gauntlet; it crosses the pipe from worker to parent as one line of JSON.
public struct CaseResult: Sendable, Equatable {
  /// A part of a case that a report shows on its own: an arm of a proof, one proof under a mutation, a batch of seeds.
  public struct Arm: Sendable, Equatable {
    /// What a report calls the part.
    public var name: String
    /// How the part ended.
    public var outcome: CaseOutcome
    /// Why it did not pass, or what it showed; one line.
    public var text: String

    /// A part as given.
    public init(_ name: String, _ outcome: CaseOutcome, _ text: String) {
      self.name = name
      self.outcome = outcome
      self.text = text
    }
  }

  /// The case's id, `group/subject`.
  public var id: String
  /// The parts, in the order of the report.
  public var arms: [Arm]
  /// Numbers for tables, in a fixed order; nil: none was found.
  public var figures: [(name: String, value: Double?)]
  /// What the case showed, in a few words, for tables; empty: nothing beyond its outcome.
  public var note = ""
  /// Simulated schedules and live runs.
  public var schedules: Int
  /// What its searches left out.
  public var cuts = SearchCuts()
  /// Wall and processor seconds that the case took.
  public var seconds = 0.0
  /// Processor seconds that the case took.
  public var cpuSeconds = 0.0
  /// Most memory that the process of the case had held when the case ended; a worker runs several cases. 0: not measured.
  public var peakMemoryBytes = 0
  /// Directory of the run that made the case red, for `chaos replay` and `chaos shrink`; nil: none was kept.
  public var directory: String?
  /// All there is to know, for the JSON report.
  public var details: JSON

  /// A result; times, memory and directory are set by whoever ran it.
  public init(
    id: String, arms: [Arm], figures: [(name: String, value: Double?)] = [], schedules: Int = 0, details: JSON = .null
  ) {
    self.id = id
    self.arms = arms
    self.figures = figures
    self.schedules = schedules
    self.details = details
  }

  /// A case of one arm.
  public init(id: String, _ outcome: CaseOutcome, _ text: String) {
    self.init(id: id, arms: [Arm("case", outcome, text)])
  }

  /// A case without arms showed nothing.
  public var outcome: CaseOutcome { arms.isEmpty ? .inconclusive : .worst(arms.map(\.outcome)) }

  /// The first arm of the worst outcome.
  public var worstArm: Arm? { arms.first { $0.outcome == outcome } }

  /// A figure by name; nil when there is none, or when it has no value.
  public subscript(figure name: String) -> Double? { figures.first { $0.name == name }?.value }

  /// Equal when their JSON is, which is what crosses the pipe.
  public static func == (a: CaseResult, b: CaseResult) -> Bool { a.json == b.json }
}

extension CaseResult {
  /// The line that crosses the pipe, and the case's object in the JSON report.
  public var json: JSON {
    .object([
      ("id", .string(id)), ("outcome", .string(outcome.rawValue)),
      (
        "arms",
        .array(
          arms.map {
            .object([
              ("name", .string($0.name)), ("outcome", .string($0.outcome.rawValue)), ("text", .string($0.text)),
            ])
          })
      ),
      ("figures", .object(figures.map { ($0.name, $0.value.map { .double($0, places: 4) } ?? .null) })),
      ("note", .string(note)), ("schedules", .int(schedules)), ("seconds", .double(seconds)),
      ("cpu_seconds", .double(cpuSeconds)), ("peak_memory_bytes", .int(peakMemoryBytes)),
      ("cuts", .object([("hand_offs", .int(cuts.handOffs)), ("recordings", .int(cuts.recordings))])),
      ("directory", directory.map { .string($0) } ?? .null),
      ("details", details),
    ])
  }

  /// Nil when a member is missing, of another type, or beyond its range.
  public init?(json: JSON) {
    do throws(InputError) { try self.init(InputValue(json, file: "case")) } catch { return nil }
  }

  /// Reads what `json` writes; anything else is an error with its key.
  public init(_ value: InputValue) throws(InputError) {
    let seconds = 0.0...1e12
    self.init(
      id: try value.required("id").text(), arms: [],
      schedules: try value.required("schedules").integer(in: 0...1_000_000_000_000),
      details: value.json["details"] ?? .null)
    for arm in try value.required("arms").items() {
      let word = try arm.required("outcome")
      guard let outcome = CaseOutcome(rawValue: try word.text()) else {
        throw word.expected("one of \(CaseOutcome.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      arms.append(Arm(try arm.required("name").text(), outcome, try arm.required("text").text(max: 1 << 20)))
    }
    for (name, figure) in try value.required("figures").members() {
      let isNull = figure.json == .null
      figures.append((name, isNull ? nil : try figure.number(in: -1e14...1e14)))
    }
    if let cuts = value["cuts"] {
      let counts = 0...1_000_000_000_000
      self.cuts = SearchCuts(
        handOffs: try cuts.required("hand_offs").integer(in: counts),
        recordings: try cuts.required("recordings").integer(in: counts))
    }
    note = try value["note"]?.text() ?? ""
    directory = try value["directory"]?.text()
    self.seconds = try value.required("seconds").number(in: seconds)
    cpuSeconds = try value.required("cpu_seconds").number(in: seconds)
    peakMemoryBytes = try value["peak_memory_bytes"]?.integer(in: 0...1_000_000_000_000_000) ?? 0
  }
}
