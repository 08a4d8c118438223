import ChaosRuntime
import Trading

/// Why files are no session directory that can be checked.
public enum RecordError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A file that every session has is not there.
  case missing(String)
  /// A file is there and cannot be read as what it should be.
  case broken(file: String, reason: String)

  public var description: String {
    switch self {
    case .missing(let what): "no session directory of this tool: \(what) is missing"
    case .broken(let file, let reason): "\(file): \(reason)"
    }
  }
}

/// What one session left behind, read from its files alone: the engine's log and state, the venue's truth, and run.json.
///
/// A run judges itself from the same files that it writes, so `chaos check` gives the same verdicts.
public struct SessionRecord: Sendable {
  /// One line of the engine's event log.
  public struct Event: Sendable {
    public var line: Int
    public var time: Instant
    public var level: String
    public var type: String
    public var fields: JSON

    public func text(_ key: String) -> String? { fields[key]?.string }
    public func decimal(_ key: String) -> Decimal? { Self.decimal(fields[key]) }

    static func decimal(_ value: JSON?) -> Decimal? {
      switch value {
      case .string(let text), .number(let text): Decimal(text)
      default: nil
      }
    }
  }

  /// One line of the venue's truth.
  public struct VenueLine: Sendable {
    public var line: Int
    public var time: Instant
    public var kind: String
    public var fields: JSON

    public func text(_ key: String) -> String? { fields[key]?.string }
    public func decimal(_ key: String) -> Decimal? { Event.decimal(fields[key]) }
  }

  public var run: RunFacts
  /// Path of the event log.
  public var eventsPath: String
  public var events: [Event]
  public var venue: [VenueLine]
  /// What became of every order that reached the venue or was refused by it, in the order of the first request.
  public var orders: [OrderTruth]
  /// `state/engine_transient.json`; nil when it was never written.
  public var state: JSON?
  /// Set when the state file is there and is no JSON.
  public var stateError: String?
  public var summary: JSON?
  /// REASON line of stackdump.txt; nil when there is none.
  public var stackdump: String?
  private var byType: [String: [Int]] = [:]

  public init(files: SessionFiles) throws(RecordError) {
    guard let runBytes = files["run.json"] else { throw .missing("run.json") }
    guard let events = files.first(prefix: "logs/events", suffix: ".jsonl") else {
      throw .missing("logs/events_*.jsonl")
    }
    guard let venueBytes = files["logs/exchange.jsonl"] else { throw .missing("logs/exchange.jsonl") }
    run = try RunFacts(Self.parse(runBytes, "run.json"))
    eventsPath = events.path
    self.events = try Self.readEvents(events.bytes, events.path)
    venue = try Self.readVenue(venueBytes)
    orders = OrderTruth.all(in: venue)
    if let bytes = files["state/engine_transient.json"] {
      do throws(JSONError) { state = try JSON.parse(bytes) } catch { stateError = error.description }
    }
    if let bytes = files["metrics/summary.json"] { summary = try? JSON.parse(bytes) }
    if let bytes = files["stackdump.txt"] { stackdump = Self.reason(bytes) }
    for (index, event) in self.events.enumerated() { byType[event.type, default: []].append(index) }
  }

  /// The events of one type, in the order of the log.
  public func events(_ type: String) -> [Event] { byType[type, default: []].map { events[$0] } }

  public func count(_ type: String) -> Int { byType[type]?.count ?? 0 }

  /// When the engine was asked to end, or what was heard of it last.
  public var end: Instant {
    if let requested = run.shutdownRequested { return requested }
    return max(events.last?.time ?? run.start, venue.last?.time ?? run.start)
  }

  /// Whether the run was ended by an incident, so that what is left at its end proves nothing about recovery.
  public var isCutShort: Bool { run.shutdownRequested == nil }

  // MARK: Reading

  private static func parse(_ bytes: [UInt8], _ file: String) throws(RecordError) -> JSON {
    do throws(JSONError) { return try JSON.parse(bytes) } catch {
      throw .broken(file: file, reason: error.description)
    }
  }

  private static func lines(
    _ bytes: [UInt8], _ file: String, _ body: (Int, JSON) throws(RecordError) -> Void
  ) throws(RecordError) {
    var start = 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      if end > start {
        let value: JSON
        do throws(JSONError) { value = try JSON.parse(bytes[start..<end]) } catch {
          throw .broken(file: "\(file):\(number)", reason: error.message)
        }
        try body(number, value)
      }
      start = end + 1
    }
  }

  private static func readEvents(_ bytes: [UInt8], _ path: String) throws(RecordError) -> [Event] {
    var events: [Event] = []
    try lines(bytes, path) { number, value throws(RecordError) in
      guard let time = value["timestamp"]?.string.flatMap({ Instant(iso8601: $0) }), let level = value["level"]?.string,
        let type = value["event_type"]?.string
      else { throw .broken(file: "\(path):\(number)", reason: "no event: timestamp, level and event_type are needed") }
      events.append(Event(line: number, time: time, level: level, type: type, fields: value))
    }
    return events
  }

  private static func readVenue(_ bytes: [UInt8]) throws(RecordError) -> [VenueLine] {
    var result: [VenueLine] = []
    try lines(bytes, "logs/exchange.jsonl") { number, value throws(RecordError) in
      guard let time = value["timestamp"]?.string.flatMap({ Instant(iso8601: $0) }), let kind = value["kind"]?.string
      else { throw .broken(file: "logs/exchange.jsonl:\(number)", reason: "timestamp and kind are needed") }
      result.append(VenueLine(line: number, time: time, kind: kind, fields: value))
    }
    return result
  }

  private static func reason(_ bytes: [UInt8]) -> String {
    for line in bytes.split(separator: 0x0A) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("REASON ") { return String(text.dropFirst(7)) }
    }
    return "no reason given"
  }
}
