import Basics
import Trading

extension Reconciliation {
  /// Entries of one kind that the screen shows; the others are counted. `csv` has all.
  private static let shownMax = 6
  /// Places of one entry that the screen shows.
  private static let placesMax = 3
  static let width = 80

  /// For people, in 80 columns; evidence stands on lines of its own and may be longer.
  public func text(with diagnosis: FieldDiagnosis?) -> String {
    var out = head
    out += "\n                        log     venue\n"
    for row in rows {
      let bound = row.bound == .atLeast ? "at least " : row.bound == .atMost ? "at most " : ""
      out += "  \(Self.pad(row.name, 16))\(Self.left("\(row.log)", 9))\(Self.left("\(row.venue)", 10))"
      out += bound.isEmpty ? "\n" : "   (\(bound)\(row.venue))\n"
    }
    out += disagreementText
    let timeline = Timeline(self).text
    if !timeline.isEmpty { out += "\n" + timeline }
    if let diagnosis { out += "\n" + diagnosis.text(session) }
    if !notes.isEmpty {
      out += "\nOf the files\n"
      for note in notes { out += "  - \(Self.wrapped(note, indent: 4))\n" }
    }
    let word = verdict.prefix { $0 != " " }
    let rest = String(verdict.dropFirst(word.count + 2))
    return out + "\n\(word)  \(Self.wrapped(rest, indent: word.count + 2))\n"
  }

  var text: String { text(with: nil) }

  private var head: String {
    var out = "Session  \(session.path)  (\(session.map))\n"
    for side in FieldMap.Side.allCases {
      let names = session.files.filter { $0.side == side }.map { "\($0.path) (\($0.lines))" }
      let title = side == .log ? "Log      " : "Truth    "
      out += "\(title)\(Self.wrapped(names.isEmpty ? "none" : names.joined(separator: ", "), indent: 9))\n"
      if let span = session.spans[side] { out += "         \(span.first) to \(span.last)\n" }
    }
    return out
  }

  private var disagreementText: String {
    if disagreements.isEmpty { return "" }
    var out = ""
    for kind in Disagreement.Kind.allCases {
      let entries = disagreements.filter { $0.kind == kind }
      if entries.isEmpty { continue }
      let money = sums.filter { $0.kind == kind }.map(\.money.text).joined(separator: ", ")
      out +=
        "\n\(kind.words.prefix(1).uppercased())\(kind.words.dropFirst()): \(entries.count)\(money.isEmpty ? "" : ", \(money)")\n"
      for entry in entries.prefix(Self.shownMax) { out += text(entry) }
      if entries.count > Self.shownMax { out += "  ... and \(entries.count - Self.shownMax) more (--csv has all)\n" }
    }
    return out
  }

  private func text(_ entry: Disagreement) -> String {
    var first = entry.symbol
    if let money = entry.money, money.bound != .unknown { first += (first.isEmpty ? "" : "  ") + money.text }
    if let time = entry.time { first += (first.isEmpty ? "" : "  ") + time.description }
    var out = "  \(first)\n"
    if !entry.names.isEmpty { out += "    \(entry.names)\n" }
    out += "    \(Self.wrapped(entry.says, indent: 4))\n"
    out += "    log    \(Self.wrapped(places(entry.log), indent: 11))\n"
    out += "    venue  \(Self.wrapped(places(entry.truth), indent: 11))\n"
    if !entry.also.isEmpty { out += "    also   \(entry.also.map(\.words).joined(separator: ", "))\n" }
    return out
  }

  private func places(_ places: [FieldPlace]) -> String {
    if places.isEmpty { return "nothing" }
    let shown = places.prefix(Self.placesMax).map { session.place($0) }.joined(separator: ", ")
    return places.count > Self.placesMax ? "\(shown), ... (\(places.count))" : shown
  }

  /// The last line: what follows from the table.
  public var verdict: String {
    if !disagreements.isEmpty {
      let money = unseen.map(\.text).joined(separator: ", ")
      let unseenText = money.isEmpty ? "" : "; fills that the bot does not know of: \(money)"
      return "DISAGREE  \(disagreements.count) point\(disagreements.count == 1 ? "" : "s")\(unseenText)"
    }
    if isEnough { return "AGREE  the log and the venue tell the same" }
    let why =
      unknown > 0
      ? "the end of \(unknown) order\(unknown == 1 ? " is" : "s are") told by nobody"
      : session.files.contains { $0.side == .truth }
        ? "there is no log of the bot's orders" : "there is no word of the venue"
    return "INCONCLUSIVE  \(why)"
  }

  // MARK: Columns

  /// The text at the left end of a column of `width` characters; a longer one stays whole.
  package static func pad(_ text: String, _ width: Int) -> String {
    text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
  }

  /// The text at the right end of a column of `width` characters; a longer one stays whole.
  package static func left(_ text: String, _ width: Int) -> String {
    text.count >= width ? text : String(repeating: " ", count: width - text.count) + text
  }

  /// Words on lines of 80 columns; the first begins behind `indent` columns that are there already.
  package static func wrapped(_ text: String, indent: Int, first: Int? = nil) -> String {
    var out = ""
    var column = first ?? indent
    var isLineEmpty = true
    for word in text.split(separator: " ") {
      if !isLineEmpty, column + 1 + word.count > width {
        out += "\n" + String(repeating: " ", count: indent)
        column = indent
      } else if !isLineEmpty {
        out += " "
        column += 1
      }
      out += word
      column += word.count
      isLineEmpty = false
    }
    return out
  }
}
