import Basics
import FaultInjection
import Trading

/// Reads a map that a person wrote (TOML).
public enum FieldMapFile {
  private static let keys = ["schema", "name", "broken_max_percent", "source"]
  private static let sourceKeys = [
    "preset", "side", "files", "format", "event", "kinds", "always", "fields", "time_format", "zone", "decimal",
    "fills",
    "own_calls", "units",
  ]
  /// Fields that are amounts.
  private static let amounts: [FieldMap.Field] = [
    .amount, .price, .filled, .cost, .average, .fee, .free, .locked,
  ]
  private static let timeUnits: [(name: String, nanoseconds: Int64)] = [
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]

  /// The map of a document.
  ///
  /// - Throws: `SourceError` with the place of the first mistake; also for names that no map has.
  public static func read(_ bytes: [UInt8], file: String) throws(SourceError) -> FieldMap {
    let document = try TOMLDocument(parsing: bytes, file: file)
    let root = try TOMLFields(document, document.root, "a map", keys)
    guard let schema = root["schema"], schema.integer == 1 else {
      throw document.source.error(at: 0, "'schema = 1' is needed: the form of this file")
    }
    guard let list = root["source"], let elements = list.array, !elements.isEmpty else {
      throw document.source.error(at: 0, "a map has at least one [[source]]")
    }
    var map = FieldMap(
      name: try root["name"].map { value throws(SourceError) in try root.text(value, "name") } ?? file, sources: [])
    if let share = root["broken_max_percent"] { map.brokenMax = try percent(share, document) }
    for element in elements {
      guard let table = element.table else {
        throw document.error(at: element, "'source' is an array of tables: [[source]]")
      }
      map.sources.append(
        try source(TOMLFields(document, table, "a source", sourceKeys, at: element.offset), map.sources.count))
    }
    return map
  }

  private static func percent(_ value: TOMLValue, _ document: TOMLDocument) throws(SourceError) -> Double {
    let number: Double? = if case .float(let f) = value.kind { f } else { value.integer.map { Double($0) } }
    guard let number, number >= 0, number <= 100 else {
      throw document.error(at: value, "'broken_max_percent' is a number from 0 to 100")
    }
    return number
  }

  private static func source(_ table: TOMLFields, _ index: Int) throws(SourceError) -> FieldMap.Source {
    var source = FieldMap.Source()
    source.name = "source \(index + 1)"
    if let value = table["preset"] {
      let name = try table.text(value, "preset")
      guard let preset = FieldMap.presets.first(where: { $0.name == name }) else {
        let names = FieldMap.presets.map(\.name)
        throw table.document.error(
          at: value, "no preset is called '\(name)'; there are \(names.joined(separator: ", "))",
          meant: Suggestion.closest(to: name, in: names))
      }
      source = preset
      source.files = []
    }
    if let value = table["side"] { source.side = try table.word(value, "side") }
    if let value = table["format"] { source.format = try table.word(value, "format") }
    if let value = table["always"] { source.always = try table.word(value, "always") }
    if let value = table["files"] { source.files = try table.texts(value, "files") }
    if let value = table["event"] { source.event = try table.texts(value, "event") }
    if let value = table["kinds"] { source.kinds = try kinds(value, table) }
    if let value = table["fields"] { try fields(value, table, &source) }
    if let value = table["units"] { source.units = try amountUnits(value, table) }
    if let value = table["own_calls"] {
      guard let flag = value.boolean else { throw table.document.error(at: value, "'own_calls' is true or false") }
      source.isOwnCalls = flag
    }
    try forms(table, &source)
    let lacks: (String) -> SourceError = { table.document.source.error(at: table.offset, "a source lacks '\($0)'") }
    if source.files.isEmpty { throw lacks("files") }
    if source.fields[.time] == nil { throw lacks("fields.time") }
    if source.event.isEmpty, source.always == nil {
      throw table.document.source.error(
        at: table.offset, "a source says with 'event' and 'kinds', or with 'always', what its lines are")
    }
    if source.format == .csv { source.fields = source.fields.mapValues { $0.map(CSVWalk.plain) } }
    return source
  }

