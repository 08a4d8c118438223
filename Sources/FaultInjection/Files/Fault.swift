/// One fault: where it acts, on what, how often, and what is expected of an engine that meets it.
///
/// A file under `faults/` and the one-line form of the command line parse to the same value.
public struct Fault: Sendable, Equatable {
  public enum Severity: String, Sendable, CaseIterable { case money, stuck, noise }

  /// The file name without its ending; what users type.
  public var id: String
  public var aliases: [String]
  public var title: String
  public var severity: Severity
  public var layers: [String]
  public var tags: [String]
  public var why: String
  public var injects: [Inject]
  public var expect: Expect

  public init(
    id: String, aliases: [String] = [], title: String, severity: Severity = .noise, layers: [String] = [],
    tags: [String] = [], why: String = "", injects: [Inject], expect: Expect = Expect()
  ) {
    self.id = id
    self.aliases = aliases
    self.title = title
    self.severity = severity
    self.layers = layers
    self.tags = tags
    self.why = why
    self.injects = injects
    self.expect = expect
  }

  /// One place at which a fault acts.
  public struct Inject: Sendable, Equatable {
    public var site: String
    public var match: [Condition]
    /// Counters are kept per value of this key; nil: one counter for the run, in schedule order.
    public var per: String?
    /// Eligible hits let through first.
    public var after: Int
    /// Of the eligible hits that follow, every n-th counts; 1: each.
    public var every: Int
    /// From the beginning of the chaos phase, in virtual time; nil end: to its end.
    public var window: Window
    /// How long after arming the fault stays armed; nil: to the end of the chaos phase.
    public var ttl: Duration?
    /// Glob over the name of the thread that hits the site.
    public var thread: String?
    public var plan: Plan

    public init(
      site: String, match: [Condition] = [], per: String? = nil, after: Int = 0, every: Int = 1,
      window: Window = Window(), ttl: Duration? = nil, thread: String? = nil, plan: Plan
    ) {
      self.site = site
      self.match = match
      self.per = per
      self.after = after
      self.every = every
      self.window = window
      self.ttl = ttl
      self.thread = thread
      self.plan = plan
    }
  }

  public struct Window: Sendable, Equatable {
    public var start: Duration
    public var end: Duration?

    public init(start: Duration = .zero, end: Duration? = nil) {
      self.start = start
      self.end = end
    }
  }

  /// What a run under the fault must show.
  public struct Expect: Sendable, Equatable {
    /// Firings below which a run proves nothing.
    public var firedMin: Int
    /// Names of engine records that count as noticing the fault.
    public var detectedBy: [String]
    public var detect: Duration?
    public var recover: Duration?
    public var checks: [String]

    public init(
      firedMin: Int = 1, detectedBy: [String] = [], detect: Duration? = nil, recover: Duration? = nil,
      checks: [String] = []
    ) {
      self.firedMin = firedMin
      self.detectedBy = detectedBy
      self.detect = detect
      self.recover = recover
      self.checks = checks
    }
  }
}
