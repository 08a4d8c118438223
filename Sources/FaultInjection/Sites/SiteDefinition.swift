/// What a catalogue says of a site: its name, the selector keys of a hit in order, and the actions that it understands.
public struct SiteDefinition: Sendable, Equatable {
  /// What fault files call it, such as `exchange.place_order`.
  public let name: String
  /// Selector keys, in the order in which a hit has their values.
  public let keys: [String]
  /// Verbs that a plan may use here.
  public let actions: [FaultActionKind]
  /// Words that `return` may carry, besides numbers; empty: the site looks at them itself.
  public let codes: [String]
  /// What `replace` may be told, as `field=value`.
  public let fields: [String]
  /// States of the run that `when` may ask for.
  public let states: [String]
  /// What is known of the keys' values.
  public let values: [String: SiteKeyValues]
  /// One sentence for `chaos list --sites`.
  public let summary: String

  /// A definition; `values` may speak only of keys that are listed.
  public init(
    name: String, keys: [String], actions: [FaultActionKind], codes: [String] = [], fields: [String] = [],
    states: [String] = [], values: [String: SiteKeyValues] = [:], summary: String
  ) {
    precondition(values.keys.allSatisfy { keys.contains($0) }, "values of a key that site '\(name)' does not have")
    self.name = name
    self.keys = keys
    self.actions = actions
    self.codes = codes
    self.fields = fields
    self.states = states
    self.values = values
    self.summary = summary
  }

  /// The same site where it cannot do all of that: verbs, and what `replace` is told.
  public func without(_ actions: [FaultActionKind], fields: [String]) -> SiteDefinition {
    let fields = self.fields.filter { !fields.contains($0) }
    let actions = self.actions.filter { !actions.contains($0) && ($0 != .replace || !fields.isEmpty) }
    return SiteDefinition(
      name: name, keys: keys, actions: actions, codes: codes, fields: fields, states: states, values: values,
      summary: summary)
  }

  /// The same site in a run whose states `when` may ask for.
  public func with(states: [String]) -> SiteDefinition {
    SiteDefinition(
      name: name, keys: keys, actions: actions, codes: codes, fields: fields, states: states, values: values,
      summary: summary)
  }

  /// Whether an inject's `site` means this one: its name, or its beginning and a `*`.
  func isMeant(by pattern: String) -> Bool {
    pattern.last == "*" ? name.hasPrefix(pattern.dropLast()) : name == pattern
  }

  /// What is known of a key's values.
  public func values(of key: String) -> SiteKeyValues { values[key] ?? .any }

  func accepts(_ code: String) -> Bool { codes.isEmpty || codes.contains(code) || Int32(code) != nil }
}

/// The value of one selector key at a hit.
public struct SiteValue: Sendable {
  /// As fault files and recordings write it.
  public let text: String

  /// A name, an id or a word.
  public init(_ text: String) { self.text = text }
  /// A whole number in decimal digits.
  public init(_ number: Int) { text = String(number) }
  /// The shortest text that reads back as this number.
  public init(_ number: Double) { text = "\(number)" }

  /// The value as a number; nil when it is none.
  public var number: Double? { Double(text) }
}
