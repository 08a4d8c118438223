import Basics
import ChaosRuntime
import Exploration
import TestSupport
import Testing

@Suite struct RandomWalkTests {
  static func recording(_ seed: UInt64, stalls: Bool) -> Recording {
    ExecutorTests.run(seed, stalls: stalls).recording
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `A stall free walk never stalls`(seed: UInt64) {
    #expect(!Self.recording(seed, stalls: false).lines.contains { $0.kind == .stall })
  }

  @Test func `A walk with stalls stalls for one millisecond to half a second`() {
    var lengths: [Int64] = []
    for seed in 1...60 as ClosedRange<UInt64> {
      lengths += Self.recording(seed, stalls: true).lines.filter { $0.kind == .stall }.compactMap { Int64($0.value) }
    }
    #expect(lengths.count > 20)
    #expect(lengths.allSatisfy { (1_000_000...500_000_000).contains($0) })
    #expect(lengths.contains { $0 < 10_000_000 })
    #expect(lengths.contains { $0 > 100_000_000 })
  }

  @Test func `A walk is a function of its seed`() {
    let walk = RandomWalk(noise: .stalls)
    let other = RandomWalk(noise: .stalls)
    var summaries: Set<String> = []
    for seed in 1...40 as ClosedRange<UInt64> {
      walk.begin(seed: seed)
      other.begin(seed: seed)
      #expect(walk.summary == other.summary)
      for draw in 0..<50 as Range<UInt64> {
        #expect(walk.latency(draw: Mixing.mix(draw)) == other.latency(draw: Mixing.mix(draw)))
      }
      summaries.insert(walk.summary)
    }
    #expect(summaries.count > 10, "40 seeds drew \(summaries.count) sets of parameters")
  }

  @Test func `Different seeds give different schedules`() {
    let texts = (1...20 as ClosedRange<UInt64>).map { seed in
      Self.recording(seed, stalls: true).lines.map(\.text).joined(separator: "\n")
    }
    #expect(Set(texts).count > 15)
  }

  @Test func `Latencies are one to eight steps or none`() {
    let walk = RandomWalk(noise: .latencies)
    var seen: Set<Int> = []
    for seed in 1...20 as ClosedRange<UInt64> {
      walk.begin(seed: seed)
      for draw in 0..<200 as Range<UInt64> { seen.insert(walk.latency(draw: Mixing.mix(seed, draw))) }
    }
    #expect(seen == Set(0...8))
  }
}

extension ExecutorTests {
  static func run(_ seed: UInt64, stalls: Bool) -> RunReport {
    Executor().run(LockPair(isReversed: false), request(seed, stalls: stalls))
  }
}
