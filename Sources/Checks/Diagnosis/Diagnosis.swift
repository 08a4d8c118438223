import ChaosRuntime

/// The guide's troubleshooting, applied to one session: the entries whose symptom the session shows, each with the causes
/// that its files support.
///
/// Every cause is a pure function from the record; it speaks only where a line supports it.
public struct Diagnosis: Sendable, Equatable {
  /// A line that supports a cause.
  public struct Evidence: Sendable, Equatable {
    /// `file:line` in the session directory.
    public var place: String
    public var text: String
  }

  /// A cause that the evidence supports.
  public struct Cause: Sendable, Equatable {
    /// Its name in JSON, such as `spread-guard`.
    public var id: String
    public var says: String
    /// Orders, intents or events that it explains: causes of an entry stand in this order, the largest first.
    public var weight: Int
    /// Never empty, at most `evidenceMax`.
    public var evidence: [Evidence]
    /// What to do, in this project's names.
    public var next: String
  }

  /// One of the guide's entries, by its literal name.
  public struct Entry: Sendable, Equatable {
    public var name: String
    public var symptom: String
    /// Empty: the symptom is there, and no line tells why.
    public var causes: [Cause]
  }

  /// Lines that are shown of one cause.
  static let evidenceMax = 3

  /// In the guide's order.
  public var entries: [Entry] = []

  public init(_ record: SessionRecord) {
    for symptom in Self.symptoms {
      guard let says = symptom.sign(record) else { continue }
      let causes = symptom.causes.compactMap { $0(record) }
      let order = causes.indices.sorted { (-causes[$0].weight, $0) < (-causes[$1].weight, $1) }
      entries.append(Entry(name: symptom.name, symptom: says, causes: order.map { causes[$0] }))
    }
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
  public var json: JSON {
    .array(
      entries.map { entry in
        .object([
          ("name", .string(entry.name)), ("symptom", .string(entry.symptom)),
          ("causes", .array(entry.causes.map(\.json))),
        ])
      })
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
