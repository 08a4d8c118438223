public import Basics
public import ChaosRuntime
public import Exploration
import FaultInjection
import Synchronization

/// The smallest system that has a bug, a fault that provokes it and a fix: two threads that take two locks.
///
/// Taken in opposite orders the locks deadlock once both threads hold one; they never do while every choice is the default,
/// since each takes both in the same instant. The fault holds a thread up between its two locks.
public struct LockPair: SystemUnderTest {
  /// The second thread takes the locks the other way round.
  public var isReversed: Bool
  /// What happens between the two locks; nil: no fault at all.
  public var plan: String?
  public var isFaultArmed: Bool
  /// Whether the moment in front of the second lock is counted.
  public var hasLandmark: Bool
  /// Rounds of each thread.
  public var rounds: Int
  /// Verdicts that are to come out otherwise than the run says.
  public var overrides: [Verdict]

  public static let site = "pair.between"
  public static let landmark = "second-lock-wanted"
  /// Longest round that `rounds-bounded` allows.
  public static let roundMax = Duration.milliseconds(20)

  public init(
    isReversed: Bool, plan: String? = "40%sleep(5ms)", isFaultArmed: Bool = true, hasLandmark: Bool = true,
    rounds: Int = 5, overrides: [Verdict] = []
  ) {
    self.isReversed = isReversed
    self.plan = plan
    self.isFaultArmed = isFaultArmed
    self.hasLandmark = hasLandmark
    self.rounds = rounds
    self.overrides = overrides
  }

  public final class Session: Sendable {
    struct State {
      var injector: FaultInjector?
      var log: [String] = []
      var longest = Duration.zero
    }

    let state = Mutex(State())
    public let seed: UInt64

    init(seed: UInt64) { self.seed = seed }
  }

  public func makeSession(_ request: RunRequest) -> Session { Session(seed: request.scenarioSeed) }

  public func drive(_ session: Session, in runtime: Runtime) throws(Stopped) {
    let catalogue = SiteCatalogue([Self.definition])
    let injector = makeInjector(runtime, catalogue)
    session.state.withLock { $0.injector = injector }
    let locks = [Lock(runtime, "a"), Lock(runtime, "b")]
    if isFaultArmed { injector.arm() }
    var threads: [ThreadHandle] = []
    for (index, name) in ["first", "second"].enumerated() {
      let order = index == 1 && isReversed ? [locks[1], locks[0]] : locks
      // 10 ms and 13 ms apart, so that the two never wake in one instant within the rounds.
      let pause = Duration.milliseconds(10 + 3 * index) + Duration(nanoseconds: Int64(session.seed % 1000))
      let thread = try runtime.spawn(name) { () throws(Stopped) in
        for round in 0..<rounds {
          try runtime.sleep(pause)
          try take(order, catalogue.required(Self.site), injector, session, "\(name) \(round)", runtime)
        }
      }
      threads.append(thread)
    }
    for thread in threads { try thread.join() }
    try injector.disarm()
  }

  private func take(
    _ order: [Lock], _ site: Site, _ injector: FaultInjector, _ session: Session, _ note: String, _ runtime: Runtime
  ) throws(Stopped) {
    let start = runtime.now
    try order[0].withLock { () throws(Stopped) in
      if let action = site.decide([SiteValue(runtime.threadName)]) { try injector.perform(action) }
      if hasLandmark { runtime.landmark("second-lock-wanted") }
      try order[1].withLock { () throws(Stopped) in
        let now = runtime.now
        session.state.withLock { $0.log.append("\((now - .simulationEpoch).nanoseconds) \(note)") }
      }
    }
    let took = runtime.now - start
    session.state.withLock { $0.longest = max($0.longest, took) }
  }

  public func judge(_ session: Session, _ end: RunEnd) -> Judgement {
    let state = session.state.withLock { $0 }
    let deadlock = end.incidents.first { $0.kind == .deadlock }
    let isSlow = end.isStallFree && state.longest > Self.roundMax
    var verdicts = [
      Verdict(
        check: "no-deadlock", outcome: deadlock == nil ? .pass : .fail, reason: deadlock?.summary ?? "no cycle"),
      Verdict(
        check: "rounds-bounded", outcome: isSlow ? .fail : .pass,
        reason: "the longest round took \(state.longest.milliseconds) ms"),
    ]
    for check in ["no-crash", "no-stuck-wait"] {
      verdicts.append(Verdict(check: check, outcome: .pass, reason: "nothing of the kind"))
    }
    for verdict in overrides {
      verdicts.removeAll { $0.check == verdict.check }
      verdicts.append(verdict)
    }
    let counts = isFaultArmed ? state.injector?.counts ?? [] : []
    return Judgement(
      verdicts: verdicts,
      faultCounts: counts.map {
        FaultCount(
          fault: $0.fault, inject: $0.inject, site: $0.site, hits: $0.hits, eligible: $0.eligible, fired: $0.fired)
      }, landmarks: end.landmarks, files: [("log.txt", Array(state.log.joined(separator: "\n").utf8))],
      tallies: [("ROUNDS", state.log.count)] + (end.unwatched.map { [("UNWATCHED: \($0)", 1)] } ?? []))
  }

  // MARK: Faults

  private static let definition = SiteDefinition(
    name: site, keys: ["thread"], actions: [.sleep], summary: "between the two locks")

  private func makeInjector(_ runtime: Runtime, _ catalogue: SiteCatalogue) -> FaultInjector {
    do {
      let faults = try plan.map { [try Fault(oneLine: "\(Self.site)=\($0)", sites: [Self.definition])] } ?? []
      return try FaultInjector(runtime: runtime, catalogue: catalogue, faults: faults)
    } catch {
      fatalError("the plan of a lock pair is wrong: \(error)")
    }
  }
}
