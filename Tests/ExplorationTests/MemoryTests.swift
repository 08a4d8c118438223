import Basics
import ChaosRuntime
import Exploration
import Testing

/// What a run owned is gone when its report is.
@Suite struct MemoryTests {
  /// An interposer that needs its runtime, as an injector of faults does.
  final class Holder: Interposer {
    let runtime: Runtime

    init(_ runtime: Runtime) { self.runtime = runtime }
  }

  final class Watch: Sendable {
    nonisolated(unsafe) weak var runtime: Runtime?
    nonisolated(unsafe) weak var holder: Holder?
  }

  @Test(arguments: [true, false])
  func `A run with an interposer is freed`(isStuck: Bool) {
    let watch = Watch()
    let program = Program { runtime throws(Stopped) in
      let holder = Holder(runtime)
      runtime.install(holder)
      watch.runtime = runtime
      watch.holder = holder
      let lock = Lock(runtime, "lock")
      try lock.withLock { () throws(Stopped) in if isStuck { try lock.lock() } }
    }
    let report = Executor().run(program, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal))
    #expect(report.incidents.isEmpty != isStuck)
    #expect(watch.runtime == nil && watch.holder == nil)
  }
}
