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
    let system = self.system(.originalOff)
    let search = Search(seeds, arm: 2)
    var sweep = Sweep<System>(by: executor, epoch: epoch)
    defer { if let reason = sweep.reason { parts.open.append("the lift: \(reason)") } }
    var index = 0
    while parts.lift.schedules < spec.liftSchedules, !isOverBudget() {
      let request = search.request(index)
      index += 1
      if spec.isTimeSignature, !request.isStallFree { continue }
      willRun(.originalOff, request)
      let report = sweep.run(request, of: system)
      if sweep.divergence != nil { return }
      search.note(report)
      step()
      parts.lift.schedules += 1
      if spec.failing(report, isOriginal: true) != nil { parts.lift.failures += 1 }
    }
  }

  /// PCT of depth 2 without stalls and latencies; a schedule beyond the bounds voids those before it.
  private func certify(_ parts: inout ProofParts, _ fixed: ArmResult, _ epoch: Instant, _ step: () -> Void) {
    let system = self.system(.fixedOn)
    var certificate = Certificate(depth: 2, threads: max(1, fixed.threadsMax), steps: max(16, fixed.choicesMax * 5 / 4))
    var sweep = Sweep<System>(by: executor, epoch: epoch)
    defer { if let reason = sweep.reason { parts.open.append("the PCT certificate: \(reason)") } }
    var attempts = 1
    var index = 0
    while certificate.schedules < spec.certificateSchedules {
      if isOverBudget() {
        parts.open.append(
          "the PCT certificate is missing: \(certificate.schedules) of \(spec.certificateSchedules) schedules were run")
        return
      }
      let request = RunRequest(
        scenarioSeed: seeds.scenario(index), scheduleSeed: seeds.schedule(arm: 3, index),
        schedule: .explore(StrategyPlan(.pct(depth: certificate.depth, steps: certificate.steps), noise: .none)))
      willRun(.fixedOn, request)
      let report = sweep.run(request, of: system)
      index += 1
      step()
      if sweep.divergence != nil { return }
      if let verdict = spec.failing(report) {
        parts.missing.append(
          "the \(Arm.fixedOn.label(spec)) failed PCT schedule \(index - 1) by \(verdict.check): \(verdict.reason)")
        return
      }
      if report.choicePoints <= certificate.steps, report.threadCount <= certificate.threads {
        certificate.schedules += 1
        continue
      }
      guard attempts < Self.attemptsMax else {
        parts.open.append(
          "the PCT certificate is missing: a schedule had \(report.choicePoints) steps with a choice and "
            + "\(report.threadCount) threads, beyond the bounds of \(certificate.steps) and \(certificate.threads)")
        return
      }
      attempts += 1
      certificate.discarded += certificate.schedules + 1
      certificate.schedules = 0
      certificate.steps = max(certificate.steps, report.choicePoints * 3 / 2)
      certificate.threads = max(certificate.threads, report.threadCount)
    }
    parts.certificate = certificate
  }
}
