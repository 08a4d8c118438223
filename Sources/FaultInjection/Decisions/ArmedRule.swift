import Basics
import ChaosRuntime
import Synchronization

/// One inject of an armed fault, with its counters.
final class ArmedRule: Sendable {
  /// Distinct values of `per` that are counted; hits of further ones pass and are counted as unlisted.
  static let perKeysMax = 10_000

  struct Counts: Equatable {
    /// Calls of the site while the rule was armed.
    var hits = 0
    /// Hits that match, within window and time to live.
    var eligible = 0
    /// Actions handed out; `pass` is none.
    var fired = 0
    /// Eligible hits of per-keys beyond the table.
    var unlisted = 0
  }

  private struct State {
    var isArmed = false
    var counts = Counts()
    /// Number of a per-key; its counters stand at that place of the arrays.
    var keys: [String: Int] = [:]
    var eligible: [Int] = []
    /// One row of steps per key.
    var fired: [Int] = []
  }

  let fault: String
  let index: Int
  let inject: Fault.Inject
  /// Where a hit of one of the sites has what the inject asks for.
  private struct Positions: Sendable {
    let conditions: [(position: Int, condition: Fault.Condition)]
    let per: Int?

    init(_ inject: Fault.Inject, _ definition: SiteDefinition) {
      conditions = inject.match.compactMap { condition in
        definition.keys.firstIndex(of: condition.key).map { ($0, condition) }
      }
      per = inject.per.flatMap { definition.keys.firstIndex(of: $0) }
    }
  }

  /// The first is the one where the inject names one site; an inject of several has theirs by name.
  private let positions: Positions
  private let others: [String: Positions]
  private let context: InjectionContext
  private let state = Mutex(State())

  /// The definitions, of which there is at least one, have every key that the inject names: the injector checked it.
  init(fault: String, index: Int, inject: Fault.Inject, definitions: [SiteDefinition], context: InjectionContext) {
    self.fault = fault
    self.index = index
    self.inject = inject
    self.context = context
    positions = Positions(inject, definitions[0])
    others = Dictionary(
      definitions.dropFirst().map { ($0.name, Positions(inject, $0)) }, uniquingKeysWith: { first, _ in first })
  }

  var counts: Counts { state.withLock { $0.counts } }

  func setArmed(_ isArmed: Bool) { state.withLock { $0.isArmed = isArmed } }

  /// Counts the hit and decides; the caller acts. `isTaken`: another rule fires already, so this one only counts.
  func decide(_ values: [SiteValue], at site: String, isTaken: Bool) -> FaultAction? {
    let positions = others.isEmpty ? positions : others[site] ?? positions
    let isEligible = matches(values, positions)
    let now = context.runtime.now
    let per = positions.per.map { values[$0].text } ?? ""
    let decided = state.withLock { state -> (action: FaultAction, hit: Int)? in
      // A thread that looked at the site before the fault was disarmed may come here after it.
      guard state.isArmed else { return nil }
      state.counts.hits += 1
      guard isEligible, let (key, hit) = Self.count(per, in: &state, steps: inject.plan.steps.count) else { return nil }
      guard !isTaken, hit >= inject.after, (hit - inject.after + 1) % inject.every == 0 else { return nil }
      return step(per, key, hit, &state).map { ($0, hit) }
    }
    guard let decided else { return nil }
    context.record(
      Firing(
        fault: fault, inject: index, site: inject.site, per: per, hit: decided.hit, time: now, action: decided.action,
        thread: context.runtime.threadName))
    return decided.action
  }

  /// The key's number and the eligible hits before this one; nil: the table of keys is full.
  private static func count(_ per: String, in state: inout State, steps: Int) -> (key: Int, hit: Int)? {
    state.counts.eligible += 1
    guard let key = state.keys[per] else {
      guard state.keys.count < perKeysMax else {
        state.counts.unlisted += 1
        return nil
      }
      let key = state.keys.count
      state.keys[per] = key
      state.eligible.append(1)
      state.fired.append(contentsOf: repeatElement(0, count: steps))
      return (key, 0)
    }
    let hit = state.eligible[key]
    state.eligible[key] = hit + 1
    return (key, hit)
  }

  /// The first step that triggers.
  private func step(_ per: String, _ key: Int, _ hit: Int, _ state: inout State) -> FaultAction? {
    let steps = inject.plan.steps
    for (i, step) in steps.enumerated() {
      let counter = key * steps.count + i
      if let count = step.count, state.fired[counter] >= count { continue }
      // Each step draws its own number, so that a chain's steps are independent.
      let name = i == 0 ? fault : "\(fault)+\(i)"
      let draw = FaultKey(fault: name, inject: index, site: inject.site, per: RecordingText.field(per), hit: hit)
      guard context.runtime.choices.fires(draw, probability: step.probability) else { continue }
      state.fired[counter] += 1
      if step.action == .pass { return nil }
      state.counts.fired += 1
      return step.action
    }
    return nil
  }

  private func matches(_ values: [SiteValue], _ positions: Positions) -> Bool {
    let since = context.runtime.now - context.armedAt
    if since < inject.window.start { return false }
    if let end = inject.window.end, since >= end { return false }
    if let ttl = inject.ttl, since >= ttl { return false }
    if let thread = inject.thread, !Glob.matches(thread, context.runtime.threadName) { return false }
    guard positions.conditions.allSatisfy({ $0.condition.holds(for: values[$0.position]) }) else { return false }
    return inject.when.allSatisfy { state in
      context.catalogue.count(of: state.key).map { state.holds(for: SiteValue($0)) } ?? false
    }
  }
}

/// Text as a field of a recording: bars, line ends and blanks would not read back.
enum RecordingText {
  static func field(_ text: String) -> String {
    func isSafe(_ byte: UInt8) -> Bool { byte > 0x20 && byte != 0x7F && byte != 0x7C && byte != 0x25 }
    if text.utf8.allSatisfy(isSafe) { return text }
    var out: [UInt8] = []
    for byte in text.utf8 {
      if isSafe(byte) {
        out.append(byte)
      } else {
        let hex = String(byte, radix: 16, uppercase: true)
        out += Array("%\(byte < 0x10 ? "0" : "")\(hex)".utf8)
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
