import ChaosRuntime
import Synchronization

/// One firing of a fault.
public struct Firing: Sendable, Equatable {
  public var fault: String
  public var inject: Int
  public var site: String
  /// Value of the `per` key; empty without.
  public var per: String
  /// Eligible hits before this one.
  public var hit: Int
  public var time: Instant
  public var action: FaultAction
  public var thread: String
}

/// One inject of an armed fault, with its counters.
final class ArmedRule: Sendable {
  /// Distinct values of `per` that are counted; further ones pass and are counted as `unlisted`.
  static let perKeysMax = 10_000

  private struct Counter {
    var eligible = 0
    var fired: [Int]
  }

  private struct State {
    var counters: [String: Counter] = [:]
    var hits = 0
    var eligible = 0
    var fired = 0
    var unlisted = 0
  }

  let fault: String
  let index: Int
  let inject: Fault.Inject
  private let conditions: [(position: Int, condition: Fault.Condition)]
  private let perPosition: Int?
  private let context: InjectionContext
  private let state = Mutex(State())

  /// `definition` has every key that the inject names: the injector checked it.
  init(fault: String, index: Int, inject: Fault.Inject, definition: SiteDefinition, context: InjectionContext) {
    self.fault = fault
    self.index = index
    self.inject = inject
    self.context = context
    conditions = inject.match.compactMap { condition in
      definition.keys.firstIndex(of: condition.key).map { ($0, condition) }
    }
    perPosition = inject.per.flatMap { definition.keys.firstIndex(of: $0) }
  }

  var counts: (hits: Int, eligible: Int, fired: Int) { state.withLock { ($0.hits, $0.eligible, $0.fired) } }

  /// Counts the hit and decides; the caller acts. `isTaken`: another rule fires already, so this one only counts.
  func decide(_ values: [SiteValue], isTaken: Bool) -> FaultAction? {
    guard matches(values) else {
      state.withLock { $0.hits += 1 }
      return nil
    }
    let per = perPosition.map { values[$0].text } ?? ""
    let now = context.runtime.now
    let decided = state.withLock { state -> (action: FaultAction, hit: Int)? in
      state.hits += 1
      if state.counters[per] == nil, state.counters.count >= Self.perKeysMax {
        state.unlisted += 1
        return nil
      }
      var counter = state.counters[per] ?? Counter(fired: Array(repeating: 0, count: inject.plan.steps.count))
      let hit = counter.eligible
      counter.eligible += 1
      state.eligible += 1
      defer { state.counters[per] = counter }
      guard !isTaken, hit >= inject.after, (hit - inject.after + 1) % inject.every == 0 else { return nil }
      for (i, step) in inject.plan.steps.enumerated() {
        if let count = step.count, counter.fired[i] >= count { continue }
        // Each step draws its own number, so that a chain's steps are independent.
        let key = FaultKey(
          fault: i == 0 ? fault : "\(fault)+\(i)", inject: index, site: inject.site, per: per, hit: hit)
        guard context.runtime.choices.fires(key, probability: step.probability) else { continue }
        counter.fired[i] += 1
        if step.action == .pass { return nil }
        state.fired += 1
        return (step.action, hit)
      }
      return nil
    }
    guard let decided else { return nil }
    context.record(
      Firing(
        fault: fault, inject: index, site: inject.site, per: per, hit: decided.hit, time: now, action: decided.action,
        thread: context.runtime.threadName))
    return decided.action
  }

  private func matches(_ values: [SiteValue]) -> Bool {
    let since = context.runtime.now - context.chaosStart
    if since < inject.window.start { return false }
    if let end = inject.window.end, since >= end { return false }
    if let ttl = inject.ttl, context.runtime.now - context.armedAt >= ttl { return false }
    if let thread = inject.thread, !Glob.matches(thread, context.runtime.threadName) { return false }
    return conditions.allSatisfy { $0.condition.holds(for: values[$0.position]) }
  }
}

/// What the rules of one injector share.
final class InjectionContext: Sendable {
  /// Firings kept; later ones are only counted.
  static let firingsMax = 100_000

  let runtime: Runtime
  private let state: Mutex<(chaosStart: Instant, armedAt: Instant, firings: [Firing])>

  init(runtime: Runtime) {
    self.runtime = runtime
    state = Mutex((runtime.now, runtime.now, []))
  }

  var chaosStart: Instant { state.withLock { $0.chaosStart } }
  var armedAt: Instant { state.withLock { $0.armedAt } }
  var firings: [Firing] { state.withLock { $0.firings } }

  func arm(at now: Instant) {
    state.withLock {
      $0.chaosStart = now
      $0.armedAt = now
    }
  }

  func record(_ firing: Firing) {
    state.withLock { if $0.firings.count < Self.firingsMax { $0.firings.append(firing) } }
  }
}
