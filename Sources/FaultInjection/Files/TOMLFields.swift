package import Basics

/// One table whose keys are known: whatever else stands in it is a mistake.
package struct TOMLFields {
  /// The file.
  package let document: TOMLDocument
  let table: TOMLTable
  /// What the table is, for messages.
  let name: String
  /// Where something missing is reported.
  package let offset: Int

  /// Throws at the first key that is not `known`.
  package init(
    _ document: TOMLDocument, _ table: TOMLTable, _ name: String, _ known: [String], at offset: Int = 0
  ) throws(SourceError) {
    self.document = document
    self.table = table
    self.name = name
    self.offset = offset
    for entry in table.entries where !known.contains(entry.key) {
      throw document.error(
        at: entry, "\(name) has no key '\(entry.key)'; its keys are \(known.joined(separator: ", "))",
        meant: Suggestion.closest(to: entry.key, in: known))
    }
  }

  /// The value of a key; nil where it is missing.
  package subscript(key: String) -> TOMLValue? { table[key] }

  func required(_ key: String) throws(SourceError) -> TOMLValue {
    guard let value = table[key] else { throw document.source.error(at: offset, "\(name) lacks '\(key)'") }
    return value
  }

  /// The text of a value, which is not empty; throws where it is anything else.
  package func text(_ value: TOMLValue, _ key: String) throws(SourceError) -> String {
    guard let text = value.string else { throw mistyped(value, key, "text in quotes") }
    guard !text.isEmpty else { throw document.error(at: value, "'\(key)' is empty") }
    return text
  }

  func values(_ key: String) throws(SourceError) -> [TOMLValue] {
    guard let value = table[key] else { return [] }
    guard let values = value.array else { throw mistyped(value, key, "an array of texts") }
    return values
  }

  func texts(_ key: String) throws(SourceError) -> [String] {
    var texts: [String] = []
    for value in try values(key) { texts.append(try text(value, key)) }
    return texts
  }

  func count(_ key: String, min: Int) throws(SourceError) -> Int? {
    guard let value = table[key] else { return nil }
    guard let number = value.integer, number >= min, number <= Fault.countMax else {
      throw mistyped(value, key, "a whole number from \(min) to \(Fault.countMax)")
    }
    return Int(number)
  }

  func mistyped(_ value: TOMLValue, _ key: String, _ expected: String) -> SourceError {
    let found =
      switch value.kind {
      case .integer(let number): "\(number)"
      default: value.kindName
      }
    return document.error(at: value, "'\(key)' is \(expected), not \(found)")
  }

  /// Reads all of a text with the small grammar; its mistakes are shown inside the text.
  func read<R>(
    _ value: TOMLValue, _ key: String, _ body: (inout GrammarReader) throws(GrammarError) -> R
  ) throws(SourceError) -> R {
    let text = try text(value, key)
    var reader = GrammarReader(text)
    do throws(GrammarError) {
      let result = try body(&reader)
      reader.skipBlanks()
      if reader.isAtEnd { return result }
      throw reader.error("'\(key)' ends here; the rest is not understood")
    } catch {
      throw document.source.error(at: place(of: error.offset, text, value), error.message, meant: error.meant)
    }
  }

  func place(of word: String, in value: TOMLValue) -> Int {
    guard let text = value.string else { return value.offset }
    let wanted = Array(word.utf8)
    let bytes = Array(text.utf8)
    for i in bytes.indices where bytes[i...].starts(with: wanted) { return place(of: i, text, value) }
    return value.offset
  }

  /// Behind the opening quote, unless escapes or several lines move the bytes.
  private func place(of index: Int, _ text: String, _ value: TOMLValue) -> Int {
    let start = value.offset + 1
    return document.source.bytes[start...].starts(with: text.utf8) ? start + index : value.offset
  }
}
