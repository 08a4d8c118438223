import Basics
import ChaosRuntime
import TestSupport
import Testing

@testable import Watchdog

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveStopTests {
  static let rounds = 50

  @Test func `Stop unwinds a ring of two`() throws {
    let scratch = try Scratch()
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let (watchdog, reports) = watch(runtime, scratch.dump)
      try ring(2, in: runtime)
      #expect(reports.wait(for: 1), "round \(round)")
      #expect(runtime.stop() == 0, "round \(round)")
      watchdog.stop()
    }
  }

  @Test func `Stop unwinds a wait whose lock is in the ring`() throws {
    let scratch = try Scratch()
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let (watchdog, reports) = watch(runtime, scratch.dump)
      let state = Lock(runtime, "state")
      let changed = Condition(state, "state changed")
      let meeting = Meeting()
      try runtime.spawn("waiter") { () throws(Stopped) in
        try state.withLock { () throws(Stopped) in
          try meeting.arrive(of: 2, in: runtime)
          while true { try changed.wait() }
        }
      }
      let other = Lock(runtime, "other")
      let inRing = Meeting()
      try runtime.spawn("first") { () throws(Stopped) in
        try meeting.arrive(of: 2, in: runtime)
        try state.withLock { () throws(Stopped) in
          try inRing.arrive(of: 2, in: runtime)
          try other.withLock { () throws(Stopped) in }
        }
      }
      try runtime.spawn("second") { () throws(Stopped) in
        try other.withLock { () throws(Stopped) in
          try inRing.arrive(of: 2, in: runtime)
          try state.withLock { () throws(Stopped) in }
        }
      }
      #expect(reports.wait(for: 1), "round \(round)")
      #expect(runtime.stop() == 0, "round \(round)")
      watchdog.stop()
      #expect(reports.all.map(\.kind) == [.deadlock])
    }
  }

  /// The stop wakes a wait that holds another lock: its re-lock closes a circle that the stop itself opens again.
  @Test func `A cycle that only the stop closes is no deadlock`() throws {
    let scratch = try Scratch()
    for round in 0..<Self.rounds {
      let runtime = liveRuntime()
      let (watchdog, reports) = watch(runtime, scratch.dump, tick: .milliseconds(1))
      let kept = Lock(runtime, "kept")
      let state = Lock(runtime, "state")
      let changed = Condition(state, "state changed")
      let meeting = Meeting()
      try runtime.spawn("waiter") { () throws(Stopped) in
        try kept.withLock { () throws(Stopped) in
          try state.withLock { () throws(Stopped) in
            try meeting.arrive(of: 2, in: runtime)
            while true { try changed.wait() }
          }
        }
      }
      try runtime.spawn("taker") { () throws(Stopped) in
        try meeting.arrive(of: 2, in: runtime)
        try state.withLock { () throws(Stopped) in try kept.withLock { () throws(Stopped) in } }
      }
      try runtime.sleep(.milliseconds(5))
      #expect(runtime.stop() == 0, "round \(round)")
      watchdog.stop()
      #expect(reports.all.isEmpty, "round \(round)")
    }
    #expect(scratch.files.isEmpty)
  }
}
