import Basics
import ChaosRuntime
import Testing

@testable import Exploration

/// What the search leaves out is counted, and said in words.
@Suite struct CutTests {
  @Test func `Hand-offs beyond those that are kept are counted`() {
    var known = HandOffs()
    for number in 0..<UInt64(HandOffs.max + 10) { known.add(HandOffs.Pair(object: 1, from: 0, to: number)) }
    #expect(known.pairs.count == HandOffs.max && known.droppedCount == 10)
    known.add(HandOffs.Pair(object: 1, from: 0, to: 0))
    #expect(known.droppedCount == 10, "one that is kept is not dropped")
    var chooser = TargetChooser()
    chooser.learn(known)
    #expect(chooser.droppedCount == 10)
  }

  @Test func `A search says which recordings it does not vary`() {
    let program = Program { runtime throws(Stopped) in
      let value = Shared(runtime, "value", 0)
      let writers = try (1...2).map { number throws(Stopped) in
        try runtime.spawn("writer-\(number)") { () throws(Stopped) in
          for _ in 0..<3000 { try value.set(try value.get() + number) }
        }
      }
      for writer in writers { try writer.join() }
    }
    let search = Search(
      Seeds(1), arm: 1, portfolio: Portfolio(shares: [(.directed, 1), (.mutation, 1)], startsPlain: false))
    #expect(search.cuts == SearchCuts() && search.cuts.texts.isEmpty)
    for index in 0..<4 { search.note(Executor().run(program, search.request(index))) }
    #expect(search.cuts.recordings > 0)
    #expect(search.cuts.texts == ["\(search.cuts.recordings) recordings above 2000 lines not varied"])
  }

  /// A ring of locks under one gate, each pair taken by `threads`: no way to give it threads can close it.
  private static func cuts(threads: Int) -> [String] {
    let program = Program { runtime throws(Stopped) in
      let gate = Lock(runtime, "gate")
      let locks = (0..<6).map { Lock(runtime, "lock-\($0)") }
      var started: [ThreadHandle] = []
      for number in 0..<6 * threads {
        let (first, second) = (locks[number % 6], locks[(number + 1) % 6])
        started.append(
          try runtime.spawn("thread-\(number)") { () throws(Stopped) in
            try gate.withLock { () throws(Stopped) in
              try first.withLock { () throws(Stopped) in try second.withLock { () throws(Stopped) in } }
            }
          })
      }
      for thread in started { try thread.join() }
    }
    let result = LongCycleTests.check(program, attempts: 1)
    #expect(result.cycles.count == 1 && result.confirmed.isEmpty)
    return result.cuts
  }

  @Test func `Ways to give a cycle its threads that were not tried are said`() {
    #expect(Self.cuts(threads: 1).isEmpty)
    #expect(
      Self.cuts(threads: 2) == [
        "of 1 sets of locks not all threads that could close a shortest cycle were tried, and none tried can"
      ])
  }
}
