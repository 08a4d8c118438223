import Basics
import Exploration
import Proof
import Trading

/// Sessions without any fault: no check fails, no dump.
extension GauntletCases {
  /// Sessions of one case of the default market.
  private static let batch = 20

  func healthy() -> [GauntletCase] {
    let plain = (0..<5).map { number in
      healthy(
        "healthy/\(number + 1)", "the default market", PaperInputs(kind: .paper), from: number * Self.batch,
        count: Self.batch)
    }
    let other = PaperInputs(kind: .paper, settings: [PaperInputs.Setting(name: "VENUE", value: "binance")])
    return plain
      + [healthy("healthy/binance", "the default market of another venue", other, from: 0, count: Self.batch / 2)]
      + PaperScene.all.map { scene in
        healthy(
          "healthy/\(scene.name)", "the scene '\(scene.name)'", PaperInputs(kind: .paper, scene: scene.name), from: 0,
          count: scene.sessions)
      }
  }

  private func healthy(_ id: String, _ market: String, _ inputs: PaperInputs, from first: Int, count: Int)
    -> GauntletCase
  {
    GauntletCase(
      id: id, title: "\(count) healthy sessions of \(market): no check fails, no dump", replay: again(id),
      weight: count * 4
    ) { run in
      let system = system(inputs)
      let search = Search(Seeds(options.seed), arm: 2)
      var sweep = run.sweep(of: PaperSystem.self, epoch: system.epoch) { _ in "a healthy session of \(market)" }
      var deeds = PaperSystem.trades.map { (name: $0, count: 0) }
      let locks = LockOrderWatch(
        check: CheckName.lockOrder.rawValue, mayNest: Self.mayNest, signalsNeedLock: true)
      let campaign = sweep.run(
        system, search, from: first, until: CampaignGoal(ran: count, failed: 1),
        choose: { index, request in
          // Every session has a market of its own.
          var request = request
          request.scenarioSeed = Mixing.mix(options.seed, 0x4EA1, UInt64(index)) >> 32
          locks.prepare(&request)
          return request
        },
        judge: { report, _ in
          for at in deeds.indices { deeds[at].count += report.judgement.deed(deeds[at].name) }
          return (locks.note(report) ?? Self.alarm(report)).map { .fails($0, counts: false) } ?? .counts
        })
      var done = CaseResult(id: id, arms: [])
      done.schedules = campaign.ran
      done.cuts = search.cuts
      if let reason = sweep.reason {
        done.arms.append(CaseResult.Arm("session \(first + campaign.ran)", .failed, reason))
        return done
      }
      if let (index, report, alarm) = campaign.failure {
        done.arms.append(
          CaseResult.Arm(
            "session \(index + 1)", .failed, "\(alarm.reason), scenario seed \(report.request.scenarioSeed)"))
        done.directory = keep(report, of: system, id: id, judgedBy: report.judgement.verdicts.map(\.check))
        return done
      }
      let isWhole = done.schedules == count
      done.arms = [
        CaseResult.Arm(
          "sessions", isWhole ? .passed : .inconclusive,
          "\(done.schedules) of \(count) healthy sessions raised no alarm")
      ]
      if isWhole { done.arms += deeds.filter { $0.count == 0 }.map { Self.missing($0.name, in: count) } }
      return done
    }
  }
}
