public import Basics
public import ChaosRuntime
import Synchronization

/// Arms faults at the sites of one run, counts what they do, and takes everything back when asked.
///
/// It decides under a leaf lock that is given back before anything is done; victims wait on a condition that disarming
/// broadcasts. One instance belongs to one run.
public final class FaultInjector: Interposer {
  private let context: InjectionContext
  private let catalogue: SiteCatalogue
  private let rules: [ArmedRule]
  private let runtime: Runtime
  /// Victims of sleeps and hangs wait here; its name keeps the injector out of its own locks.
  private let lock: Lock
  private let disarmed: ChaosRuntime.Condition
  private let meetings = Meetings()
  /// Odd while armed; a victim waits for the end of the phase it met, not of a later one.
  private let phase = Atomic<Int>(0)
  private let victims = Atomic<Int>(0)
  let diskSites: [Site?]
  let lockSite: Site?
  let heldSite: Site?
  let sleepSite: Site?
  let waitSite: Site?
  /// Locks of such a name are the injector's own: acting at them would never end.
  static let lockName = "fault-injector"

  /// Every name in the faults is checked against the catalogue; nothing is armed yet.
  ///
  /// - Throws: `InjectionError` for two faults of one id, and for a site, key, value, verb, field or code that there is
  ///   not.
  public init(runtime: Runtime, catalogue: SiteCatalogue, faults: [Fault]) throws(InjectionError) {
    self.runtime = runtime
    self.catalogue = catalogue
    let context = InjectionContext(runtime: runtime, catalogue: catalogue)
    self.context = context
    lock = Lock(runtime, Self.lockName)
    disarmed = ChaosRuntime.Condition(lock, "\(Self.lockName) disarmed")
    try Self.check(faults, catalogue.sites.map(\.definition))
    rules = faults.flatMap { fault in
      fault.injects.enumerated().map { index, inject in
        ArmedRule(
          fault: fault.id, index: index, inject: inject,
          definitions: catalogue.sites.map(\.definition).filter { $0.isMeant(by: inject.site) }, context: context)
      }
    }
    diskSites = DiskOperation.allCases.map { catalogue[RuntimeSites.disk($0)] }
    lockSite = catalogue[RuntimeSites.lock]
    heldSite = catalogue[RuntimeSites.held]
    sleepSite = catalogue[RuntimeSites.sleep]
    waitSite = catalogue[RuntimeSites.wait]
  }

  /// Says whether the faults fit the definitions, without arming anything.
  ///
  /// - Throws: `InjectionError` as the initialiser does.
  public static func validate(_ faults: [Fault], against definitions: [SiteDefinition]) throws(InjectionError) {
    try check(faults, definitions)
  }

  private static func check(_ faults: [Fault], _ definitions: [SiteDefinition]) throws(InjectionError) {
    for (index, fault) in faults.enumerated() {
      // Two of one name would draw the same numbers and share their lines in a recording.
      if faults[..<index].contains(where: { $0.id == fault.id }) { throw .duplicateFault(fault.id) }
      for inject in fault.injects {
        if let problem = SiteCheck.problem(inject, in: definitions) { throw problem.error(fault.id) }
      }
    }
  }

  // MARK: Arming

  /// Whether a chaos phase is on: only then sites can fire.
  public var isArmed: Bool { phase.load(ordering: .acquiring) % 2 == 1 }

  /// Whether a fault acts at an operation of the runtime, so that `runtime.install(injector)` is needed.
  public var needsInterposer: Bool {
    rules.contains { rule in RuntimeSites.definitions.contains { $0.isMeant(by: rule.inject.site) } }
  }

  /// The chaos phase begins: windows and times to live count from now. Armed already, nothing happens.
  public func arm() {
    guard enterPhase(armed: true) else { return }
    context.arm(rules.map(\.fault), at: runtime.now)
    for rule in rules {
      rule.setArmed(true)
      for site in sites(of: rule) { site.arm(rule) }
    }
  }

