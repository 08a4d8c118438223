import TestSupport
import Basics
import ChaosRuntime
import FaultInjection
import Synchronization
import Testing

@Suite("The injector")
struct InjectorTests {
  @Test
  func `A sleep lasts as long as it says and a hang until the fault is disarmed`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      try world.injector.perform(.sleep(.milliseconds(250)))
      world.note("slept \(world.milliseconds)")
      let victim = try world.runtime.spawn("victim") { () throws(Stopped) in
        try world.injector.perform(.hang)
        world.note("free \(world.milliseconds)")
      }
      let sleeper = try world.runtime.spawn("sleeper") { () throws(Stopped) in
        try world.injector.perform(.sleep(.seconds(100)))
        world.note("awake \(world.milliseconds)")
      }
      try world.runtime.sleep(.seconds(5))
      try world.injector.disarm()
      try victim.join()
      try sleeper.join()
    }
    #expect(outcome.notes == ["slept 250", "free 5250", "awake 5250"])
    #expect(outcome.incidents.isEmpty)
  }

  @Test
  func `A hanging victim hears of a stop`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      try world.runtime.spawn("victim") { () throws(Stopped) in
        do throws(Stopped) { try world.injector.perform(.hang) } catch {
          world.note("stopped")
          throw error
        }
        world.note("went on")
      }
      try world.runtime.sleep(.seconds(1))
    }
    #expect(outcome.notes == ["stopped"])
  }

  @Test
  func `Disarming ends every fault, twice is once, and arming again goes on counting`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      world.injector.arm()
      world.note(world.hit())
      try world.injector.disarm()
      try world.injector.disarm()
      world.note(world.hit())
      try world.injector.perform(.hang)
      world.injector.arm()
      world.note(world.hit())
    }
    #expect(outcome.notes == ["drop", "-", "drop"])
    #expect(outcome.counts == ["2 hits, 2 eligible, 2 fired"])
  }

  @Test
  func `A victim of one armed phase does not wait for the end of the next`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      let victim = try world.runtime.spawn("victim") { () throws(Stopped) in try world.injector.perform(.hang) }
      try world.runtime.sleep(.seconds(1))
      try world.injector.disarm()
      world.injector.arm()
      try victim.join()
      world.note("free \(world.milliseconds)")
    }
    #expect(outcome.notes == ["free 1000"])
  }

  @Test
  func `Disarming takes back the injector's own rules and leaves those of another`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      let other = try? FaultInjector(
        runtime: world.runtime, catalogue: world.catalogue, faults: [Fault(oneLine: "test.message=return(9)")])
      other?.arm()
      try world.injector.disarm()
      world.note(world.hit())
      try other?.disarm()
      world.note(world.hit())
    }
    #expect(outcome.notes == ["return(9)", "-"])
  }

  @Test
  func `Disarming without victims is no scheduling point`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      let before = world.runtime.steps
      try world.injector.disarm()
      world.note("\(world.runtime.steps - before)")
    }
    #expect(outcome.notes == ["0"])
  }

  @Test
  func `What no site understands is refused before anything is armed, with a suggestion`() {
    func text(_ fault: String) -> String {
      errorText { try FaultInjector.validate([Fault(oneLine: fault)], against: Bench.definitions) }
    }
    #expect(text("test.mesage=drop").hasSuffix("did you mean 'test.message'?; 'chaos list --sites' names them"))
    #expect(text("test.message[symbl=A]=drop").hasSuffix("did you mean 'symbol'?; its keys: x, symbol, z"))
    #expect(text("test.message@per(sybol)=drop").hasSuffix("did you mean 'symbol'?; its keys: x, symbol, z"))
    #expect(text("test.quiet=hang").hasSuffix("site 'test.quiet' cannot 'hang'; it understands drop"))
    #expect(
      text("disk.write=return(ful)").hasSuffix(
        "cannot return 'ful'; did you mean 'full'?; its codes: full, readonly, notfound, io"))
    #expect(text("disk.write=return(28)") == "no error")
    let twice = Fault(id: "a", title: "a", injects: [])
    #expect(
      errorText { try FaultInjector.validate([twice, twice], against: []) } == "fault 'a' is given twice")
  }

  @Test
  func `A barrier holds threads until as many have come, a wait until its signal, and disarming lets go`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      func thread(_ name: String, after seconds: Int, _ action: FaultAction) throws(Stopped) -> ThreadHandle {
        try world.runtime.spawn(name) { () throws(Stopped) in
          try world.runtime.sleep(.seconds(seconds))
          try world.injector.perform(action)
          world.note("\(name) \(world.milliseconds)")
        }
      }
      let threads = [
        try thread("first", after: 1, .barrier(name: "gate", threads: 2)),
        try thread("second", after: 3, .barrier(name: "gate", threads: 2)),
        try thread("late", after: 4, .barrier(name: "gate", threads: 2)),
        try thread("waits", after: 1, .wait(name: "go")), try thread("signals", after: 5, .signal(name: "go")),
        try thread("passes", after: 6, .wait(name: "go")), try thread("alone", after: 7, .wait(name: "never")),
      ]
      try world.runtime.sleep(.seconds(9))
      try world.injector.disarm()
      for thread in threads { try thread.join() }
    }
    #expect(
      outcome.notes.sorted() == [
        "alone 9000", "first 3000", "late 4000", "passes 6000", "second 3000", "signals 5000", "waits 5000",
      ])
    #expect(outcome.incidents.isEmpty)
  }

  @Test
  func `A condition on a state holds at the hits at which the state does, and on a state that nobody counts never`()
    throws
  {
    let outcome = try Bench.run(["test.message@when(open_orders>=2)=drop; test.message@when(others)=return(1)"]) {
      world throws(Stopped) in
      for count in [1, 2, 3, 0] {
        world.catalogue.provide("open_orders") { count }
        world.note(world.hit())
      }
    }
    #expect(outcome.notes == ["-", "drop", "drop", "-"])
    #expect(outcome.counts == ["4 hits, 2 eligible, 2 fired", "4 hits, 0 eligible, 0 fired"])
  }

  @Test
  func `A site that ends in a star means every site that begins so, with one counter`() throws {
    let outcome = try Bench.run(["test.q*=2*drop"]) {
      world throws(Stopped) in
      world.note(world.catalogue.required("test.quiet").decide([])?.text ?? "-")
    }
    #expect(outcome.notes == ["drop"])
    let several = try Bench.run(["disk.*[file=a]@after(1)=1*return(full)"]) { world throws(Stopped) in
      for name in ["disk.write", "disk.append", "disk.sync"] {
        world.note(world.catalogue.required(name).decide([SiteValue("a"), SiteValue("/a")])?.text ?? "-")
      }
    }
    #expect(several.notes == ["-", "return(full)", "-"])
    #expect(several.counts == ["3 hits, 3 eligible, 1 fired"])
    let text = errorText { try FaultInjector.validate([Fault(oneLine: "tset.*=drop")], against: Bench.definitions) }
    #expect(text.contains("no site is called 'tset.*'"))
  }

  @Test
  func `Kill ends the thread at its next wait, with its locks given back`() throws {
    let outcome = try Bench.run(["thread.wait[name=turn]@thread(victim)@after(1)=1*kill"]) { world throws(Stopped) in
      let lock = Lock(world.runtime, "door")
      let turn = ChaosRuntime.Condition(lock, "turn")
      let victim = try world.runtime.spawn("victim") { () throws(Stopped) in
        defer { world.note("unwound at \(world.milliseconds)") }
        try lock.lock()
        defer { lock.unlock() }
        while true { try turn.wait(timeout: .milliseconds(10)) }
      }
      let other = try world.runtime.spawn("other") { () throws(Stopped) in
        try lock.withLock { () throws(Stopped) in _ = try turn.wait(timeout: .milliseconds(50)) }
        world.note("other lives at \(world.milliseconds)")
      }
      try victim.join()
      try lock.withLock { world.note("the lock is free") }
      try other.join()
    }
    #expect(outcome.notes == ["unwound at 10", "the lock is free", "other lives at 50"])
    #expect(outcome.firings.map(\.thread) == ["victim"])
    #expect(outcome.incidents.isEmpty)
  }

  @Test
  func `A sleep at lock.held keeps the lock from those who want it`() throws {
    let outcome = try Bench.run(["lock.held[name=door]=1*sleep(30ms)"]) { world throws(Stopped) in
      let lock = Lock(world.runtime, "door")
      let holder = try world.runtime.spawn("holder") { () throws(Stopped) in
        try lock.withLock { world.note("holder at \(world.milliseconds)") }
      }
      try world.runtime.sleep(.milliseconds(1))
      try lock.withLock { world.note("waiter at \(world.milliseconds)") }
      try holder.join()
    }
    #expect(outcome.notes == ["holder at 30", "waiter at 30"])
  }

  @Test
  func `Only faults at the runtime's own sites need the interposer`() throws {
    for (fault, expected) in [
      ("test.message=drop", false), ("disk.sync=hang", true), ("runtime.sleep=hang", true), ("thread.wait=kill", true),
    ] {
      let outcome = try Bench.run([fault]) { world throws(Stopped) in world.note("\(world.injector.needsInterposer)") }
      #expect(outcome.notes == ["\(expected)"])
    }
  }

  @Test(.tags(.live), .realClock, .timeLimit(.minutes(5)))
  func `On real threads disarming wakes hanging victims, a thousand times`() throws {
    for _ in 0..<1000 {
      let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
      let injector = try FaultInjector(runtime: runtime, catalogue: SiteCatalogue([]), faults: [])
      injector.arm()
      let victims = try (0..<3).map { n in
        try runtime.spawn("victim \(n)") { () throws(Stopped) in try injector.perform(.hang) }
      }
      try injector.disarm()
      for victim in victims { #expect(try victim.join(timeout: .seconds(10))) }
      #expect(runtime.stop() == 0)
    }
  }
}

