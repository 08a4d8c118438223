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
    let campaign = Campaign.run(system, Search(Seeds(1), arm: 1), by: &sweep, max: 20) { _ in false }
    #expect(campaign.ran == 1 && sweep.divergence != nil)
  }
}
