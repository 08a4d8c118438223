import Basics
import ChaosRuntime
import Synchronization
import Testing

@testable import Watchdog

@Suite struct SimulatedDumpTests {
  /// The dump of the first incident of a nominal run.
  static func dump(
    carrier: CarrierKind = .fibers, _ main: @escaping @Sendable (Runtime) throws(Stopped) -> Void
  ) throws -> SimulatedDump {
    let kept = Mutex<SimulatedDump?>(nil)
    _ = Simulation(carrier: carrier).run(
      disk: MemoryDisk(),
      onIncident: { incident, view in
        let dump = SimulatedDump(
          incident: incident, threads: view.threads(stacks: true), notes: [("faults armed", "1"), ("phase", "chaos")])
        kept.withLock { if $0 == nil { $0 = dump } }
        return .stop
      }, main: main)
    return try #require(kept.withLock { $0 })
  }

  static func abba(carrier: CarrierKind = .fibers) throws -> SimulatedDump {
    try dump(carrier: carrier) { runtime throws(Stopped) in
      let budget = Lock(runtime, "budget")
      let state = Lock(runtime, "state")
      let events = Lock(runtime, "events")
      let arrived = Condition(events, "event arrived")
      try runtime.spawn("logger") { () throws(Stopped) in
        try events.lock()
        defer { events.unlock() }
        while true { try arrived.wait(timeout: nil, "Engine/Logger.swift", 3) }
      }
      let persist = try runtime.spawn("persist") { () throws(Stopped) in
        try state.lock("Engine/State.swift", 11)
        try runtime.sleep(.milliseconds(2))
        try budget.lock("Engine/State.swift", 12)
      }
      let refresh = try runtime.spawn("refresh") { () throws(Stopped) in
        try runtime.activity("budget.refresh") { () throws(Stopped) in
          try budget.lock("Engine/Budget.swift", 21)
          try runtime.sleep(.milliseconds(3))
          try state.lock("Engine/Budget.swift", 22)
        }
      }
      try persist.join(timeout: nil, "Engine/Main.swift", 31)
      try refresh.join()
    }
  }

  /// Frames are compared apart: names of closures are the compiler's.
  static func withoutFrames(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter {
        !$0.hasPrefix("  #") && !$0.hasPrefix("  folded: ") && !$0.hasPrefix("          #")
          && !$0.contains("  build-id ")
      }.joined(separator: "\n")
  }

  static let expected = """
    STACKDUMP v1  simulated  threads 4  symbols: full (demangled, file:line, inlined frames)
    TIME 2025-01-01T00:00:00.003000Z
    REASON DEADLOCK: threads wait for each other in a cycle

    CYCLE  (2 threads)
      refresh
          waits 0.000 ms for "state" at Engine/Budget.swift:22
          held by persist, taken at Engine/State.swift:11
      persist
          waits 1.000 ms for "budget" at Engine/State.swift:12
          held by refresh, taken at Engine/Budget.swift:21
      => refresh -> "state" -> persist -> "budget" -> refresh
      mend: take "budget" before "state" everywhere, as refresh does,
            or let go of one before taking the other

    LOCKS
      "state"  held by persist  waiters 1: refresh
          taken at Engine/State.swift:11
      "budget"  held by refresh  waiters 1: persist
          taken at Engine/Budget.swift:21

    NOTES
      faults armed: 1
      phase: chaos

    NEXT
      smallest case: chaos shrink runs/latest

    THREAD persist
      verdict: BLOCKED, waits for "budget" for 1.000 ms, held by refresh
          at Engine/State.swift:12
      holds "state" taken at Engine/State.swift:11, held 3.000 ms

    THREAD refresh
      verdict: BLOCKED, waits for "state" for 0.000 ms, held by persist
          at Engine/Budget.swift:22
      in 'budget.refresh', last progress 3.000 ms ago, limit 60.000 s
      holds "budget" taken at Engine/Budget.swift:21, held 3.000 ms

    IDLE  (2 threads that nobody suspects; the stacks stand below)
      main    waits for the end of "persist" for 3.000 ms
      logger  waits for "event arrived" for 3.000 ms

    THREAD main
      verdict: IDLE, waits for the end of "persist" for 3.000 ms - not a suspect

    THREAD logger
      verdict: IDLE, waits for "event arrived" for 3.000 ms - not a suspect
          at Engine/Logger.swift:3

    IMAGES

    END complete

    """

  @Test func `An ABBA dump reads like the checked in text`() throws {
    let dump = try Self.abba()
    let text = dump.render(symbolized: true, next: ["smallest case: chaos shrink runs/latest"])
    #expect(Self.withoutFrames(text) == Self.expected)
    #expect(!text.contains("World."))
    let folded = text.split(separator: "\n").filter { $0.hasPrefix("  folded: #0") }
    #expect(folded.count == 4)
    #expect(folded.allSatisfy { $0.contains(" Lock.") || $0.contains(" ThreadHandle.") || $0.contains(" Condition.") })
    #expect(text.contains("WatchdogTests/SimulatedDumpTests.swift:"))
  }

  @Test func `A dump of OS threads is that of fibers to the last frame`() throws {
    let texts = try CarrierKind.allCases.map { try Self.abba(carrier: $0).render(symbolized: true) }
    #expect(texts[0] == texts[1])
  }

  @Test func `A raw dump names offsets that do not vary`() throws {
    let texts = try (0..<2).map { _ in try Self.abba().render(symbolized: false) }
    #expect(texts[0] == texts[1])
    #expect(texts[0].contains("symbols: raw (finish with: chaos symbolize FILE)"))
    let frames = texts[0].split(separator: "\n").filter { $0.hasPrefix("  #") }
    #expect(frames.count > 8)
    #expect(frames.allSatisfy { $0.contains("+0x") })
    // An offset in an image is short; an address of this process has twelve digits.
    let digits = frames.flatMap { $0.split(separator: "+0x").dropFirst() }.map { $0.prefix(while: \.isHexDigit).count }
    #expect(digits.allSatisfy { $0 > 0 && $0 <= 8 })
  }

  @Test func `A hang names the stuck thread its lock and its activity`() throws {
    let dump = try Self.dump { runtime throws(Stopped) in
      let lock = Lock(runtime, "budget")
      let holder = try runtime.spawn("holder") { () throws(Stopped) in
        try lock.lock("Engine/Holder.swift", 5)
        try runtime.sleep(.seconds(600))
      }
      try runtime.spawn("caller") { () throws(Stopped) in
        try runtime.sleep(.milliseconds(1))
        try runtime.activity("order.send", limit: .seconds(2)) { () throws(Stopped) in
          try lock.lock("Engine/Caller.swift", 9)
        }
      }
      try holder.join()
    }
    let text = dump.render(symbolized: false)
    #expect(
      text.contains(
        """
        REASON HANG: no progress in an activity beyond its limit
          caller is in 'order.send' for 2.000 s without progress, limit 2.000 s
          stuck: holder

        CHAIN  (who waits for whom, up to the thread that is stuck)
          caller
              waits 2.000 s for "budget" at Engine/Caller.swift:9
              held by holder, taken at Engine/Holder.swift:5
          => caller -> "budget" -> holder

        """))
    #expect(text.contains("THREAD holder\n  verdict: STUCK, sleeps for 2.001 s\n  holds \"budget\" taken at"))
  }
}
