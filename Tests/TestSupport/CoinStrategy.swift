import Basics
public import ChaosRuntime

/// Lets any thread run at one point in three, and stalls one now and then.
public final class CoinStrategy: Strategy {
  private let stallEvery: UInt64
  private let stallMax: Int64

  /// One point in `stallEvery` stalls its thread, for at most `stallMax`.
  public init(stallEvery: UInt64 = 50, stallMax: Duration = .milliseconds(100)) {
    self.stallEvery = stallEvery
    self.stallMax = stallMax.nanoseconds
  }

  public func begin(seed: UInt64) {}

  public func next(_ point: borrowing SchedulingPoint) -> Decision {
    if point.draw % stallEvery == 0 { return .stall(Int64(point.draw >> 8) % stallMax + 1) }
    if point.runnableCount > 0, point.draw % 3 == 0 {
      return .run(Mixing.index(Mixing.mix(point.draw), below: point.runnableCount))
    }
    return .proceed
  }

  public func latency(draw: UInt64) -> Int { 0 }

  public var summary: String { "coin" }
}
