import Basics
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
  /// Seconds of the session, on its own clock: virtual ones, or live real ones.
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

  public func limit(_ name: String) -> Double? {
    limits.first { $0.name == name }.flatMap { Double($0.value) }.flatMap { Self.plain.contains($0) ? $0 : nil }
  }

  /// Whether the session never wrote its end: it was killed, or it still runs.
  public var isUnfinished: Bool { json["unfinished"]?.bool == true }

  /// Whether it was a paper session.
  public var isPaper: Bool { json["inputs"]?["kind"]?.string == "paper" }

  /// Names of the checks that the run was judged by; empty: by all.
  public var judgedBy: [String] { (json["judged_by"]?.array ?? []).compactMap(\.string) }

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
    threads = try Self.list(value, "threads") { item throws(InputError) in
      (try item.required("name").text(), try item["finished"]?.flag() ?? false)
    }
    crash = try value["crash"]?.text()
    swallowedStop = try Self.texts(value, "swallowed_stop")
    let shutdown = value["shutdown"]
    shutdownRequested = try shutdown?["requested"]?.time()
    shutdownCompleted = try shutdown?["completed"]?.time()
    shutdownLimitMs = try shutdown?["limit_ms"]?.number(in: Self.plain)
    limits = []
    for (name, limit) in try value["limits"]?.members() ?? [] {
      if limit.json.numberText != nil { _ = try limit.number(in: Self.plain) }
      limits.append((name, limit.json.numberText ?? limit.json.string ?? ""))
    }
    isStallFree = try value["stall_free"]?.flag() ?? true
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
  init(_ item: InputValue) throws(InputError) {
    fault = try item.required("fault").text()
    inject = try item["inject"]?.integer(in: 0...1_000_000) ?? 0
    site = try item["site"]?.text() ?? ""
    time = try item.required("timestamp").time()
    action = try item["action"]?.text() ?? ""
    thread = try item["thread"]?.text()
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
