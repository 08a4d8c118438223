/// What a catalogue says of a site: its name, the selector keys of a hit in order, and the actions that it understands.
public struct SiteDefinition: Sendable, Equatable {
  public let name: String
  public let keys: [String]
  public let actions: [FaultActionKind]
  /// Words that `return` may carry, besides numbers; empty: the site looks at them itself.
  public let codes: [String]
  /// What `replace` may be told, as `field=value`.
  public let fields: [String]
  /// What is known of the keys' values.
  public let values: [String: SiteKeyValues]
  /// One sentence for `chaos list --sites`.
  public let summary: String

  public init(
    name: String, keys: [String], actions: [FaultActionKind], codes: [String] = [], fields: [String] = [],
    values: [String: SiteKeyValues] = [:], summary: String
  ) {
    precondition(values.keys.allSatisfy { keys.contains($0) }, "values of a key that site '\(name)' does not have")
    self.name = name
    self.keys = keys
    self.actions = actions
    self.codes = codes
    self.fields = fields
    self.values = values
    self.summary = summary
  }

  /// What is known of a key's values.
  public func values(of key: String) -> SiteKeyValues { values[key] ?? .any }

  func accepts(_ code: String) -> Bool { codes.isEmpty || codes.contains(code) || Int32(code) != nil }
}

/// The value of one selector key at a hit.
public struct SiteValue: Sendable {
  public let text: String

  public init(_ text: String) { self.text = text }
  public init(_ number: Int) { text = String(number) }
  /// The shortest text that reads back as this number.
  public init(_ number: Double) { text = "\(number)" }

  public var number: Double? { Double(text) }
}
