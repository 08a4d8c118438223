public import Basics

/// When a failing run was lost: up to which moment its schedule must be kept for others to fail as well.
///
/// At each moment the schedule so far is kept and the rest is drawn anew, some times over; faults and latencies stay those
/// of the recording.
public struct CriticalMoment: Sendable, Equatable {
  /// One moment of the failing run, and how often its continuations failed.
  public struct Point: Sendable, Equatable {
    /// The schedule is kept until then.
    public var after: Duration
    /// The choice just made; nil at the start and at moments between choices.
    public var choice: String?
    /// Continuations that failed with the same fingerprint.
    public var failing: Int
    /// Continuations drawn.
    public var samples: Int

    /// `failing / samples`, 0...1; 0 when none was drawn.
    public var share: Double { samples == 0 ? 0 : Double(failing) / Double(samples) }
  }

  /// In the order of time; the first is the start of the run.
  public var points: [Point]
  /// Choices of the schedule beyond those that were looked at.
  public var skippedChoices = 0

  /// The first moment after which at least nine in ten fail, and more than before it; nil: there is none.
  public var critical: Point? { points.first { $0.share >= 0.9 } }

  /// Runs at most, over all moments.
  public static let samplesMax = 200
  /// Moments looked at besides the start.
  static let choicesMax = 9

  /// `report` is the failing run, with its steps; without a failure there are no moments. A resampling counts when it ends with the same fingerprint.
  public static func find<System: SystemUnderTest>(
    _ report: RunReport, of system: System, checks: [String], executor: Executor, epoch: Instant = .simulationEpoch,
    samplesMax: Int = samplesMax, progress: (_ done: Int, _ of: Int) -> Void = { _, _ in },
    isInterrupted: () -> Bool = { false }
  ) -> CriticalMoment {
    guard let fingerprint = FailureFingerprint(report, checks: checks) else { return CriticalMoment(points: []) }
    let (moments, skipped) = moments(of: report)
    let samples = max(1, samplesMax / moments.count)
    let noise = report.request.isStallFree ? StrategyPlan.Noise.latencies : .stalls
    var points: [Point] = []
    for (index, moment) in moments.enumerated() {
      var point = Point(after: moment.after, choice: moment.choice, failing: 0, samples: samples)
      for sample in 0..<samples {
        // What is counted so far would pass for all of it.
        if isInterrupted() { return CriticalMoment(points: points) }
        let request = RunRequest(
          scenarioSeed: report.request.scenarioSeed,
          scheduleSeed: Mixing.mix(report.request.scheduleSeed, UInt64(index), UInt64(sample)),
          schedule: .resample(report.recording, after: moment.after, StrategyPlan(.randomWalk, noise: noise)))
        let other = executor.run(system, request, epoch: epoch)
        if FailureFingerprint(other, checks: checks) == fingerprint { point.failing += 1 }
        progress(index * samples + sample + 1, samples * moments.count)
      }
      points.append(point)
    }
    return CriticalMoment(points: points, skippedChoices: skipped)
  }

  /// The start, the instant after each of the first choices of the schedule, and the end of the run less a hundredth; and
  /// how many choices are left out.
  private static func moments(
    of report: RunReport
  ) -> (moments: [(after: Duration, choice: String?)], skipped: Int) {
    var moments: [(after: Duration, choice: String?)] = [(.zero, nil)]
    var skipped = 0
    for step in report.trace?.kept ?? [] where step.choices > 0 {
      if moments.count > choicesMax {
        skipped += 1
        continue
      }
      let after = step.elapsed + Duration(nanoseconds: 1)
      if moments.last?.after != after { moments.append((after, "\(step.thread) at \(step.site)")) }
    }
    let end = report.virtualTime - report.virtualTime / 100
    if end > moments[moments.count - 1].after { moments.append((end, nil)) }
    return (moments, skipped)
  }
}
