import Basics
import ChaosRuntime
import Testing

@Suite struct ChoicesTests {
  static func key(_ hit: Int, per: String = "", fault: String = "f") -> FaultKey {
    FaultKey(fault: fault, inject: 0, site: "s", per: per, hit: hit)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `A fault at zero never fires and at one always`(seed: UInt64) {
    let choices = Choices(.seeded(seed))
    for hit in 0..<200 {
      #expect(!choices.fires(Self.key(hit), probability: 0))
      #expect(choices.fires(Self.key(hit, fault: "g"), probability: 1))
    }
    #expect(choices.recorded.count == 200, "certain firings are recorded, those that cannot be are not")
  }

  @Test func `Draws are pure functions of seed and key`() {
    let a = Choices(.seeded(7))
    let b = Choices(.seeded(7))
    let forward = (0..<500).map { a.fires(Self.key($0), probability: 0.4) }
    let backward = (0..<500).reversed().map { b.fires(Self.key($0), probability: 0.4) }
    #expect(forward == backward.reversed())
    let count = forward.count { $0 }
    #expect((150...250).contains(count), "40 % of 500 were \(count)")
    let other = (0..<500).map { Choices(.seeded(8)).fires(Self.key($0), probability: 0.4) }
    #expect(other != forward)
    let per = (0..<500).map { a.fires(Self.key($0, per: "AIX/USDT"), probability: 0.4) }
    #expect(per != forward)
  }

  @Test func `A replay fires what is listed and nothing else`() {
    let choices = Choices(.seeded(7))
    let fired = (0..<100).map { choices.fires(Self.key($0, per: "p"), probability: 0.4) }
    let replay = Choices(.replay(Recording(lines: choices.recorded)))
    // Probabilities do not matter to a replay.
    #expect((0..<100).map { replay.fires(Self.key($0, per: "p"), probability: 1) } == fired)
    #expect(replay.recorded == choices.recorded)
    #expect(replay.unapplied.isEmpty)
    #expect(!replay.fires(Self.key(0), probability: 1), "another key is another choice")
    var shorter = choices.recorded
    let removed = shorter.removeFirst()
    let partial = Choices(.replay(Recording(lines: shorter)))
    #expect(!partial.fires(Self.key(removed.occurrence, per: "p"), probability: 1))
    #expect(partial.unapplied.count == shorter.count)
  }

  @Test func `A latency is nominal unless the strategy adds steps`() {
    let nominal = Choices(.seeded(1))
    #expect(nominal.latency("call", key: "k", attempt: 0, nominal: .milliseconds(100)) == .milliseconds(100))
    #expect(nominal.recorded.isEmpty)
    let slow = Choices(.seeded(1), latency: { _ in 2 })
    #expect(slow.latency("call", key: "k", attempt: 3, nominal: .milliseconds(100)) == .milliseconds(150))
    #expect(slow.recorded.map(\.text) == ["latency | call | k | 3 | 2"])
    let replay = Choices(.replay(Recording(lines: slow.recorded)))
    #expect(replay.latency("call", key: "k", attempt: 3, nominal: .milliseconds(100)) == .milliseconds(150))
    #expect(replay.latency("call", key: "k", attempt: 4, nominal: .milliseconds(100)) == .milliseconds(100))
  }

  @Test func `Mixing spreads evenly`() {
    var buckets = [Int](repeating: 0, count: 10)
    for n in 0..<10_000 as Range<UInt64> { buckets[Mixing.index(Mixing.mix(n), below: 10)] += 1 }
    #expect(buckets.allSatisfy { (850...1150).contains($0) })
    #expect((0..<1000 as Range<UInt64>).allSatisfy { (0..<1).contains(Mixing.unit(Mixing.mix($0))) })
    #expect(Mixing.hash("a") == 0xAF63_DC4C_8601_EC8C)
  }
}
