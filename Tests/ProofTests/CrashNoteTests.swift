import Basics
import ChaosRuntime
import Exploration
import Foundation
import Proof
import TestSupport
import Testing

/// Last words of a process that traps; each in a process of its own.
@Suite struct CrashNoteTests {
  @Test func `A trap in the system under test names schedule seeds and the command that comes to it again`()
    async throws
  {
    let result = try await #require(
      processExitsWith: .exitCode(70), observing: [\.standardErrorContent]
    ) {
      CrashNote.install()
      var begun = 0
      _ = Prover(
        pairSpec(), executor: Executor(),
        willRun: { arm, request in
          CrashNote.begin("bug PAIR-1, \(arm.rawValue)", begun, request, replay: "chaos run --bug PAIR-1")
          begun += 1
        }
      ) { arm in Trapping(inner: LockPair(isReversed: arm.isOriginal, isFaultArmed: arm.isFaultOn)) }.run()
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    let seeds = Seeds(1)
    #expect(
      text.contains(
        "chaos: trapped in bug PAIR-1, original, fault off, schedule 7, scenario seed \(seeds.scenario(7)), "
          + "schedule seed \(seeds.schedule(arm: 0, 7))\nReplay  chaos run --bug PAIR-1\n"), "\(text)")
  }

  @Test func `A crash before the first schedule says so`() async throws {
    let result = try await #require(processExitsWith: .exitCode(70), observing: [\.standardErrorContent]) {
      CrashNote.install()
      raise(SIGSEGV)
    }
    let text = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(text.contains("chaos: crashed before the first schedule\n"), "\(text)")
  }

  /// Traps in the middle of the seed's eighth scenario, on a fiber's stack.
  struct Trapping: SystemUnderTest {
    let inner: LockPair
    func makeSession(_ request: RunRequest) -> LockPair.Session { inner.makeSession(request) }
    func drive(_ session: LockPair.Session, in runtime: Runtime) throws(Stopped) {
      try inner.drive(session, in: runtime)
      if session.seed == Seeds(1).scenario(7) {
        try runtime.spawn("doomed") { () throws(Stopped) in fatalError("a trap") }.join()
      }
    }
    func judge(_ session: LockPair.Session, _ end: RunEnd) -> Judgement { inner.judge(session, end) }
  }
}
