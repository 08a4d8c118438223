import Glibc
import TestSupport
import Testing

@testable import Watchdog

/// The short forms of `chaos bench watchdog --hard`; what is not here is in the other tests of this module.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct HardTestTests {
  @Test(arguments: [
    "rings of 3 to 8, two wait outside", "a lock and the end of a thread", "four circles in one run",
    "a thread that blocks every signal", "threads come and go", "a directory that takes nothing: the fallback",
    "a thread that the kernel does not let go (state D)",
    "waits with a time limit last as long as they should",
  ])
  func `A hard test in short`(name: String) throws {
    let scratch = TestSupport.Scratch()
    let test = try #require(HardTest.named(name))
    let wrong = test.run(HardTest.Room(directory: scratch.path, round: 3))
    #expect(wrong == nil || wrong?.hasPrefix("skipped") == true)
  }

  @Test func `A process that stood still is said so and nobody is accused`() async {
    await #expect(processExitsWith: .exitCode(7)) { exit(apart(["stopped for 1.2 s: named, nobody accused"]) ? 7 : 1) }
  }

  @Test func `Signals that the program takes for itself and a queue that is full`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      exit(apart(["the program takes the signal for itself", "no room for queued signals"]) ? 7 : 1)
    }
  }

  @Test func `A filter forbids the call that queues signals`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      exit(apart(["the call that queues signals is forbidden"]) ? 7 : 1)
    }
  }

  @Test func `The names of the hard tests differ`() {
    #expect(Set(HardTest.all.map(\.name)).count == HardTest.all.count)
    #expect(HardTest.named(HardTest.killed) != nil)
  }
}

private func apart(_ names: [String]) -> Bool {
  let scratch = TestSupport.Scratch()
  return names.allSatisfy { name in
    let wrong = HardTest.named(name)?.run(HardTest.Room(directory: scratch.path, round: 0))
    if let wrong { print(name, wrong) }
    return wrong == nil || wrong?.hasPrefix("skipped") == true
  }
}
