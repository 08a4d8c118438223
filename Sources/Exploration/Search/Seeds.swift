import Basics

/// How one run seed becomes the seeds of many runs.
///
/// A run seed yields 20 scenario seeds. Schedule i runs scenario seed i mod 20 with a schedule seed of its own; arms that
/// must be compared share i, campaigns use disjoint i.
public struct Seeds: Sendable {
  /// Scenario seeds per run seed.
  public static let scenarioCount = 20

  /// The run seed that all others are drawn from.
  public let seed: UInt64

  /// The seeds of one run seed; every value is valid.
  public init(_ seed: UInt64) { self.seed = seed }

  /// Scenario seed of schedule `index`, 32 bits; repeats every 20 schedules.
  public func scenario(_ index: Int) -> UInt64 {
    Mixing.mix(seed, 0x5CE9A, UInt64(index % Self.scenarioCount)) >> 32
  }

  /// Schedule seed of schedule `index` in an arm, 48 bits; differs for every arm and index.
  public func schedule(arm: Int, _ index: Int) -> UInt64 { Mixing.mix(seed, UInt64(arm), UInt64(index)) >> 16 }

  /// The request of schedule `index`: every second one is stall-free.
  public func request(arm: Int, _ index: Int) -> RunRequest {
    RunRequest(
      scenarioSeed: scenario(index), scheduleSeed: schedule(arm: arm, index),
      schedule: .explore(stalls: index % 2 == 1))
  }

  /// The nominal schedule of the scenario of `index`.
  public func nominal(arm: Int, _ index: Int) -> RunRequest {
    RunRequest(scenarioSeed: scenario(index), scheduleSeed: schedule(arm: arm, index), schedule: .nominal)
  }
}
