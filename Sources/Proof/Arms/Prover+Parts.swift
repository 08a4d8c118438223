import Basics
import Exploration

/// The parts of a proof besides its four arms.
struct ProofParts {
  var lift = Lift()
  var certificate: Certificate?
  /// What they refute, and what they leave open.
  var missing: [String] = []
  var open: [String] = []
}

extension ProofSpec {
  /// Explored schedules of the original without the fault.
  var liftSchedules: Int { min(50, schedules) }
  /// Schedules of the certificate.
  var certificateSchedules: Int { min(50, schedules) }
}

extension Prover {
  /// Times that the certificate is begun anew with larger bounds.
  private static var attemptsMax: Int { 3 }

  /// The lift, and the certificate when the fix held; `fixed` is the fixed arm under the fault.
  func runParts(after fixed: ArmResult?, _ epoch: Instant, _ step: () -> Void) -> ProofParts {
    var parts = ProofParts()
    measureLift(&parts, epoch, step)
    if parts.lift.schedules < spec.liftSchedules {
      parts.open.append(
        "the lift is missing: \(parts.lift.schedules) of \(spec.liftSchedules) schedules of the "
          + "\(Arm.originalOff.label(spec)) were explored")
    }
    if let fixed, fixed.failures.isEmpty, fixed.counted > 0 { certify(&parts, fixed, epoch, step) }
    return parts
  }

  private func measureLift(_ parts: inout ProofParts, _ epoch: Instant, _ step: () -> Void) {
    var sweep = partSweep(.originalOff, epoch)
    let campaign = sweep.run(
      system(.originalOff), Search(seeds, arm: 2), until: CampaignGoal(ran: spec.liftSchedules),
      choose: { spec.isTimeSignature && !$1.isStallFree ? nil : $1 },
      judge: { report, _ in
        step()
        return spec.failing(report, isOriginal: true).map { .fails($0, counts: true) } ?? .counts
      })
    parts.lift.schedules = campaign.ran
    parts.lift.failures = campaign.counts.failed
    if let reason = sweep.reason { parts.open.append("the lift: \(reason)") }
  }

  /// A failure is printed with its numbers, and nothing of it is kept: nothing is run again for it.
  private func partSweep(_ arm: Arm, _ epoch: Instant) -> Sweep<System> {
    var sweep = Sweep<System>(by: executor, epoch: epoch)
    let willRun = willRun
    sweep.willRun = { _, request in willRun(arm, request) }
    sweep.isOverBudget = isOverBudget
    sweep.confirmsFailures = false
    return sweep
  }

  /// PCT of depth 2 without stalls and latencies; a schedule beyond the bounds voids those before it.
  private func certify(_ parts: inout ProofParts, _ fixed: ArmResult, _ epoch: Instant, _ step: () -> Void) {
    let system = self.system(.fixedOn)
    var certificate = Certificate(depth: 2, threads: max(1, fixed.threadsMax), steps: max(16, fixed.choicesMax * 5 / 4))
    var sweep = partSweep(.fixedOn, epoch)
    defer { if let reason = sweep.reason { parts.open.append("the PCT certificate: \(reason)") } }
    var index = 0
    for attempt in 1...Self.attemptsMax {
      var beyond: RunReport?
      let campaign = sweep.run(
        from: index, until: CampaignGoal(counted: spec.certificateSchedules, failed: 1, notReached: 1),
        of: { _ in system }, request: { pct($0, certificate) },
        judge: { report, _ in
          step()
          if let verdict = spec.failing(report) { return .fails(verdict, counts: false) }
          if report.choicePoints <= certificate.steps, report.threadCount <= certificate.threads { return .counts }
          beyond = report
          return .notReached
        })
      certificate.schedules = campaign.counts.counted
      if sweep.divergence != nil { return }
      if let failure = campaign.failure {
        parts.missing.append(
          "the \(Arm.fixedOn.label(spec)) failed PCT schedule \(failure.index) by \(failure.verdict.check): "
            + failure.verdict.reason)
        return
      }
      if campaign.isCut {
        parts.open.append(
          "the PCT certificate is missing: \(certificate.schedules) of \(spec.certificateSchedules) schedules were run")
        return
      }
      guard let beyond else {
        parts.certificate = certificate
        return
      }
      guard attempt < Self.attemptsMax else {
        parts.open.append(
          "the PCT certificate is missing: a schedule had \(beyond.choicePoints) steps with a choice and "
            + "\(beyond.threadCount) threads, beyond the bounds of \(certificate.steps) and \(certificate.threads)")
        return
      }
      index += campaign.ran
      certificate.discarded += certificate.schedules + 1
      certificate.schedules = 0
      certificate.steps = max(certificate.steps, beyond.choicePoints * 3 / 2)
      certificate.threads = max(certificate.threads, beyond.threadCount)
    }
  }

  private func pct(_ index: Int, _ certificate: Certificate) -> RunRequest {
    var request = seeds.nominal(arm: 3, index)
    request.schedule = .explore(StrategyPlan(.pct(depth: certificate.depth, steps: certificate.steps), noise: .none))
    return request
  }
}
