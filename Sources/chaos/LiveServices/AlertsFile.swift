import Basics
import FaultInjection
import Glibc
import MetricsServer
import Monitoring

/// `--alerts FILE.toml`: thresholds, cooldown and sinks. Commands come from this file and from nowhere else.
struct AlertsFile {
  /// A sink as the file has it; `log` needs the engine and is made later.
  enum Sink {
    case log
    case other(any AlertSink)
  }

  private(set) var rules = AlertRules()
  private(set) var sinks: [Sink] = []

  private static let tables = ["cooldown_s", "fill_rate", "intents", "budget_refresh", "threads", "sink"]
  private static let sinkKinds = ["log", "file", "command", "webhook"]

  private let document: TOMLDocument

  init(_ bytes: [UInt8], path: String) throws(SourceError) {
    document = try TOMLDocument(parsing: bytes, file: path)
    try check(document.root, "the file", Self.tables)
    for entry in document.root.entries {
      switch entry.key {
      case "cooldown_s": rules.cooldown = .seconds(try number(entry, 0...86_400))
      case "fill_rate":
        try each(entry, ["min"]) { inner throws(SourceError) in rules.fillRateMin = try number(inner, 0...1) }
      case "intents":
        try each(entry, ["pending_max", "stale_max"]) { inner throws(SourceError) in
          let count = Int(try number(inner, 0...1_000_000, isWhole: true))
          if inner.key == "pending_max" { rules.intentsPendingMax = count } else { rules.intentsStaleMax = count }
        }
      case "budget_refresh":
        try each(entry, ["timeouts_max"]) { inner throws(SourceError) in
          rules.budgetRefreshTimeoutsMax = Int(try number(inner, 0...1_000_000, isWhole: true))
        }
      case "threads":
        try each(entry, ["lost_max"]) { inner throws(SourceError) in
          rules.threadsLostMax = Int(try number(inner, 0...1_000_000, isWhole: true))
        }
      default: sinks = try readSinks(entry)
      }
    }
    if document.root["sink"] == nil { sinks = [.log] }
  }

  private func check(_ table: TOMLTable, _ name: String, _ known: [String]) throws(SourceError) {
    for entry in table.entries where !known.contains(entry.key) {
      throw document.error(
        at: entry, "\(name) has no key '\(entry.key)'; its keys are \(known.joined(separator: ", "))",
        meant: Suggestion.closest(to: entry.key, in: known))
    }
  }

  private func each(
    _ entry: TOMLTable.Entry, _ known: [String], _ body: (TOMLTable.Entry) throws(SourceError) -> Void
  ) throws(SourceError) {
    guard let table = entry.value.table else {
      throw document.error(at: entry.value, "'\(entry.key)' is a table, not \(entry.value.kindName)")
    }
    try check(table, "[\(entry.key)]", known)
    for inner in table.entries { try body(inner) }
  }

  private func number(
    _ entry: TOMLTable.Entry, _ range: ClosedRange<Double>, isWhole: Bool = false
  ) throws(SourceError) -> Double {
    var found: Double?
    switch entry.value.kind {
    case .integer(let value): found = Double(value)
    case .float(let value) where !isWhole: found = value
    default: found = nil
    }
    if let found, range.contains(found) { return found }
    let low = JSON.double(range.lowerBound).text
    let high = JSON.double(range.upperBound).text
    throw document.error(
      at: entry.value, "'\(entry.key)' is a \(isWhole ? "whole number" : "number") from \(low) to \(high)")
  }

  // MARK: Sinks

  private func readSinks(_ entry: TOMLTable.Entry) throws(SourceError) -> [Sink] {
    guard let tables = entry.value.array else {
      throw document.error(at: entry.value, "sinks are written as [[sink]], one for each")
    }
    guard tables.count <= 8 else { throw document.error(at: tables[8], "at most 8 sinks are served") }
    var sinks: [Sink] = []
    for value in tables { sinks.append(try sink(value)) }
    return sinks
  }

  private func sink(_ value: TOMLValue) throws(SourceError) -> Sink {
    guard let table = value.table else { throw document.error(at: value, "sinks are written as [[sink]]") }
    guard let kind = table["kind"], let word = kind.string, Self.sinkKinds.contains(word) else {
      let word = table["kind"]?.string
      throw document.error(
        at: table["kind"] ?? value, "a sink's kind is one of \(Self.sinkKinds.joined(separator: ", "))",
        meant: word.flatMap { Suggestion.closest(to: $0, in: Self.sinkKinds) })
    }
    switch word {
    case "file":
      try check(table, "a file sink", ["kind", "path"])
      let path = try text(table, "path", of: kind)
      let isInside = !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
      guard isInside else {
        throw document.error(at: table["path"] ?? kind, "'path' stays in the session's directory, as logs/alerts.jsonl")
      }
      return .other(FileSink(path: path))
    case "command":
      try check(table, "a command sink", ["kind", "command"])
      return .other(CommandSink(try words(table, of: kind), environment: ChildProcess.environment))
    case "webhook":
      try check(table, "a webhook sink", ["kind", "url"])
      let url = try text(table, "url", of: kind)
      do throws(AlertError) { return .other(try WebhookSink(url: url)) } catch {
        throw document.error(at: table["url"] ?? kind, error.reason)
      }
    default:
      try check(table, "a log sink", ["kind"])
      return .log
    }
  }

  private func text(_ table: TOMLTable, _ key: String, of kind: TOMLValue) throws(SourceError) -> String {
    guard let value = table[key] else { throw document.error(at: kind, "this sink needs '\(key)'") }
    guard let text = value.string, !text.isEmpty else { throw document.error(at: value, "'\(key)' is text in quotes") }
    return text
  }

  /// The program is named by its path: nothing is looked for.
  private func words(_ table: TOMLTable, of kind: TOMLValue) throws(SourceError) -> [String] {
    guard let value = table["command"] else { throw document.error(at: kind, "this sink needs 'command'") }
    var words: [String] = []
    for word in value.array ?? [] {
      guard let text = word.string else { throw document.error(at: word, "'command' is an array of texts") }
      words.append(text)
    }
    guard let program = words.first, program.hasPrefix("/"), words.count <= 64 else {
      throw document.error(at: value, "'command' is an array of texts that begins with a program's full path")
    }
    return words
  }
}
