import Basics

/// What a strategy does besides ordering threads: stalls, latencies above nominal, and wakeups without a signal; how often of
/// each is drawn per run.
///
/// Stall lengths are log-uniform from 1 ms to 500 ms: short ones order two threads within one poll, long ones across
/// several.
struct TimeNoise {
  /// Shortest and longest stall, in nanoseconds.
  static let stallMin = 1_000_000.0
  static let stallMax = 500_000_000.0

  let kind: StrategyPlan.Noise
  private(set) var stallProbability = 0.0
  private(set) var latencyProbability = 0.0
  private(set) var wakeProbability = 0.0

  init(_ kind: StrategyPlan.Noise) { self.kind = kind }

  mutating func begin(_ draws: inout SplitMix) {
    let stall = [0.001, 0.005, 0.02][Mixing.index(draws.next(), below: 3)]
    let latency = [0, 0.25, 0.5][Mixing.index(draws.next(), below: 3)]
    let wake = [0, 0, 0.05, 0.25][Mixing.index(draws.next(), below: 4)]
    stallProbability = kind == .stalls ? stall : 0
    latencyProbability = kind == .none ? 0 : latency
    wakeProbability = kind == .none ? 0 : wake
  }

  /// How long the current thread is held up here; nil: not at all.
  @inline(__always) func stall(_ draw: UInt64) -> Int64? {
    guard stallProbability > 0, Mixing.unit(draw) < stallProbability else { return nil }
    return Self.length(draw)
  }

  func latency(_ draw: UInt64) -> Int {
    guard Mixing.unit(draw) < latencyProbability else { return 0 }
    return 1 + Mixing.index(Mixing.mix(draw), below: 8)
  }

  func wakes(_ draw: UInt64) -> Bool { wakeProbability > 0 && Mixing.unit(draw) < wakeProbability }

  var summary: String {
    "stall probability \(stallProbability), latency probability \(latencyProbability), "
      + "wakeup probability \(wakeProbability)"
  }

  static func length(_ draw: UInt64) -> Int64 {
    logUniform(Mixing.unit(Mixing.mix(draw ^ 0x57A11)), from: stallMin, octaves: 9, to: stallMax)
  }

  /// Nanoseconds for a draw in 0..<1: the `octaves` doublings between the two ends are equally likely, and lengths within one
  /// are uniform.
  static func logUniform(_ draw: Double, from min: Double, octaves: Double, to max: Double) -> Int64 {
    let position = draw * octaves
    let whole = position.rounded(.down)
    var low = min
    for _ in 0..<Int(whole) { low *= 2 }
    return Int64(Swift.min(low * (1 + position - whole), max))
  }
}
