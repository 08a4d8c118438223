import Basics
import ChaosRuntime
import Glibc
import Synchronization
import Testing
import Watchdog

@inline(never) private func computeForEver() -> UInt64 {
  var n: UInt64 = 1
  while n != 0 { n = n &* 6_364_136_223_846_793_005 | 1 }
  return n
}

@inline(never) private func blockForReal() { usleep(60_000_000) }

/// A run whose second thread never comes back to the scheduler.
private func runStuck(_ carrier: CarrierKind, _ body: @escaping @Sendable () -> Void) {
  let stuckRunMonitor = StuckRunMonitor(limit: .milliseconds(500)) { finding in
    let text = Array((finding.summary + "\n" + finding.dump.render(symbolized: true)).utf8)
    _ = write(2, text, text.count)
    _exit(70)
  }
  var simulation = Simulation(carrier: carrier)
  simulation.pulse = stuckRunMonitor.enter("schedule seed 7")
  _ = simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in
    let lock = Lock(runtime, "budget")
    let worker = try runtime.spawn("collector") { () throws(Stopped) in
      try runtime.sleep(.seconds(2))
      try lock.withLock { () throws(Stopped) in body() }
    }
    try worker.join()
  }
}

@Suite struct BatonGuardTests {
  @Test(.timeLimit(.minutes(5)), arguments: CarrierKind.allCases)
  func `A thread that computes without end is named with its stack`(carrier: CarrierKind) async throws {
    let result = await #expect(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
      [name = carrier.rawValue as String] in
      runStuck(CarrierKind(rawValue: name) ?? .fibers) { if computeForEver() == 0 { exit(1) } }
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(
      text.contains("collector has run for 0.5 s of real time without a scheduling point (it computes)"))
    #expect(text.contains("schedule seed 7, step "))
    #expect(text.contains("THREAD collector\n"))
    #expect(text.contains("holds \"budget\" taken at "))
    #expect(text.contains("computeForEver"))
  }

  @Test(.timeLimit(.minutes(5))) func `A real block is told from a compute loop`() async throws {
    let result = await #expect(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
      runStuck(.fibers) { blockForReal() }
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("(it blocks in the kernel, out of the simulation's sight)"))
    #expect(text.contains("blockForReal"))
  }

  @Test func `Runs that make progress are not accused`() {
    let accused = Atomic<Int>(0)
    let kept = Kept(accused: 0)
    let stuckRunMonitor = StuckRunMonitor(limit: .seconds(5)) { _ in kept.count.add(1, ordering: .relaxed) }
    let pool = StackPool()
    for seed in 0..<200 {
      var simulation = Simulation(seed: UInt64(seed))
      simulation.pulse = stuckRunMonitor.enter("seed \(seed)")
      let result = simulation.run(disk: MemoryDisk(), pool: pool) { runtime throws(Stopped) in
        for _ in 0..<100 { try runtime.sleep(.seconds(1)) }
      }
      accused.add(result.incidents.count, ordering: .relaxed)
    }
    #expect(accused.load(ordering: .relaxed) == 0)
    #expect(kept.count.load(ordering: .relaxed) == 0)
  }

  @Test func `A pulse beats with the steps of a run and rests between runs`() {
    let pulse = RunProgress()
    #expect(pulse.beats == nil && pulse.holder() == nil)
    var simulation = Simulation(stepsMax: 20_000)
    simulation.pulse = pulse
    let seen = Seen()
    let result = simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in
      for n in 0..<15_000 {
        try runtime.yield()
        if n == 0 || n == 14_999 { seen.add(pulse.beats ?? -1, pulse.holder()?.thread ?? "") }
      }
    }
    #expect(result.steps == 15_000 && result.incidents.isEmpty)
    #expect(seen.beats == [1, 4] && seen.threads == ["main", "main"])
    #expect(pulse.beats == nil)
    // The step limit holds under a pulse too.
    let endless = simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in while true { try runtime.yield() } }
    #expect(endless.incidents.map(\.kind) == [.livelock] && endless.steps == 20_000 + 4096)
  }

  private final class Kept: Sendable {
    let count: Atomic<Int>
    init(accused: Int) { count = Atomic(accused) }
  }

  private final class Seen: Sendable {
    private let state = Mutex<(beats: [Int], threads: [String])>(([], []))
    var beats: [Int] { state.withLock { $0.beats } }
    var threads: [String] { state.withLock { $0.threads } }
    func add(_ beats: Int, _ thread: String) {
      state.withLock {
        $0.beats.append(beats)
        $0.threads.append(thread)
      }
    }
  }
}
