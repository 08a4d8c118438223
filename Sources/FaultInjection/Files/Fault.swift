/// One fault: where it acts, on what, how often, and what is expected of an engine that meets it.
///
/// A file under `faults/` and the one-line form of the command line parse to the same value.
public struct Fault: Sendable, Equatable {
  /// What is at stake: `money` (balances, positions), `stuck` (an engine that stands still), `noise` (what an engine
  /// must ride out).
  public enum Severity: String, Sendable, CaseIterable { case money, stuck, noise }

  /// The file name without its ending; what users type.
  public var id: String
  /// Other names that users may type; no two faults share one.
  public var aliases: [String]
  /// One sentence on what goes wrong, for lists and screens.
  public var title: String
  /// What is at stake.
  public var severity: Severity
  /// Where the fault can act: `memory`, the exchange in the process; `wire`, the served one.
  public var layers: [String]
  /// Words to group faults by, such as `locks` and `disk`.
  public var tags: [String]
  /// A paragraph: what the fault provokes and why a good engine survives it.
  public var why: String
  /// The places at which it acts, at least one in a file.
  public var injects: [Inject]
  /// What a run under the fault must show.
  public var expect: Expect

  /// A fault as given; sites and keys are checked when it is armed.
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
    /// Name of the site, such as `disk.write`; `chaos list --sites` has all. With a `*` behind it, every site that begins so.
    public var site: String
    /// Conditions on the hit, all of which must hold; empty: every hit is eligible.
    public var match: [Condition]
    /// Counters are kept per value of this key; nil: one counter for the run, in schedule order.
    public var per: String?
    /// Eligible hits let through first.
    public var after: Int
    /// Of the eligible hits that follow, every n-th counts; 1: each.
    public var every: Int
    /// States of the run that must hold at the hit, such as `open_orders >= 2`.
    public var when: [Condition]
    /// From the beginning of the chaos phase, in virtual time; nil end: to its end.
    public var window: Window
    /// How long after arming the fault stays armed; nil: to the end of the chaos phase.
    public var ttl: Duration?
    /// Glob over the name of the thread that hits the site.
    public var thread: String?
    /// What happens at the hits that are left.
    public var plan: Plan

    /// An inject that acts at every hit of `site` unless the other parameters narrow it.
    public init(
      site: String, match: [Condition] = [], per: String? = nil, after: Int = 0, every: Int = 1,
      when: [Condition] = [], window: Window = Window(), ttl: Duration? = nil, thread: String? = nil, plan: Plan
    ) {
      self.site = site
      self.match = match
      self.per = per
      self.after = after
      self.every = every
      self.when = when
      self.window = window
      self.ttl = ttl
      self.thread = thread
      self.plan = plan
    }
  }

  /// A stretch of the chaos phase, in virtual time since arming.
  public struct Window: Sendable, Equatable {
    /// Where it begins.
    public var start: Duration
    /// Where it ends; nil: with the chaos phase.
    public var end: Duration?

    /// A window; without arguments the whole chaos phase.
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
    /// Time from a firing to the engine's first sign of it, at most; nil: not judged.
    public var detect: Duration?
    /// Time from the end of the fault to an engine that is well again, at most; nil: not judged.
    public var recover: Duration?
    /// Names of the checks that an engine fails which does not withstand the fault.
    public var checks: [String]

    /// Expectations; without arguments one firing is enough and nothing else is asked.
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
