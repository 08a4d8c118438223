import Basics

/// The guide's troubleshooting, applied to one session: the entries whose symptom the session shows, each with the causes
/// that its files support. Before them stands a stack dump, after them every check that is not clean and that no entry
/// speaks of, so that it is empty only of a session that is clean.
///
/// Every cause is a pure function from the record; it speaks only where a line supports it.
public struct Diagnosis: Sendable, Equatable {
  /// A line that supports a cause.
  public struct Evidence: Sendable, Equatable {
    /// `file:line` in the session directory; empty where a check's evidence has no one line.
    public var place: String
    /// The line, or the figure that it comes down to.
    public var text: String
  }

  /// A cause that the evidence supports.
  public struct Cause: Sendable, Equatable {
    /// Its name in JSON, such as `spread-guard`.
    public var id: String
    /// The cause in one sentence with its figures, for people.
    public var says: String
    /// Orders, intents or events that it explains: causes of an entry stand in this order, the largest first.
    public var weight: Int
    /// At most `evidenceMax`; empty only where a check says everything in its reason.
    public var evidence: [Evidence]
    /// What to do, in this project's names.
    public var next: String
  }

  /// One of the guide's entries by its literal name, a stack dump, or a check.
  public struct Entry: Sendable, Equatable {
    /// The guide's heading word for word, or the name of the check.
    public var name: String
    /// What the session shows, with figures.
    public var symptom: String
    /// Empty: the symptom is there, and no line tells why.
    public var causes: [Cause]
  }

  /// Lines that are shown of one cause.
  static let evidenceMax = 3

  /// The dump that the session left; nil without one.
  public var dump: Entry?
  /// The guide's entries, in its order.
  public var entries: [Entry] = []
  /// Red checks without an entry of the guide, then what is inconclusive.
  public var checks: [Entry] = []
  /// The exit code of the session's report.
  public let reportCode: Int32
  /// Whether the session has no end, so that everything said of it is said so far.
  public let isUnfinished: Bool

  /// All entries, as they are read.
  public var all: [Entry] { (dump.map { [$0] } ?? []) + entries + checks }

  /// What `doctor` exits with: as the report does, and with 1 where only the guide's entries have hints.
  public var exitCode: Int32 {
    if reportCode == 4 || reportCode == 1 || isUnfinished { return reportCode }
    return entries.isEmpty ? reportCode : 1
  }

  /// Diagnoses a session; `directory` is named in commands.
  public init(_ record: SessionRecord, directory: String? = nil) {
    let verdicts = Check.judge(record)
    let report = PaperReport(record, directory: directory, verdicts: verdicts)
    reportCode = report.exitCode
    isUnfinished = record.run.isUnfinished
    dump = Self.dump(record, directory)
    for symptom in Self.symptoms {
      guard let says = symptom.sign(record) else { continue }
      let causes = symptom.causes.compactMap { $0(record) }
      let order = causes.indices.sorted { (-causes[$0].weight, $0) < (-causes[$1].weight, $1) }
      entries.append(Entry(name: symptom.name, symptom: says, causes: order.map { causes[$0] }))
    }
    checks = Self.red(record, verdicts, before: all, directory)
    if let open = Self.inconclusive(record, report) { checks.append(open) }
  }
}

extension Diagnosis {
  typealias Reader = @Sendable (SessionRecord) -> Cause?

  /// An entry of the guide: when it applies, and its possible causes; of equal weight the first stands first.
  struct Symptom: Sendable {
    var name: String
    /// The symptom in the session's figures; nil: not there.
    var sign: @Sendable (SessionRecord) -> String?
    var causes: [Reader]
  }

  /// The one list.
  static let symptoms: [Symptom] = [
    noFills, staleIntents, silentFailures, prometheusMissing, statsDMissing, exportMissing,
  ]

  /// The guide's names, in its order.
  public static let names: [String] = symptoms.map(\.name)
}

extension Diagnosis {
  /// The entries, for `--json`.
  public var json: JSON { .array(all.map(\.json)) }
}

extension Diagnosis.Entry {
  /// For `--json`.
  public var json: JSON {
    .object([
      ("name", .string(name)), ("symptom", .string(symptom)), ("causes", .array(causes.map(\.json))),
    ])
  }
}

extension Diagnosis.Cause {
  fileprivate var json: JSON {
    .object([
      ("id", .string(id)), ("says", .string(says)), ("weight", .int(weight)),
      (
        "evidence",
        .array(evidence.map { .object([("place", .string($0.place)), ("text", .string($0.text))]) })
      ), ("next", .string(next)),
    ])
  }
}
