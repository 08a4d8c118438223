import Basics
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

/// How simulated runs end that do not end by themselves.
@Suite struct SimulationEndTests {
  @Test func `A livelock ends at the step limit`() {
    let result = Simulation(stepsMax: 5000).run(disk: MemoryDisk()) { runtime throws(Stopped) in
      try runtime.spawn("spinner") { () throws(Stopped) in while true { try runtime.yield() } }
      while true { try runtime.yield() }
    }
    #expect(result.incidents.map(\.kind) == [.livelock])
    #expect(
      result.incidents.first?.summary
        == "5000 scheduling points without an end, and 2 of them repeat for ever: spinner yield, main yield")
    #expect(result.leakedThreads == 0)
    #expect(result.ended == .simulationEpoch)
  }

  @Test func `A thread that swallows the stop is parked and counted`() {
    let reached = Mutex(0)
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      for n in 0..<2 {
        try runtime.spawn("deaf-\(n)") { () throws(Stopped) in
          while true { do throws(Stopped) { try runtime.sleep(.seconds(1)) } catch {} }
        }
      }
      try runtime.spawn("polite") { () throws(Stopped) in
        do throws(Stopped) { try runtime.sleep(.seconds(600)) } catch {
          reached.withLock { $0 += 1 }
          throw error
        }
      }
      try runtime.sleep(.seconds(5))
    }
    #expect(result.leakedThreads == 2)
    #expect(result.unresponsiveThreads == ["deaf-0", "deaf-1"])
    #expect(reached.withLock { $0 } == 1)
    #expect(result.incidents.isEmpty)
    #expect(result.ended == .simulationEpoch + .seconds(5))
  }

  @Test(arguments: CarrierKind.allCases)
  func `A process ends by itself although a thread swallows the stop`(carrier: CarrierKind) async {
    await #expect(processExitsWith: .exitCode(7)) { [name = carrier.rawValue as String] in
      let simulation = Simulation(carrier: CarrierKind(rawValue: name) ?? .fibers)
      let result = simulation.run(disk: MemoryDisk()) { runtime throws(Stopped) in
        let lock = Lock(runtime, "shared")
        try runtime.spawn("deaf") { () throws(Stopped) in
          while true {
            do throws(Stopped) { try lock.withLock { () throws(Stopped) in try runtime.sleep(.microseconds(9)) } } catch
            {}
          }
        }
        try runtime.sleep(.milliseconds(1))
      }
      exit(result.unresponsiveThreads == ["deaf"] ? 7 : 1)
    }
  }

  @Test func `A lock taken twice is a deadlock of one`() {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let lock = Lock(runtime, "budget")
      let thread = try runtime.spawn("greedy") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
      }
      try thread.join()
    }
    let incident = result.incidents.first
    #expect(result.incidents.map(\.kind) == [.deadlock])
    #expect(incident?.threads == ["greedy"])
    #expect(incident?.locks == ["budget"])
    #expect(incident?.summary == "greedy takes \"budget\" again while it holds it")
    #expect(incident?.fingerprint == "deadlock|greedy|budget|")
  }

  @Test func `A ring of three is found the moment it closes`() {
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let locks = (0..<3).map { Lock(runtime, "lock-\($0)") }
      let threads = try Self.spawnRing(locks, runtime)
      for thread in threads { try thread.join() }
    }
    #expect(result.incidents.map(\.kind) == [.deadlock])
    #expect(result.incidents.first?.threads.sorted() == ["t0", "t1", "t2"])
    #expect(result.incidents.first?.time == .simulationEpoch + .seconds(1))
    #expect(result.threads.filter { !$0.isFinished }.map(\.name).sorted() == ["t0", "t1", "t2"])
  }

  private static func spawnRing(_ locks: [Lock], _ runtime: Runtime) throws(Stopped) -> [ThreadHandle] {
    var threads: [ThreadHandle] = []
    for n in locks.indices {
      threads.append(
        try runtime.spawn("t\(n)") { () throws(Stopped) in
          try locks[n].withLock { () throws(Stopped) in
            try runtime.sleep(.seconds(1))
            try locks[(n + 1) % locks.count].withLock { () throws(Stopped) in }
          }
        })
    }
    return threads
  }

  @Test func `An incident may be watched instead of stopping`() {
    let seen = Mutex<[Incident.Kind]>([])
    let result = Simulation().run(
      disk: MemoryDisk(),
      onIncident: { incident, _ in
        seen.withLock { $0.append(incident.kind) }
        return .carryOn
      },
      main: { runtime throws(Stopped) in
        try runtime.activity("slow", limit: .seconds(1)) { () throws(Stopped) in try runtime.sleep(.seconds(3)) }
        try runtime.sleep(.seconds(1))
      })
    #expect(seen.withLock { $0 } == [.hang])
    #expect(result.ended == .simulationEpoch + .seconds(4))
  }

  @Test func `An activity that beats is no hang and one that ends late is overdue`() {
    let overdue = Mutex<[String]>([])
    let result = Simulation().run(
      disk: MemoryDisk(), onIncident: { _, _ in .carryOn },
      main: { runtime throws(Stopped) in
        try runtime.activity("beating", limit: .seconds(2)) { () throws(Stopped) in
          for _ in 0..<10 {
            try runtime.sleep(.seconds(1))
            runtime.beat()
          }
        }
        try runtime.activity("late", limit: .seconds(2)) { () throws(Stopped) in try runtime.sleep(.seconds(5)) }
        let names = runtime.overdueActivities.map { "\($0.activity) \($0.took.seconds)" }
        overdue.withLock { $0 = names }
      })
    #expect(result.incidents.map(\.activity) == ["late"])
    #expect(overdue.withLock { $0 } == ["late 5.0"])
  }

  @Test func `An interposer sees every operation`() {
    let witness = Witness()
    let result = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      runtime.install(witness)
      try touchEverything(runtime)
    }
    #expect(result.incidents.isEmpty)
    #expect(witness.journal.all.filter { everyHook.contains($0) } == everyHook)
  }

  @Test func `After healing turns are still drawn, and nobody is stalled`() {
    func run(heals: Bool, _ schedule: Schedule<any Strategy>) -> Simulation.Result {
      Simulation(schedule: schedule, seed: 3).run(disk: MemoryDisk()) { runtime throws(Stopped) in
        if heals { runtime.heal() }
        let threads = try Self.spawnSleepers(runtime)
        for thread in threads { try thread.join() }
      }
    }
    let healed = run(heals: true, .explore(CoinStrategy()))
    #expect(healed.steps > 100)
    #expect(Set(healed.recording.lines.map(\.kind)) == [.run])
    #expect(run(heals: false, .explore(CoinStrategy())).recording.lines.contains { $0.kind == .stall })
    #expect(run(heals: true, .nominal).recording.lines.isEmpty)
    #expect(run(heals: true, .replay(healed.recording)).recording.lines == healed.recording.lines)
  }

  private static func spawnSleepers(_ runtime: Runtime) throws(Stopped) -> [ThreadHandle] {
    var threads: [ThreadHandle] = []
    for n in 0..<3 {
      threads.append(
        try runtime.spawn("sleeper-\(n)") { () throws(Stopped) in
          for _ in 0..<50 { try runtime.sleep(.milliseconds(1)) }
        })
    }
    return threads
  }

  @Test func `Threads of one name are told apart`() {
    let result = Simulation(schedule: .explore(CoinStrategy()), seed: 5).run(disk: MemoryDisk()) {
      runtime throws(Stopped) in
      var threads: [ThreadHandle] = []
      for _ in 0..<3 {
        threads.append(
          try runtime.spawn("worker") { () throws(Stopped) in
            for _ in 0..<50 { try runtime.sleep(.zero) }
          })
      }
      for thread in threads { try thread.join() }
    }
    let subjects = Set(result.recording.lines.map(\.subject))
    #expect(subjects.isSuperset(of: ["worker", "worker#2", "worker#3"]))
  }

  @Test func `Joining has a time limit`() {
    let seen = Mutex<[Bool]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let thread = try runtime.spawn("sleeper") { () throws(Stopped) in try runtime.sleep(.seconds(5)) }
      let early = try thread.join(timeout: .seconds(2))
      let late = try thread.join(timeout: .seconds(10))
      seen.withLock { $0 = [early, late] }
    }
    #expect(seen.withLock { $0 } == [false, true])
  }

  @Test func `A timer skips ticks that were missed`() {
    let seen = Mutex<[Double]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let start = runtime.now
      let timer = Timer(runtime, "ticker", every: .seconds(1))
      for tick in 0..<4 {
        _ = try timer.next()
        let at = (runtime.now - start).seconds
        seen.withLock { $0.append(at) }
        if tick == 1 { try runtime.sleep(.milliseconds(2500)) }
      }
    }
    #expect(seen.withLock { $0 } == [1, 2, 4.5, 5])
  }
}