  /// Takes back exactly what was armed and lets every victim go. Calling it twice does nothing more.
  ///
  /// Nothing fires once it has returned. Without victims it is no scheduling point. `Stopped` means that the run's end
  /// lets the victims go.
  public func disarm() throws(Stopped) {
    guard enterPhase(armed: false) else { return }
    for rule in rules {
      for site in sites(of: rule) { site.disarm(rule) }
      rule.setArmed(false)
    }
    guard victims.load(ordering: .sequentiallyConsistent) > 0 else { return }
    try lock.lock()
    defer { lock.unlock() }
    disarmed.broadcast()
  }

  private func sites(of rule: ArmedRule) -> [Site] {
    if let site = catalogue[rule.inject.site] { return [site] }
    return catalogue.sites.filter { $0.definition.isMeant(by: rule.inject.site) }
  }

  /// False: already there.
  private func enterPhase(armed: Bool) -> Bool {
    let now = phase.load(ordering: .sequentiallyConsistent)
    guard (now % 2 == 1) != armed else { return false }
    return phase.compareExchange(expected: now, desired: now + 1, ordering: .sequentiallyConsistent).exchanged
  }

  // MARK: Counting

  /// What fired, in order; at most 100,000.
  public var firings: [Firing] { context.firings }

  /// Firings beyond those that are kept.
  public var unkeptFirings: Int { context.unkeptFirings }

  /// Eligible hits that passed because more than 10,000 values of a `per` key were seen.
  public var unlistedHits: Int { rules.reduce(0) { $0 + $1.counts.unlisted } }

  /// Hits, eligible hits and firings of every inject, in the order of the faults.
  public var counts: [(fault: String, inject: Int, site: String, hits: Int, eligible: Int, fired: Int)] {
    rules.map { rule in
      let counts = rule.counts
      return (rule.fault, rule.index, rule.inject.site, counts.hits, counts.eligible, counts.fired)
    }
  }

  // MARK: Acting

  /// Acts for a caller that was told to sleep, hang or end; other actions are the caller's own business.
  public func perform(_ action: FaultAction) throws(Stopped) {
    switch action {
    case .sleep(let duration): try wait(until: runtime.now + duration)
    case .hang: try wait(until: nil)
    // To the victim it is the end of its run; nobody else hears of it.
    case .kill: throw .stopped
    case .barrier(let name, let threads): try come(to: name, threads: threads)
    case .wait(let name): try wait(until: nil) { meetings.isSignalled(name) }
    case .signal(let name):
      meetings.signal(name)
      try lock.withLock { disarmed.broadcast() }
    case .pass, .delay, .drop, .dup, .reorder, .returnError, .replace, .quota, .skew, .corrupt, .close, .refuse, .http:
      return
    }
  }

  /// Clocks of this phase: how far a clock with that skew is ahead now.
  public func offset(by skew: Duration, perSecond drift: Duration) -> Duration {
    let seconds = (runtime.now - context.armedAt).nanoseconds / 1_000_000
    return skew + Duration(nanoseconds: Int64(clamping: Int128(drift.nanoseconds) * Int128(seconds) / 1000))
  }

  private func come(to name: String, threads: Int) throws(Stopped) {
    guard meetings.come(to: name, of: threads) else { return try wait(until: nil) { meetings.isSignalled(name) } }
    meetings.signal(name)
    try lock.withLock { disarmed.broadcast() }
  }

  /// A victim counts itself before it looks at the phase, and disarming looks at the count after it ended the phase: one
  /// of them sees the other.
  private func wait(until end: Instant?, unless isOver: () -> Bool = { false }) throws(Stopped) {
    victims.add(1, ordering: .sequentiallyConsistent)
    defer { victims.subtract(1, ordering: .sequentiallyConsistent) }
    let mine = phase.load(ordering: .sequentiallyConsistent)
    try lock.lock()
    defer { lock.unlock() }
    while mine % 2 == 1, phase.load(ordering: .sequentiallyConsistent) == mine, !isOver() {
      if let end {
        if runtime.now >= end { return }
        try disarmed.wait(until: end)
      } else {
        try disarmed.wait()
      }
    }
  }
}