@Suite("Faults at the runtime's own operations")
struct RuntimeSiteTests {
  @Test
  func `Disk faults match the final name, not the temporary one`() throws {
    let faults = ["disk.write[file=state.json]=sleep(250ms)", "disk.rename[path=state/state.json]=1*return(full)"]
    let outcome = try Bench.run(faults) { world throws(Stopped) in
      for _ in 0..<2 {
        let result = try world.runtime.disk.replace([1], at: "state/state.json")
        world.note("\(world.milliseconds) \(result)")
      }
      _ = try world.runtime.disk.append([1], to: "state/other.json")
      world.note("\(world.milliseconds)")
    }
    #expect(
      outcome.notes == ["250 failure(ChaosRuntime.DiskError.full)", "500 success()", "500"])
  }

  @Test
  func `Each code of a disk fault is its error`() throws {
    for (code, expected) in [
      ("full", "full"), ("readonly", "readOnly"), ("notfound", "notFound"), ("io", "io(5)"), ("28", "io(28)"),
    ] {
      let outcome = try Bench.run(["disk.read=return(\(code))"]) { world throws(Stopped) in
        if case .failure(let error) = try world.runtime.disk.read("x") { world.note("\(error)") }
      }
      #expect(outcome.notes == [expected])
    }
  }

  @Test
  func `A lock fault stalls before the lock is asked for, and never the injector's own`() throws {
    let outcome = try Bench.run(["lock.acquire=sleep(100ms)"]) { world throws(Stopped) in
      let lock = Lock(world.runtime, "budget")
      try lock.withLock { () throws(Stopped) in world.note("\(world.milliseconds)") }
    }
    #expect(outcome.notes == ["100"])
    #expect(outcome.counts == ["1 hits, 1 eligible, 1 fired"])
    #expect(outcome.incidents.isEmpty)
  }

  @Test
  func `A sleep fault lengthens the sleeps that match`() throws {
    let outcome = try Bench.run(["runtime.sleep[duration_ms>=1000]=sleep(500)"]) { world throws(Stopped) in
      try world.runtime.sleep(.milliseconds(999))
      world.note("\(world.milliseconds)")
      try world.runtime.sleep(.milliseconds(1000))
      world.note("\(world.milliseconds)")
    }
    #expect(outcome.notes == ["999", "2499"])
  }
}
