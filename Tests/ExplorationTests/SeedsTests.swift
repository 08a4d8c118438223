import Exploration
import Testing

@Suite struct SeedsTests {
  @Test(arguments: [1, 2, 0x5EED, UInt64.max])
  func `A run seed yields twenty scenario seeds`(seed: UInt64) {
    let seeds = Seeds(seed)
    let scenarios = (0..<200).map { seeds.scenario($0) }
    #expect(Set(scenarios).count == Seeds.scenarioCount)
    #expect(Seeds.scenarioCount == 20)
    for index in 0..<180 { #expect(scenarios[index] == scenarios[index + 20]) }
    #expect(Set(scenarios).isDisjoint(with: (0..<20).map { Seeds(seed &+ 7).scenario($0) }))
  }

  @Test func `Every schedule has a seed of its own`() {
    let seeds = Seeds(1)
    var all: Set<UInt64> = []
    for arm in 0...1 {
      for index in 0..<500 { all.insert(seeds.schedule(arm: arm, index)) }
      for index in 1_000_000..<1_000_500 { all.insert(seeds.schedule(arm: arm, index)) }
    }
    #expect(all.count == 2000)
  }

  @Test func `Every second request is stall free`() {
    let seeds = Seeds(1)
    for index in 0..<40 {
      let request = seeds.request(arm: 1, index)
      #expect(request.isStallFree == (index % 2 == 0))
      #expect(request.scenarioSeed == seeds.scenario(index))
      #expect(request.scheduleSeed == seeds.schedule(arm: 1, index))
    }
  }

  @Test func `Seeds are readable back from JSON numbers`() {
    // Readers of run.json may hold numbers as doubles, exact up to 2^53.
    for index in 0..<100 {
      #expect(Seeds(1).scenario(index) < 1 << 53)
      #expect(Seeds(1).schedule(arm: 1, index) < 1 << 53)
    }
  }
}
