import Basics
import ChaosRuntime
import Exploration
import TestSupport
import Testing

@Suite struct SweepTests {
  @Test func `One in fifty is run twice and every failure that is confirmed`() {
    let system = LockPair(isReversed: false)
    var sweep = Sweep<LockPair>(by: Executor())
    let search = Search(Seeds(1), arm: 1)
    var last: RunReport?
    for index in 0..<101 { last = sweep.run(search.request(index), of: system) }
    #expect(sweep.ran == 101 && sweep.repeated == 3 && sweep.reason == nil)
    let isSame = last.map { sweep.confirm($0, of: system) }
    #expect(isSame == true)
    #expect(sweep.repeated == 4)
  }

  @Test func `A program that is no function of its seed is found at once`() {
    let system = ShrinkerTests.RedDrift()
    var sweep = Sweep<ShrinkerTests.RedDrift>(by: Executor())
    let report = sweep.run(RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal), of: system)
    #expect(sweep.divergence != nil && sweep.repeated == 1)
    #expect(sweep.reason?.hasPrefix("a schedule was not the same when it was run again: ") == true)
    let isSame = sweep.confirm(report, of: system)
    #expect(!isSame, "the first difference stands")
  }

  @Test func `A campaign ends with it`() {
    let system = ShrinkerTests.RedDrift()
    var sweep = Sweep<ShrinkerTests.RedDrift>(by: Executor())
    let campaign = sweep.run(system, Search(Seeds(1), arm: 1), until: CampaignGoal(ran: 20), judge: { _, _ in .counts })
    #expect(campaign.ran == 1 && sweep.divergence != nil)
  }

  @Test func `A campaign ends as soon as one number of its goal is reached`() {
    let system = LockPair(isReversed: false)
    let verdict = Verdict(check: "third", outcome: .fail, reason: "every third one fails")
    func run(_ goal: CampaignGoal) -> Campaign {
      var sweep = Sweep<LockPair>(by: Executor())
      return sweep.run(
        system, Search(Seeds(1), arm: 1), until: goal,
        judge: { _, index in
          switch index % 3 {
          case 0: .counts
          case 1: .notReached
          default: .fails(verdict, counts: true)
          }
        })
    }
    let all = run(CampaignGoal(ran: 6)).counts
    #expect(all.ran == 6 && all.counted == 4 && all.notReached == 2 && all.failed == 2)
    #expect(run(CampaignGoal(ran: 6, counted: 3)).ran == 4)
    #expect(run(CampaignGoal(ran: 6, failed: 1)).failure?.index == 2)
    #expect(run(CampaignGoal(ran: 6, notReached: 2)).ran == 5)
  }

  @Test func `What is over its budget or left out is not begun`() {
    let system = LockPair(isReversed: false)
    var sweep = Sweep<LockPair>(by: Executor())
    var begun: [Int] = []
    sweep.willRun = { index, _ in begun.append(index) }
    sweep.isOverBudget = { begun.count == 3 }
    let campaign = sweep.run(
      system, Search(Seeds(1), arm: 1), from: 10, until: CampaignGoal(ran: 100),
      choose: { $1.isStallFree ? $1 : nil })
    #expect(campaign.isCut && campaign.ran == 3 && begun == [10, 12, 14])
  }

  @Test func `A failure is run again, and the first one on the other carrier as well`() {
    let system = LockPair(isReversed: false)
    let verdict = Verdict(check: "all", outcome: .fail, reason: "all fail")
    func repeated(_ change: (inout Sweep<LockPair>) -> Void) -> Int {
      var sweep = Sweep<LockPair>(by: Executor())
      sweep.repeatsEvery = nil
      change(&sweep)
      _ = sweep.run(
        system, Search(Seeds(1), arm: 1), until: CampaignGoal(ran: 3), judge: { _, _ in .fails(verdict, counts: false) }
      )
      return sweep.repeated
    }
    #expect(repeated { _ in } == 3)
    #expect(repeated { $0.crossesCarriers = true } == 4)
    #expect(repeated { $0.confirmsFailures = false } == 0)
  }
}
