import Basics
import Trading

/// What one session left behind, read from its files alone: the engine's log and state, the venue's truth, and
/// run.json.
///
/// A run judges itself from the same files that it writes, so `chaos check` gives the same verdicts.
public struct SessionRecord: Sendable {
  /// One line of the engine's event log.
  public struct Event: RecordLine {
    /// From 1, in the log's file.
    public var line: Int
    /// Its `timestamp`.
    public var time: Instant
    /// Its `level`, such as `ERROR`.
    public var level: String
    /// Its type; nil: one that no engine of ours writes.
    public var type: EventName?
    /// Its `event_type` as it is written, such as `ORDER_SENT`.
    public var typeName: String
    /// The line as it was written; a part of the file's bytes, not a copy.
    public var bytes: ArraySlice<UInt8>
  }

  /// One line of the venue's truth.
  public struct VenueLine: RecordLine {
    /// From 1, in `logs/exchange.jsonl`.
    public var line: Int
    /// Its `timestamp`.
    public var time: Instant
    /// Its `kind`: `request`, `reply`, `event`, `ledger`, `balances` or `summary`.
    public var kind: String
    /// The line as it was written; a part of the file's bytes, not a copy.
    public var bytes: ArraySlice<UInt8>
    /// An answer that brought quotes: the longest lines and many, which tell nothing of orders, balances or limits.
    var hasQuotes = false
  }

  /// What run.json says.
  public var run: RunFacts
  /// Path of the event log.
  public var eventsPath: String
  /// The engine's event log, in the order of the file.
  public var events: [Event]
  /// `logs/jsonl/orders.jsonl`; nil when it was never written.
  public var orderEvents: [Event]?
  /// Places of log lines that cannot be read, as `file:line`.
  public var tornLines: [String]
  /// The venue's truth in the order of time.
  public var venue: [VenueLine]
  /// What became of every order that reached the venue or was refused by it, in the order of the first request.
  public var orders: [OrderTruth]
  /// What the engine's log says of every order, in the order of the first word about it.
  public var engineOrders: EngineOrders
  /// What the engine's log says of every intent, in the order of the first word about it.
  public var intents: [IntentLife]
  /// `state/engine_transient.json`; nil when it was never written.
  public var state: JSON?
  /// Set when the state file is there and is no JSON.
  public var stateError: String?
  /// `metrics/summary.json`; nil when it was never written or is no JSON.
  public var summary: JSON?
  /// REASON line of stackdump.txt; nil when there is none.
  public var stackdump: String?
  /// stackdump.txt as it was written; nil when there is none.
  public var dumpBytes: [UInt8]?
  /// `run.json` as it was written.
  public var runFile: KeyedFile
  /// Every poll for quotes that the venue saw.
  public var polls: [QuotePoll]
  /// The venue's prices, rules and calls, put in order.
  var truth: VenueTruth
  /// `config.json`; nil when it was never written.
  public var config: KeyedFile?
  /// What a crash would have left of the state file from moment to moment; nil where nobody knows.
  var crashImages: [CrashImageFact]?
  /// The same of every other file that is replaced; nil where nobody knows.
  var fileImages: [FileImageFact]?
  /// When lines of the event log came to the disk; empty where nobody knows.
  var logAppends: [LogAppend] = []
  /// What config.json says.
  public var settings: SettingsInForce
  /// `metrics/summary.json` as it was written; nil when it never was.
  public var summaryFile: KeyedFile?
  private var byType: [EventName: [Int]] = [:]

  /// Reads a session's files.
  ///
  /// - Throws: `RecordError.missing` for a foreign layout, `.broken` where run.json or the venue's truth cannot be
  ///   read, or no line of the event log can. A torn line within the event log is noted in `tornLines`.
  public init(files: SessionFiles) throws(RecordError) {
    var log = files.first(prefix: Self.eventsPrefix, suffix: ".jsonl")
    guard let runBytes = files["run.json"] else { throw .missing(Self.missing(in: files)) }
    runFile = KeyedFile(path: "run.json", bytes: runBytes)
    run = try Self.readRun(runBytes)
    if run.isUnfinished {
      // One that was killed within its shutdown has no end either, and one that was killed at once has no log yet.
      (run.shutdownRequested, run.shutdownCompleted) = (nil, nil)
      log = log ?? ("logs/events_session.jsonl", [])
    }
    guard let log else { throw .missing(Self.missing(in: files)) }
    guard let venueBytes = files["logs/exchange.jsonl"] ?? (run.isUnfinished ? [] : nil) else {
      throw .missing(Self.missing(in: files))
    }
    eventsPath = log.path
    var torn: [String] = []
    events = Self.readEvents(log.bytes, log.path, &torn)
    if events.isEmpty, !run.isUnfinished, let first = torn.first {
      throw .broken(file: first, reason: "no event: timestamp, level and event_type are needed")
    }
    orderEvents = files["logs/jsonl/orders.jsonl"].map { Self.readEvents($0, "logs/jsonl/orders.jsonl", &torn) }
    tornLines = torn
    venue = try Self.readVenue(venueBytes, isWhole: !run.isUnfinished)
    orders = OrderTruth.all(in: venue)
    polls = QuotePoll.all(in: venue)
    truth = VenueTruth(venue, polls)
    for (index, event) in events.enumerated() {
      if let type = event.type { byType[type, default: []].append(index) }
    }
    engineOrders = EngineOrders(events)
    truth.forgetAnswers(toAskersEndedAt: run.endedFollowUps, heardBy: engineOrders)
    intents = IntentLife.all(in: events)
    if let bytes = files["state/engine_transient.json"] {
      do throws(JSONError) { state = try JSON.parse(bytes) } catch { stateError = error.description }
    }
    summary = files["metrics/summary.json"].flatMap { try? JSON.parse($0) }
    dumpBytes = files["stackdump.txt"]
    stackdump = dumpBytes.map { StackDump($0).reason }
    config = files["config.json"].map { KeyedFile(path: "config.json", bytes: $0) }
    if let bytes = config?.bytes {
      do throws(InputError) { _ = try InputValue(parsing: bytes, file: "config.json").members() } catch {
        throw .broken(file: error.position, reason: error.message)
      }
    }
    settings = SettingsInForce(config)
    if let bytes = files["logs/disk.jsonl"] {
      let disk = DiskFacts(bytes)
      (crashImages, logAppends, fileImages) = (disk.images, disk.appends, disk.others)
    }
    summaryFile = files["metrics/summary.json"].map { KeyedFile(path: "metrics/summary.json", bytes: $0) }
  }

