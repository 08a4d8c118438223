public import Basics
public import ChaosRuntime

/// Runs a schedule again with endless waits instead of timed ones: if it then stops for ever, a time limit was hiding a
/// wakeup that never came.
///
/// Only for programs whose timed waits are safety nets. One whose waits are its clock (a heartbeat that waits for its next
/// beat) stops without them by right.
public struct TimeoutDifferential<System: SystemUnderTest> {
  private let system: System
  private let executor: Executor
  private let epoch: Instant

  /// A differential of `system`; nothing runs before `hidden(by:)`.
  public init(_ system: System, by executor: Executor, epoch: Instant = .simulationEpoch) {
    self.system = system
    self.executor = executor
    self.epoch = epoch
  }

  /// What comes to light; nil: the run ends without its time limits too, or had an incident with them already.
  public func hidden(by report: RunReport) -> Incident? {
    guard report.incidents.isEmpty else { return nil }
    var request = report.request
    request.schedule = .replay(report.recording)
    request.ignoresTimeouts = true
    guard var incident = executor.run(system, request, epoch: epoch).incidents.first else { return nil }
    incident.summary = "without its time limits \(incident.summary)"
    return incident
  }
}
