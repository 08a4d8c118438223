public import Basics

/// Runs the schedules of a sweep, and one in fifty of them twice: what cannot be run again proves nothing.
public struct Sweep<System: SystemUnderTest> {
  private let executor: Executor
  private let epoch: Instant
  /// Schedules run, repetitions not counted.
  public private(set) var ran = 0
  /// Schedules run again.
  public private(set) var repeated = 0
  /// The first schedule that was another one when it was run again; the sweep is worth nothing then.
  public private(set) var divergence: Divergence?

  /// A sweep that has run nothing yet.
  public init(by executor: Executor, epoch: Instant = .simulationEpoch) {
    self.executor = executor
    self.epoch = epoch
  }

  /// Runs one schedule.
  public mutating func run(_ request: RunRequest, of system: System) -> RunReport {
    var request = request
    let isSampled = ran % DeterminismCheck<System>.sampleEvery == 0
    if isSampled { request.tracing = .hash }
    let report = executor.run(system, request, epoch: epoch)
    ran += 1
    if isSampled { confirm(report, of: system) }
    return report
  }

  /// Runs a failing schedule again before it is reported; whether it was the same.
  @discardableResult
  public mutating func confirm(_ report: RunReport, of system: System) -> Bool {
    guard divergence == nil else { return false }
    repeated += 1
    let second = Executor(carrier: executor.carrier)
    divergence = DeterminismCheck(system, first: executor, second: second, epoch: epoch).repetition(of: report)
    return divergence == nil
  }

  /// Why the sweep is worth nothing; nil: every repetition was the same.
  public var reason: String? {
    divergence.map { "a schedule was not the same when it was run again: \($0)" }
  }
}