  /// The same session as its command completes it: with what run.json says now, a log that may have been named anew, and a
  /// dump that may have come since. All other files are those that this record was read from.
  ///
  /// - Throws: as reading the files does.
  public func completed(by files: SessionFiles) throws(RecordError) -> SessionRecord {
    guard let log = files.first(prefix: Self.eventsPrefix, suffix: ".jsonl"), let runBytes = files["run.json"] else {
      throw .missing(Self.missing(in: files))
    }
    var record = self
    record.eventsPath = log.path
    record.tornLines = tornLines.map { place in
      place.hasPrefix(eventsPath + ":") ? log.path + place.dropFirst(eventsPath.count) : place
    }
    record.runFile = KeyedFile(path: "run.json", bytes: runBytes)
    record.run = try Self.readRun(runBytes)
    record.dumpBytes = files["stackdump.txt"]
    record.stackdump = record.dumpBytes.map { StackDump($0).reason }
    return record
  }

  private static func readRun(_ bytes: [UInt8]) throws(RecordError) -> RunFacts {
    let run: RunFacts
    do throws(InputError) { run = try RunFacts(InputValue(parsing: bytes, file: "run.json")) } catch {
      throw .broken(file: error.position, reason: error.message)
    }
    guard run.format == 1 else { throw .broken(file: "run.json", reason: "\"format\":1 is needed") }
    return run
  }

  /// The venue's lines without the answers that brought quotes.
  var venueWithoutQuotes: some Sequence<VenueLine> { venue.lazy.filter { !$0.hasQuotes } }

  /// The events of one type, in the order of the log.
  public func events(_ type: EventName) -> [Event] { byType[type, default: []].map { events[$0] } }

  /// How many events of one type the log has. O(1).
  public func count(_ type: EventName) -> Int { byType[type]?.count ?? 0 }

  /// When the engine was asked to end, or what was heard of it last.
  public var end: Instant { run.shutdownRequested ?? lastWord }

  /// Time of the last line of either log.
  public var lastWord: Instant { max(events.last?.time ?? run.start, venue.last?.time ?? run.start) }

  /// Whether the run was ended by an incident, so that what is left at its end proves nothing about recovery.
  public var isCutShort: Bool { run.shutdownRequested == nil }

  /// How the path of an event log begins.
  static let eventsPrefix = "logs/events"

  /// What is said of a session without an end.
  static let unfinished = "the session has not ended: it was killed, or it still runs"

  /// Where an event stands, for evidence.
  func place(_ event: Event) -> String { "\(eventsPath):\(event.line)" }

  private static func missing(in files: SessionFiles) -> String {
    var names: [String] = []
    if files["run.json"] == nil { names.append("run.json") }
    if files.first(prefix: Self.eventsPrefix, suffix: ".jsonl") == nil { names.append("logs/events_*.jsonl") }
    if files["logs/exchange.jsonl"] == nil { names.append("logs/exchange.jsonl") }
    return names.joined(separator: ", ") + (names.count == 1 ? " is" : " are")
  }

  private static func readEvents(_ bytes: [UInt8], _ path: String, _ torn: inout [String]) -> [Event] {
    var events: [Event] = []
    events.reserveCapacity(bytes.count / 160)
    var reader = LineReader("event_type", "level")
    reader.read(bytes) { number, line, head in
      if let head {
        events.append(
          Event(
            line: number, time: head.time, level: head.second, type: EventName(rawValue: head.first),
            typeName: head.first,
            bytes: line))
      } else {
        torn.append("\(path):\(number)")
      }
    }
    return events
  }

  /// A file that was growing when its session was killed may end within a line, and has its lines as they were noted, a
  /// little out of order.
  private static func readVenue(_ bytes: [UInt8], isWhole: Bool) throws(RecordError) -> [VenueLine] {
    var lines: [VenueLine] = []
    lines.reserveCapacity(bytes.count / 160)
    var broken: Int?
    var reader = LineReader("kind", nil, marks: [("call", "fetch_tickers"), ("outcome", "ok")])
    reader.read(bytes) { number, line, head in
      if let head {
        let hasQuotes = head.isMarked && head.first == "reply"
        lines.append(VenueLine(line: number, time: head.time, kind: head.first, bytes: line, hasQuotes: hasQuotes))
      } else if broken == nil {
        broken = number
      }
    }
    if !isWhole {
      lines = lines.indices.sorted { (lines[$0].time, $0) < (lines[$1].time, $1) }.map { lines[$0] }
      if let at = broken, at > lines.map(\.line).max() ?? 0 { broken = nil }
    }
    if let broken {
      throw .broken(file: "logs/exchange.jsonl:\(broken)", reason: "no whole line: timestamp and kind are needed")
    }
    return lines
  }
}
