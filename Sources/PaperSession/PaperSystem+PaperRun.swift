import Basics
public import Exploration

extension PaperSystem {
  /// Schedules of a bug's own scenario: a bug that needs an unlucky one shows itself in one of them, and the good engine is
  /// clean in all.
  private static let scenarioSchedules = 8

  /// The one schedule of a paper session, or a bug's own scenario in several schedules until one is red: the worst of them,
  /// how many were run, and of how many. Nil: none was run.
  public func paperRun(seed: UInt64, by executor: Executor) -> (report: RunReport, ran: Int, of: Int)? {
    let count = inputs.bug == nil ? 1 : Self.scenarioSchedules
    var sweep = Sweep<PaperSystem>(by: executor, epoch: epoch)
    // Somebody waits for one session; its recording can be run again.
    sweep.repeatsEvery = nil
    sweep.confirmsFailures = false
    var kept: (report: RunReport, code: Int32)?
    let campaign = sweep.run(
      until: CampaignGoal(ran: count, failed: 1), of: { _ in self },
      request: { index in
        var request = Self.paperRequest(seed: seed)
        if index > 0 { request.scheduleSeed = Mixing.mix(seed, UInt64(index)) }
        request.wantsStacks = true
        request.wantsReport = true
        return request
      },
      judge: { report, _ in
        let code = Self.exitCode(report)
        // What is inconclusive gives way to a failure, and a pass to both.
        if ExitCode.worst([code, kept?.code ?? ExitCode.pass]) != kept?.code { kept = (report, code) }
        guard code == ExitCode.failed || code == ExitCode.stuck else { return .counts }
        let verdict = Verdict(check: "paper", outcome: .fail, reason: "the report on the session is red")
        return .fails(report.failure() ?? verdict, counts: true)
      })
    return kept.map { ($0.report, campaign.ran, count) }
  }

  /// What the report on a run exits with; a session whose own files cannot be read has none.
  private static func exitCode(_ report: RunReport) -> Int32 {
    guard let code = report.judgement.reportExitCode else { return ExitCode.failed }
    return report.incidents.isEmpty ? code : ExitCode.stuck
  }
}
