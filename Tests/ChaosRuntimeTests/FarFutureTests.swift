import Basics
import ChaosRuntime
import Testing

/// Durations beyond all counting last until somebody ends them, simulated as live; none wraps into the past.
@Suite struct FarFutureTests {
  static let longest = [Duration.seconds(Int64.max), Duration(nanoseconds: .max), .seconds(400 * 365 * 86_400)]

  @Test func `Moments and durations saturate`() {
    let far = Instant.distantFuture
    let early = Instant(nanoseconds: .min)
    #expect(far + .seconds(1) == far)
    #expect(.simulationEpoch + .seconds(Int64.max) == far)
    #expect(early + .seconds(-1) == early)
    #expect(Instant(nanoseconds: -2) + .seconds(Int64.min) == early)
    #expect(far + .seconds(-1) == Instant(nanoseconds: .max - 1_000_000_000))
    #expect(far - early == Duration(nanoseconds: .max))
    #expect(early - far == Duration(nanoseconds: .min))
    #expect(far - .simulationEpoch == Duration(nanoseconds: .max - Instant.simulationEpoch.nanoseconds))
    #expect(Instant(nanoseconds: 0) - early == Duration(nanoseconds: .max))
  }

  /// What others do meanwhile takes its ordinary time.
  @Test(arguments: longest) func `A sleep of any length is no short one`(duration: Duration) {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      try runtime.spawn("sleeper") { () throws(Stopped) in
        try runtime.sleep(duration)
        runtime.landmark("woke")
      }
      try runtime.sleep(.seconds(5))
    }
    #expect(result.ended == .simulationEpoch + .seconds(5))
    #expect(result.threads.map(\.isFinished) == [true, false])
    #expect(result.incidents.isEmpty)
  }

  @Test(arguments: longest) func `A wait a join and an activity of any length are no short ones`(duration: Duration) {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "l")
      let never = Condition(lock, "never")
      let waiter = try runtime.spawn("waiter") { () throws(Stopped) in
        try runtime.activity("patience", limit: duration) { () throws(Stopped) in
          try lock.withLock { () throws(Stopped) in _ = try never.wait(timeout: duration) }
        }
      }
      try runtime.spawn("until") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in _ = try never.wait(timeout: duration, until: { false }) }
      }
      try runtime.spawn("joiner") { () throws(Stopped) in _ = try waiter.join(timeout: duration) }
      try runtime.spawn("receiver") { () throws(Stopped) in
        _ = try Channel<Int>(runtime, "numbers", capacity: 1).receive(timeout: duration)
      }
      try runtime.spawn("ticker") { () throws(Stopped) in _ = try Timer(runtime, "tick", every: duration).next() }
      try runtime.sleep(.seconds(5))
    }
    #expect(result.ended == .simulationEpoch + .seconds(5))
    #expect(result.threads.map(\.isFinished) == [true] + [Bool](repeating: false, count: 5))
    #expect(result.incidents.isEmpty)
  }

  @Test func `A run with nothing but endless waits is stuck and says so`() {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      try runtime.sleep(.seconds(Int64.max))
    }
    #expect(result.incidents.map(\.kind) == [.stuck])
    #expect(result.ended == .simulationEpoch)
  }

  @Test func `A stall of any length in a recording does not trap`() {
    let line = Recording.Line(
      kind: .stall, subject: "slow", site: "yield", occurrence: 0, value: "\(Int64.max)")
    let result = Simulation(schedule: .replay(Recording(lines: [line]))).run(disk: MemoryDisk()) {
      runtime throws(Stopped) in
      try runtime.spawn("slow") { () throws(Stopped) in try runtime.yield() }
      try runtime.sleep(.seconds(5))
    }
    #expect(result.ended == .simulationEpoch + .seconds(5))
    #expect(result.unapplied.isEmpty)
  }

  @Test func `A run that begins at the end of time ends`() {
    let result = Simulation(epoch: .distantFuture).run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let timer = Timer(runtime, "tick", every: .seconds(1))
      #expect(try timer.next())
    }
    #expect(result.ended == .distantFuture)
  }
}
