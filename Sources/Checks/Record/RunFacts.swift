import Basics
import Trading

/// What run.json says: inputs, phases, firings, incidents, limits.
public struct RunFacts: Sendable {
  /// A stretch of the session: before, under and after the faults.
  public struct Phase: Sendable {
    /// What run.json calls it.
    public var name: String
    /// When it began.
    public var start: Instant
    /// When it ended.
    public var end: Instant
  }

  /// One firing of a fault.
  public struct Fired: Sendable {
    /// Id of the fault.
    public var fault: String
    /// Index of the inject in its fault.
    public var inject: Int
    /// Name of the site.
    public var site: String
    /// What the inject counts visits by, such as a file's name; empty: all visits together.
    public var key: String
    /// Which visit of its key it was, from 0; nil where that was not recorded.
    public var hit: Int?
    /// When it fired.
    public var time: Instant
    /// What the site was told, as plans write it.
    public var action: String
    /// Name of the thread that hit the site; nil where that was not recorded.
    public var thread: String?
    /// For how long the thread was held up there; zero where it was not, or where that was not recorded.
    public var sleep = Duration.zero
  }

  /// One finding of the watchdog.
  public struct IncidentFact: Sendable {
    /// `deadlock`, `hang`, `stuck` and so on.
    public var kind: String
    /// One sentence.
    public var summary: String
    /// When it was found.
    public var time: Instant
    /// Of a hang: the activity, and how long its thread has been in it.
    public var activity: String?
    /// Milliseconds since the activity's last beat.
    public var waitedMs: Double?
  }

  /// Firings of one inject, and how many its fault asks for.
  public struct InjectCount: Sendable {
    /// Id of the fault.
    public var fault: String
    /// Name of the site.
    public var site: String
    /// Firings in this session.
    public var fired: Int
    /// Firings below which the session says nothing about the fault.
    public var firedMin: Int
  }

  /// What an armed fault expects of the engine.
  public struct Expectation: Sendable {
    /// Id of the fault.
    public var fault: String
    /// Events of the engine's log that count as noticing it.
    public var detectedBy: [String]
    /// Milliseconds from firing to notice, at most; nil: not judged.
    public var detectMs: Double?
    /// Milliseconds from the end of the fault to recovery, at most; nil: not judged.
    public var recoverMs: Double?
  }

  /// An activity that was left, later than its limit allows.
  public struct Overdue: Sendable {
    /// Name of the thread.
    public var thread: String
    /// Name of the activity.
    public var activity: String
    /// Milliseconds that it may take.
    public var limitMs: Double
    /// Milliseconds that it took.
    public var tookMs: Double
  }

  /// A thread of the session, as its runtime knows it.
  public struct ThreadFact: Sendable {
    /// Its name, such as `engine-main`.
    public var name: String
    /// Whether it had ended when the session did.
    public var isFinished: Bool
    /// When it was started; nil where that was not recorded.
    public var started: Instant?
    /// When it ended; nil: not before the session's end, or that was not recorded.
    public var ended: Instant?
  }

  /// Format of run.json; 1 is what this build reads.
  public var format: Int?
  /// Seconds of the session, on its own clock: virtual ones, or live real ones.
  public var duration: Double?
  /// What the armed faults expect; empty where they expect nothing in time.
  public var expectations: [Expectation]
  /// In their order; the first begins with the session.
  public var phases: [Phase]
  /// Firings that were kept, in their order; at most 100,000 of a session.
  public var firings: [Fired]
  /// Firings of every inject, also of those that are not among `firings`.
  public var injectCounts: [InjectCount]
  /// What the watchdog found, in the order of finding.
  public var incidents: [IncidentFact]
  /// Activities beyond their limit.
  public var overdue: [Overdue]
  /// Each thread, in the order of their births.
  public var threads: [ThreadFact]
  /// How the process died; nil: it did not.
  public var crash: String?
  /// Threads that went on after they were stopped.
  public var swallowedStop: [String] = []
  /// When the engine was asked to end; nil: it never was.
  public var shutdownRequested: Instant?
  /// When its shutdown was done; nil: it never was.
  public var shutdownCompleted: Instant?
  /// Whether the engine's main loop had ended before anybody asked for the end.
  public var hasLostMainLoop: Bool
  /// Milliseconds that the shutdown may take.
  public var shutdownLimitMs: Double?
  /// Limits derived from the settings in force, in milliseconds, by name such as `refresh_ms`.
  public var limits: [(name: String, value: String)]
  /// Limits in time are judged only where no thread was held up by the scheduler.
  public var isStallFree: Bool
  /// Whether it ran on real threads and the real clock.
  public var isLive: Bool
  /// Landmarks and how often each was passed.
  public var landmarks: [(name: String, count: Int)]
  /// Verdicts that the run itself wrote; empty while it is being judged.
  public var verdicts: [Verdict]
  /// The same where every check has one in its place; nil otherwise.
  public var everyVerdict: [Verdict]? { verdicts.map(\.check) == Check.all.map(\.name) ? verdicts : nil }
  /// The whole of run.json, for what has no member here.
  public var json: JSON

