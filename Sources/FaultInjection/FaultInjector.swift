public import ChaosRuntime
import Synchronization

/// Arms faults at the sites of one run, counts what they do, and takes everything back when told.
public final class FaultInjector: Interposer {
  private let context: InjectionContext
  private let catalogue: SiteCatalogue
  private let rules: [ArmedRule]
  private let runtime: Runtime
  /// Victims of sleeps and hangs wait here; its name keeps the injector out of its own locks.
  private let lock: Lock
  private let disarmed: ChaosRuntime.Condition
  private let isArmed = Atomic<Bool>(false)
  private let diskSites: [DiskOperation: Site]
  private let lockSite: Site?
  private static let lockName = "fault-injector"

  public init(runtime: Runtime, catalogue: SiteCatalogue, faults: [Fault]) throws(InjectionError) {
    self.runtime = runtime
    self.catalogue = catalogue
    context = InjectionContext(runtime: runtime)
    lock = Lock(runtime, Self.lockName)
    disarmed = ChaosRuntime.Condition(lock, "\(Self.lockName) disarmed")
    var made: [ArmedRule] = []
    for fault in faults {
      for (index, inject) in fault.injects.enumerated() {
        let definition = try Self.check(inject, of: fault, in: catalogue)
        made.append(
          ArmedRule(fault: fault.id, index: index, inject: inject, definition: definition, context: context))
      }
    }
    rules = made
    var sites: [DiskOperation: Site] = [:]
    for operation in DiskOperation.allCases { sites[operation] = catalogue["disk.\(operation.rawValue)"] }
    diskSites = sites
    lockSite = catalogue["lock.acquire"]
  }

  /// Says whether the faults fit the catalogue, without arming anything.
  public static func validate(_ faults: [Fault], against definitions: [SiteDefinition]) throws(InjectionError) {
    let catalogue = SiteCatalogue(definitions)
    for fault in faults {
      for inject in fault.injects { _ = try check(inject, of: fault, in: catalogue) }
    }
  }

  private static func check(
    _ inject: Fault.Inject, of fault: Fault, in catalogue: SiteCatalogue
  ) throws(InjectionError) -> SiteDefinition {
    let definitions = catalogue.sites.map(\.definition)
    if let problem = SiteCheck.problem(inject, in: definitions) { throw problem.error(fault.id) }
    return catalogue.required(inject.site).definition
  }

  /// The chaos phase begins: windows count from now.
  public func arm() {
    context.arm(at: runtime.now)
    isArmed.store(true, ordering: .releasing)
    for rule in rules { catalogue.required(rule.inject.site).arm(rule) }
  }

  /// Takes back exactly what was armed and lets every victim go. Calling it twice does nothing more.
  public func disarm() throws(Stopped) {
    isArmed.store(false, ordering: .releasing)
    for rule in rules { catalogue[rule.inject.site]?.disarm(rule) }
    try lock.lock()
    defer { lock.unlock() }
    disarmed.broadcast()
  }

  public var firings: [Firing] { context.firings }

  /// Hits, eligible hits and firings of every inject, in the order of the faults.
  public var counts: [(fault: String, inject: Int, site: String, hits: Int, eligible: Int, fired: Int)] {
    rules.map { rule in
      let counts = rule.counts
      return (rule.fault, rule.index, rule.inject.site, counts.hits, counts.eligible, counts.fired)
    }
  }

  /// Acts for a caller that was told to sleep or hang; other actions are the caller's own business.
  public func perform(_ action: FaultAction) throws(Stopped) {
    switch action {
    case .sleep(let duration): try wait(until: runtime.now + duration)
    case .hang: try wait(until: nil)
    case .pass, .drop, .returnError: return
    }
  }

  private func wait(until end: Instant?) throws(Stopped) {
    try lock.lock()
    defer { lock.unlock() }
    while isArmed.load(ordering: .acquiring) {
      if let end {
        if runtime.now >= end { return }
        try disarmed.wait(until: end)
      } else {
        try disarmed.wait()
      }
    }
  }

  // MARK: Interposer

  public func beforeLock(_ lock: Lock) throws(Stopped) {
    guard let site = lockSite, !lock.name.hasPrefix(Self.lockName) else { return }
    if let action = site.decide([SiteValue(lock.name)]) { try perform(action) }
  }

  public func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    guard let action = diskSites[operation]?.decide([SiteValue(Self.lastComponent(final)), SiteValue(final)])
    else { return nil }
    if case .returnError(let code) = action { return Self.diskError(code) }
    try perform(action)
    return nil
  }

  private static func lastComponent(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  private static func diskError(_ code: String) -> DiskError {
    switch code {
    case "full": .full
    case "readonly": .readOnly
    case "notfound": .notFound
    default: .io(Int32(code) ?? 5)
    }
  }
}

/// The sites of the runtime itself: every system under test has them.
public enum RuntimeSites {
  public static let definitions: [SiteDefinition] =
    DiskOperation.allCases.map { operation in
      SiteDefinition(
        name: "disk.\(operation.rawValue)", keys: ["file", "path"], actions: [.sleep, .hang, .returnError],
        summary: "before a disk \(operation.rawValue); file: final name, path: final path; return(full|readonly|errno)")
    } + [
      SiteDefinition(
        name: "lock.acquire", keys: ["name"], actions: [.sleep],
        summary: "before a lock is asked for; name: the lock's name")
    ]
}
