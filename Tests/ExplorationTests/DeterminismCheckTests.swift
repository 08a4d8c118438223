import ChaosRuntime
import Exploration
import TestSupport
import Testing

@Suite struct DeterminismCheckTests {
  /// The first run, and what its repetition says.
  static func repetition<System: SystemUnderTest>(
    _ system: System, traced: Bool, second: Executor = Executor(), seed: UInt64 = 3
  ) -> Divergence? {
    var request = RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(stalls: true))
    if traced { request.tracing = .hash }
    let first = Executor()
    let report = first.run(system, request)
    return DeterminismCheck(system, first: first, second: second).repetition(of: report)
  }

  @Test(arguments: [true, false])
  func `A function of its seed has no divergence on either carrier`(traced: Bool) {
    for seed in 1...10 as ClosedRange<UInt64> {
      let pair = LockPair(isReversed: true)
      #expect(Self.repetition(pair, traced: traced, seed: seed) == nil)
      let threads = Executor(carrier: .threads, shownAs: .fibers)
      #expect(Self.repetition(pair, traced: traced, second: threads, seed: seed) == nil)
    }
    #expect(Self.repetition(Drifting(.none), traced: traced) == nil)
  }

  @Test(arguments: [true, false])
  func `A schedule that drifts is shown by its first two different steps`(traced: Bool) throws {
    let found = try #require(Self.repetition(Drifting(.time), traced: traced))
    #expect(found.what.hasPrefix("the schedule differs in steps "))
    #expect(found.first.hasPrefix("step ") && found.second.hasPrefix("step "))
    #expect(found.first != found.second)
    let nanoseconds = [found.first, found.second].map { line in
      line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) } ?? 0
    }
    #expect(nanoseconds[0] > 0 && nanoseconds[1] > nanoseconds[0])
    #expect(found.description.split(separator: "\n").count == 3)
  }

  @Test(arguments: [true, false])
  func `Bytes that drift are shown by their first two different lines`(traced: Bool) throws {
    let found = try #require(Self.repetition(Drifting(.bytes), traced: traced))
    #expect(found == Divergence(what: "log.txt differs, line 2", first: "run 0", second: "run 1"))
  }

  @Test func `An end that comes earlier is a difference`() {
    #expect(
      Divergence.between(["a"], ["a", "b"], what: "x")?.description
        == "x, line 2\n    first   (ends here)\n    second  b")
    #expect(Divergence.between(["a", "b"], ["a", "b"], what: "x") == nil)
  }

  @Test func `A digest is read back and differs with the run`() throws {
    var request = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .explore(stalls: true))
    request.tracing = .hash
    let digests = [
      Executor().run(LockPair(isReversed: false), request), Executor().run(LockPair(isReversed: false), request),
      Executor().run(LockPair(isReversed: false, rounds: 6), request),
    ].map { RunDigest($0) }
    #expect(digests[0] == digests[1])
    #expect(digests[0].steps != digests[2].steps && digests[0].files != digests[2].files)
    #expect(RunDigest(digests[0].text) == digests[0])
    #expect(RunDigest("12 x") == nil)
  }
}