  private static func kinds(_ value: TOMLValue, _ table: TOMLFields) throws(SourceError) -> [(
    event: String, kind: FieldMap.Kind
  )] {
    guard let named = value.table else {
      throw table.document.error(at: value, "'kinds' is a table: kind = [\"event\", ...]")
    }
    let known = FieldMap.Kind.allCases.map(\.rawValue)
    var kinds: [(event: String, kind: FieldMap.Kind)] = []
    for entry in named.entries {
      guard let kind = FieldMap.Kind(rawValue: entry.key) else {
        throw table.document.error(
          at: entry, "no kind is called '\(entry.key)'; there are \(known.joined(separator: ", "))",
          meant: Suggestion.closest(to: entry.key, in: known))
      }
      for event in try table.texts(entry.value, entry.key) { kinds.append((event, kind)) }
    }
    return kinds
  }

  private static func fields(_ value: TOMLValue, _ table: TOMLFields, _ source: inout FieldMap.Source)
    throws(SourceError)
  {
    guard let named = value.table else {
      throw table.document.error(at: value, "'fields' is a table: field = \"path\"")
    }
    let known = FieldMap.Field.allCases.map(\.rawValue)
    for entry in named.entries {
      guard let field = FieldMap.Field(rawValue: entry.key) else {
        throw table.document.error(
          at: entry, "no field is called '\(entry.key)'; there are \(known.joined(separator: ", "))",
          meant: Suggestion.closest(to: entry.key, in: known))
      }
      source.fields[field] = try table.texts(entry.value, entry.key)
    }
  }

  /// What one of a field's numbers is: `cost = "0.01"` where the source counts in cents.
  private static func amountUnits(
    _ value: TOMLValue, _ table: TOMLFields
  ) throws(SourceError) -> [FieldMap.Field: Decimal] {
    guard let named = value.table else {
      throw table.document.error(at: value, "'units' is a table: field = \"0.01\"")
    }
    let known = amounts.map(\.rawValue)
    var units: [FieldMap.Field: Decimal] = [:]
    for entry in named.entries {
      guard let field = amounts.first(where: { $0.rawValue == entry.key }) else {
        throw table.document.error(
          at: entry, "'\(entry.key)' has no unit; \(known.joined(separator: ", ")) have",
          meant: Suggestion.closest(to: entry.key, in: known))
      }
      guard let unit = Decimal(try table.text(entry.value, entry.key)), unit.isPositive else {
        throw table.document.error(at: entry.value, "'\(entry.key)' is a number above zero in quotes, such as \"0.01\"")
      }
      units[field] = unit
    }
    return units
  }

  /// Times, zone, decimal sign and the meaning of fills.
  private static func forms(_ table: TOMLFields, _ source: inout FieldMap.Source) throws(SourceError) {
    if let value = table["time_format"] {
      let text = try table.text(value, "time_format")
      if let unit = timeUnits.first(where: { $0.name == text }) {
        source.timeUnit = unit.nanoseconds
      } else if text.contains("Y"), text.contains("D") {
        source.timePattern = text
      } else {
        throw table.document.error(at: value, "'time_format' is s, ms, us, ns or a pattern such as YYYY-MM-DD HH:mm:ss")
      }
    }
    if let value = table["zone"] {
      let text = try table.text(value, "zone")
      guard let zone = FieldTime.zone(named: text) else {
        throw table.document.error(at: value, "'zone' is UTC or an offset such as +08:00, not '\(text)'")
      }
      source.zone = zone
    }
    if let value = table["decimal"] {
      let text = try table.text(value, "decimal")
      guard text == "." || text == "," else { throw table.document.error(at: value, "'decimal' is \".\" or \",\"") }
      source.isDecimalComma = text == ","
    }
    if let value = table["fills"] {
      let text = try table.text(value, "fills")
      guard text == "each" || text == "cumulative" else {
        throw table.document.error(at: value, "'fills' is \"each\" or \"cumulative\": what one line of a fill says")
      }
      source.isCumulative = text == "cumulative"
    }
  }
}

extension TOMLFields {
  fileprivate func texts(_ value: TOMLValue, _ key: String) throws(SourceError) -> [String] {
    if value.string != nil { return [try text(value, key)] }
    guard let values = value.array, !values.isEmpty else {
      throw document.error(at: value, "'\(key)' is text in quotes or an array of texts")
    }
    var texts: [String] = []
    for value in values { texts.append(try text(value, key)) }
    return texts
  }

  fileprivate func word<W: RawRepresentable & CaseIterable>(
    _ value: TOMLValue, _ key: String
  ) throws(SourceError) -> W where W.RawValue == String {
    let text = try text(value, key)
    if let word = W(rawValue: text) { return word }
    let known = W.allCases.map(\.rawValue)
    throw document.error(
      at: value, "'\(key)' is one of \(known.joined(separator: ", ")), not '\(text)'",
      meant: Suggestion.closest(to: text, in: known))
  }
}