  /// When the first phase began.
  public var start: Instant { phases.first?.start ?? .simulationEpoch }

  /// A limit by name, 0 to 1e12; nil when the run does not state it.
  public func limit(_ name: LimitName) -> Double? {
    limits.first { $0.name == name.rawValue }.flatMap { Double($0.value) }.flatMap {
      Self.plain.contains($0) ? $0 : nil
    }
  }

  /// Whether the session never wrote its end: it was killed, or it still runs.
  public var isUnfinished: Bool { json["unfinished"]?.bool == true }

  /// Whether it was a paper session.
  public var isPaper: Bool { json["inputs"]?["kind"]?.string == "paper" }

  /// Names of the checks that the run was judged by; empty: by all.
  public var judgedBy: [String] { (json["judged_by"]?.array ?? []).compactMap(\.string) }

  /// Whether that check is one of those that the run was judged by.
  public func isJudged(by check: String) -> Bool { judgedBy.isEmpty || judgedBy.contains(check) }

  /// Whether run.json has this key at all: what was not recorded cannot be judged.
  public func has(_ key: String) -> Bool { json[key] != nil }

  /// Counts, milliseconds and other figures that run.json may have.
  private static let plain = 0.0...1e12
  private static let counts = 0...1_000_000_000_000

  /// Keys that are absent read as empty; what is there and is no such value is an error with its key.
  init(_ value: InputValue) throws(InputError) {
    guard case .object = value.json else { throw value.expected("an object") }
    json = value.json
    format = try value["format"]?.integer(in: 0...1_000_000)
    duration = try (value["virtual_seconds"] ?? value["real_seconds"])?.number(in: 0...1e9)
    expectations = try Self.list(value, "expectations", Expectation.init)
    phases = try Self.list(value, "phases", Phase.init)
    firings = try Self.list(value, "firings", Fired.init)
    injectCounts = try Self.list(value, "fault_counts") { item throws(InputError) in
      InjectCount(
        fault: try item.required("fault").text(), site: try item["site"]?.text() ?? "",
        fired: try item.required("fired").integer(in: Self.counts),
        firedMin: try item["fired_min"]?.integer(in: Self.counts) ?? 1)
    }
    incidents = try Self.list(value, "incidents", IncidentFact.init)
    overdue = try Self.list(value, "overdue_activities") { item throws(InputError) in
      Overdue(
        thread: try item.required("thread").text(), activity: try item.required("activity").text(),
        limitMs: try item["limit_ms"]?.number(in: Self.plain) ?? 0,
        tookMs: try item["took_ms"]?.number(in: Self.plain) ?? 0)
    }
    threads = try Self.list(value, "threads", ThreadFact.init)
    crash = try value["crash"]?.text()
    swallowedStop = try Self.texts(value, "swallowed_stop")
    let shutdown = value["shutdown"]
    shutdownRequested = try shutdown?["requested"]?.time()
    shutdownCompleted = try shutdown?["completed"]?.time()
    hasLostMainLoop = try shutdown?["main_loop_lost"]?.flag() ?? false
    shutdownLimitMs = try shutdown?["limit_ms"]?.number(in: Self.plain)
    limits = []
    for (name, limit) in try value["limits"]?.members() ?? [] {
      if limit.json.numberText != nil { _ = try limit.number(in: Self.plain) }
      limits.append((name, limit.json.numberText ?? limit.json.string ?? ""))
    }
    isStallFree = try value["stall_free"]?.flag() ?? true
    isLive = try value["carrier"]?.text() == "live"
    landmarks = []
    for (name, count) in try value["landmarks"]?.members() ?? [] {
      landmarks.append((name, try count.integer(in: Self.counts)))
    }
    verdicts = try Self.list(value, "verdicts", Verdict.init)
    _ = try Self.texts(value, "judged_by")
    _ = try value["unfinished"]?.flag()
    _ = try value["inputs"]?["kind"]?.text()
  }

