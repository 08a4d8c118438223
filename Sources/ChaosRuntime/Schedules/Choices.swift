import Basics
import Synchronization

/// Names one decision of a fault: no thread is part of it, so the schedule moves the moment, not the draw.
public struct FaultKey: Sendable, Hashable {
  /// Id of the fault, as its file has it.
  public var fault: String
  /// Index of the inject in its fault.
  public var inject: Int
  /// Where in the program the decision falls, such as `exchange.match`.
  public var site: String
  /// Value of the key that counters are kept per; empty without `per`.
  public var per: String
  /// Eligible hits before this one under the same key.
  public var hit: Int

  /// A key as given; equal keys draw equal numbers.
  public init(fault: String, inject: Int, site: String, per: String, hit: Int) {
    self.fault = fault
    self.inject = inject
    self.site = site
    self.per = per
    self.hit = hit
  }
}

/// The one place that decides what is not determined: faults and latencies here, scheduling in the world that owns it.
///
/// Every draw is a pure function of (seed, key). In replay nothing is drawn: what the recording lists happens.
public final class Choices: Sendable {
  /// Where draws come from.
  public enum Source: Sendable {
    /// Each decision is drawn from the seed and its own key.
    case seeded(UInt64)
    /// What the recording lists happens, everything else is the default.
    case replay(Recording)
  }

  private struct State {
    var lines: [Recording.Line] = []
    var overrides: [Recording.Line: String] = [:]
    /// Overrides that were asked for at least once: one latency may serve several calls.
    var taken: Set<Recording.Line> = []
    var droppedCount = 0
  }

  /// Lines kept at most; more are dropped and counted. A recording that lacks lines cannot be replayed, and its header
  /// says so.
  public static let linesMax = 1_000_000

  private let seed: UInt64
  private let isReplay: Bool
  private let replayed: [Recording.Line]
  private let latencyOf: @Sendable (UInt64) -> Int
  private let linesMax: Int
  private let state: Mutex<State>

  /// `latency` says how many steps above nominal a draw is; live runs and nominal schedules leave it at 0. `linesMax` is
  /// how many lines are kept.
  public init(
    _ source: Source, linesMax: Int = Choices.linesMax, latency: @escaping @Sendable (UInt64) -> Int = { _ in 0 }
  ) {
    self.linesMax = linesMax
    var initial = State()
    switch source {
    case .seeded(let seed):
      self.seed = seed
      isReplay = false
      replayed = []
    case .replay(let recording):
      seed = 0
      isReplay = true
      replayed = recording.lines.filter { $0.kind == .fault || $0.kind == .latency }
      for line in replayed {
        var key = line
        key.value = ""
        initial.overrides[key] = line.value
      }
    }
    latencyOf = latency
    state = Mutex(initial)
  }

  /// Whether the fault fires; each firing is recorded, also a certain one.
  public func fires(_ key: FaultKey, probability: Double) -> Bool {
    if probability <= 0, !isReplay { return false }
    let line = Recording.Line(
      kind: .fault, subject: "\(key.fault)/\(key.inject)", site: key.per.isEmpty ? key.site : "\(key.site) \(key.per)",
      occurrence: key.hit, value: "")
    if isReplay { return takeOverride(line) != nil }
    let draw = Mixing.mix(seed, Mixing.hash(line.subject), Mixing.hash(line.site) ^ UInt64(bitPattern: Int64(key.hit)))
    guard Mixing.unit(draw) < probability else { return false }
    record(line, value: "1")
    return true
  }

  /// A latency: `nominal`, or nominal lengthened by a quarter of itself per step that the strategy adds.
  ///
  /// `key` and `attempt` name it (a client order id and its attempt, say), so that it does not depend on the schedule.
  public func latency(_ kind: StaticString, key: String, attempt: Int, nominal: Duration) -> Duration {
    let steps = latencySteps(kind, key: key, attempt: attempt)
    guard steps != 0 else { return nominal }
    let (quarters, overflow) = nominal.nanoseconds.multipliedReportingOverflow(by: Int64(steps))
    return nominal + Duration(nanoseconds: overflow ? .max : quarters / 4)
  }

  func latencySteps(_ kind: StaticString, key: String, attempt: Int) -> Int {
    if isReplay {
      let line = Recording.Line(kind: .latency, subject: "\(kind)", site: key, occurrence: attempt, value: "")
      return takeOverride(line).flatMap { Int($0) } ?? 0
    }
    let steps = latencyOf(Mixing.mix(seed, Mixing.hash(key) ^ UInt64(kind.utf8CodeUnitCount), UInt64(attempt)))
    guard steps != 0 else { return 0 }
    record(
      Recording.Line(kind: .latency, subject: "\(kind)", site: key, occurrence: attempt, value: ""), value: "\(steps)")
    return steps
  }

  /// The faults and latencies that were not the default, in the order in which they happened.
  public var recorded: [Recording.Line] { state.withLock { $0.lines } }

  /// Lines beyond `linesMax`, which `recorded` lacks.
  public var droppedCount: Int { state.withLock { $0.droppedCount } }

  /// Lines of a replayed recording that nothing asked for, in its order.
  public var unapplied: [Recording.Unapplied] {
    state.withLock { state in
      replayed.compactMap { line in
        var key = line
        key.value = ""
        return state.taken.contains(key) ? nil : Recording.Unapplied(line: line, reason: .neverReached)
      }
    }
  }

  private func takeOverride(_ line: Recording.Line) -> String? {
    state.withLock { state in
      guard let value = state.overrides[line] else { return nil }
      state.taken.insert(line)
      var taken = line
      taken.value = value
      keep(taken, in: &state)
      return value
    }
  }

  private func record(_ line: Recording.Line, value: String) {
    var full = line
    full.value = value
    state.withLock { state in keep(full, in: &state) }
  }

  private func keep(_ line: Recording.Line, in state: inout State) {
    if state.lines.count < linesMax { state.lines.append(line) } else { state.droppedCount += 1 }
  }
}
