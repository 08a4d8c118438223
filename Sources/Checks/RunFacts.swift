import ChaosRuntime
import Trading

/// What run.json says: inputs, phases, firings, incidents, limits.
public struct RunFacts: Sendable {
  public struct Phase: Sendable {
    public var name: String
    public var start: Instant
    public var end: Instant
  }

  public struct Fired: Sendable {
    public var fault: String
    public var inject: Int
    public var site: String
    public var time: Instant
    public var action: String
    public var thread: String?
  }

  public struct IncidentFact: Sendable {
    public var kind: String
    public var summary: String
    public var time: Instant
    /// Of a hang: the activity, and how long its thread has been in it.
    public var activity: String?
    public var waitedMs: Double?
  }

  /// Firings of one inject, and how many its fault asks for.
  public struct InjectCount: Sendable {
    public var fault: String
    public var site: String
    public var fired: Int
    public var firedMin: Int
  }

  /// What an armed fault expects of the engine.
  public struct Expectation: Sendable {
    public var fault: String
    public var detectedBy: [String]
    public var detectMs: Double?
    public var recoverMs: Double?
  }

  public struct Overdue: Sendable {
    public var thread: String
    public var activity: String
    public var limitMs: Double
    public var tookMs: Double
  }

  public var format: Int?
  /// Virtual seconds of the session.
  public var duration: Double?
  public var expectations: [Expectation]
  public var phases: [Phase]
  public var firings: [Fired]
  public var injectCounts: [InjectCount]
  public var incidents: [IncidentFact]
  public var overdue: [Overdue]
  public var threads: [(name: String, isFinished: Bool)]
  public var crash: String?
  /// Threads that went on after they were stopped.
  public var swallowedStop: [String] = []
  public var shutdownRequested: Instant?
  public var shutdownCompleted: Instant?
  public var shutdownLimitMs: Double?
  public var limits: [(name: String, value: String)]
  /// Limits in time are judged only where no thread was held up by the scheduler.
  public var isStallFree: Bool
  public var landmarks: [(name: String, count: Int)]
  /// Verdicts that the run itself wrote; empty while it is being judged.
  public var verdicts: [Verdict]
  public var json: JSON

  /// When the first phase began.
  public var start: Instant { phases.first?.start ?? .simulationEpoch }

  public func limit(_ name: String) -> Double? { limits.first { $0.name == name }.flatMap { Double($0.value) } }

  /// Whether the session never wrote its end: it was killed, or it still runs.
  public var isUnfinished: Bool { json["unfinished"]?.bool == true }

  /// Whether it was a paper session.
  public var isPaper: Bool { json["inputs"]?["kind"]?.string == "paper" }

  /// Names of the checks that the run was judged by; empty: by all.
  public var judgedBy: [String] { (json["judged_by"]?.array ?? []).compactMap(\.string) }

  public func isJudged(by check: String) -> Bool { judgedBy.isEmpty || judgedBy.contains(check) }

  /// Whether run.json has this key at all: what was not recorded cannot be judged.
  public func has(_ key: String) -> Bool { json[key] != nil }

  /// Keys that are absent read as empty.
  init(_ json: JSON) {
    self.json = json
    format = json["format"]?.int
    duration = json["virtual_seconds"]?.double
    expectations = Self.list(json, "expectations") { item in
      guard let fault = item["fault"]?.string else { return nil }
      return Expectation(
        fault: fault, detectedBy: (item["detected_by"]?.array ?? []).compactMap(\.string),
        detectMs: item["detect_ms"]?.double, recoverMs: item["recover_ms"]?.double)
    }
    phases = Self.list(json, "phases") { item in
      guard let name = item["name"]?.string, let start = Self.time(item["start"]), let end = Self.time(item["end"])
      else { return nil }
      return Phase(name: name, start: start, end: end)
    }
    firings = Self.list(json, "firings") { item in
      guard let fault = item["fault"]?.string, let time = Self.time(item["timestamp"]) else { return nil }
      return Fired(
        fault: fault, inject: item["inject"]?.int ?? 0, site: item["site"]?.string ?? "", time: time,
        action: item["action"]?.string ?? "", thread: item["thread"]?.string)
    }
    injectCounts = Self.list(json, "fault_counts") { item in
      guard let fault = item["fault"]?.string, let fired = item["fired"]?.int else { return nil }
      return InjectCount(
        fault: fault, site: item["site"]?.string ?? "", fired: fired, firedMin: item["fired_min"]?.int ?? 1)
    }
    incidents = Self.list(json, "incidents") { item in
      guard let kind = item["kind"]?.string, let time = Self.time(item["timestamp"]) else { return nil }
      return IncidentFact(
        kind: kind, summary: item["summary"]?.string ?? "", time: time, activity: item["activity"]?.string,
        waitedMs: item["waited_ms"]?.double)
    }
    overdue = Self.list(json, "overdue_activities") { item in
      guard let thread = item["thread"]?.string, let activity = item["activity"]?.string else { return nil }
      return Overdue(
        thread: thread, activity: activity, limitMs: item["limit_ms"]?.double ?? 0, tookMs: item["took_ms"]?.double ?? 0
      )
    }
    threads = Self.list(json, "threads") { item in
      item["name"]?.string.map { ($0, item["finished"]?.bool ?? false) }
    }
    crash = json["crash"]?.string
    swallowedStop = (json["swallowed_stop"]?.array ?? []).compactMap(\.string)
    shutdownRequested = Self.time(json["shutdown"]?["requested"])
    shutdownCompleted = Self.time(json["shutdown"]?["completed"])
    shutdownLimitMs = json["shutdown"]?["limit_ms"]?.double
    limits = (json["limits"]?.members ?? []).map { ($0.key, $0.value.numberText ?? $0.value.string ?? "") }
    isStallFree = json["stall_free"]?.bool ?? true
    landmarks = (json["landmarks"]?.members ?? []).map { ($0.key, $0.value.int ?? 0) }
    verdicts = Self.list(json, "verdicts") { Verdict(json: $0) }
  }

  private static func list<T>(_ json: JSON, _ key: String, _ make: (JSON) -> T?) -> [T] {
    (json[key]?.array ?? []).compactMap(make)
  }

  private static func time(_ value: JSON?) -> Instant? { value?.string.flatMap { Instant(iso8601: $0) } }
}

extension Verdict {
  /// The form that run.json keeps.
  public var json: JSON {
    .object([
      ("check", .string(check)), ("outcome", .string(outcome.rawValue)), ("reason", .string(reason)),
      ("evidence", .array(evidence.map { .string($0) })),
    ])
  }

  public init?(json: JSON) {
    guard let check = json["check"]?.string, let outcome = json["outcome"]?.string.flatMap({ Outcome(rawValue: $0) })
    else { return nil }
    self.init(
      check: check, outcome: outcome, reason: json["reason"]?.string ?? "",
      evidence: (json["evidence"]?.array ?? []).compactMap(\.string))
  }
}