  private static func list<T>(
    _ value: InputValue, _ key: String, _ make: (InputValue) throws(InputError) -> T
  ) throws(InputError) -> [T] {
    var list: [T] = []
    for item in try value[key]?.items() ?? [] { list.append(try make(item)) }
    return list
  }

  private static func texts(_ value: InputValue, _ key: String) throws(InputError) -> [String] {
    try list(value, key) { item throws(InputError) in try item.text() }
  }
}

extension RunFacts.Expectation {
  init(_ item: InputValue) throws(InputError) {
    fault = try item.required("fault").text()
    detectedBy = []
    for word in try item["detected_by"]?.items() ?? [] { detectedBy.append(try word.text()) }
    detectMs = try item["detect_ms"]?.number(in: 0...1e12)
    recoverMs = try item["recover_ms"]?.number(in: 0...1e12)
  }
}

extension RunFacts.Phase {
  init(_ item: InputValue) throws(InputError) {
    name = try item.required("name").text()
    start = try item.required("start").time()
    end = try item.required("end").time()
  }
}

extension RunFacts.Fired {
  private static let hits = 0...1_000_000_000_000

  init(_ item: InputValue) throws(InputError) {
    fault = try item.required("fault").text()
    inject = try item["inject"]?.integer(in: 0...1_000_000) ?? 0
    site = try item["site"]?.text() ?? ""
    key = try item["per"]?.text() ?? ""
    hit = try item["hit"]?.integer(in: Self.hits)
    time = try item.required("timestamp").time()
    action = try item["action"]?.text() ?? ""
    thread = try item["thread"]?.text()
    sleep = .seconds((try item["sleep_ms"]?.number(in: 0...86_400_000) ?? 0) / 1000)
  }
}

extension RunFacts.ThreadFact {
  init(_ item: InputValue) throws(InputError) {
    name = try item.required("name").text()
    isFinished = try item["finished"]?.flag() ?? false
    started = try item["started"]?.time()
    ended = try item["ended"]?.time()
  }
}

extension RunFacts.IncidentFact {
  init(_ item: InputValue) throws(InputError) {
    kind = try item.required("kind").text()
    summary = try item["summary"]?.text() ?? ""
    time = try item.required("timestamp").time()
    activity = try item["activity"]?.text()
    waitedMs = try item["waited_ms"]?.number(in: 0...1e12)
  }
}

extension Verdict {
  /// The form that run.json keeps.
  public var json: JSON {
    .object([
      ("check", .string(check)), ("outcome", .string(outcome.rawValue)), ("reason", .string(reason)),
      ("evidence", .array(evidence.map { .string($0) })),
    ])
  }

  /// Reads the form that run.json keeps.
  ///
  /// - Throws: `InputError` with the key that is missing, of another type, or no outcome.
  public init(_ item: InputValue) throws(InputError) {
    let word = try item.required("outcome")
    guard let outcome = Outcome(rawValue: try word.text()) else {
      throw word.expected("one of \(Outcome.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    var evidence: [String] = []
    for line in try item["evidence"]?.items() ?? [] { evidence.append(try line.text()) }
    self.init(
      check: try item.required("check").text(), outcome: outcome, reason: try item["reason"]?.text() ?? "",
      evidence: evidence)
  }

  /// Nil when a member is missing or of another type.
  public init?(json: JSON) {
    do throws(InputError) { try self.init(InputValue(json, file: "verdict")) } catch { return nil }
  }
}
