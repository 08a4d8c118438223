import Basics
import FaultInjection
import Testing

@Suite("What an armed fault decides")
struct DecisionTests {
  @Test
  func `A site without an armed fault decides nothing and does not even make its values`() throws {
    let outcome = try Bench.run(["test.message=drop"], isArmed: false) { world throws(Stopped) in
      let action = world.catalogue.required(Bench.site).decide(
        { () -> [SiteValue] in
          Issue.record("values were made")
          return []
        }())
      world.note("\(action == nil)")
    }
    #expect(outcome.notes == ["true"])
    #expect(outcome.counts == ["0 hits, 0 eligible, 0 fired"])
  }

  @Test
  func `Conditions select hits; the others count as hits only`() throws {
    let fault = "test.message[x=TRADE,symbol=AIX*,z>=0.5]=drop"
    let outcome = try Bench.run([fault]) { world throws(Stopped) in
      world.note(world.hit("TRADE", "AIX/USDT", 0.5))
      world.note(world.hit("NEW", "AIX/USDT", 0.5))
      world.note(world.hit("TRADE", "BTC/USDT", 0.5))
      world.note(world.hit("TRADE", "AIX/USDT", 0.25))
    }
    #expect(outcome.notes == ["drop", "-", "-", "-"])
    #expect(outcome.counts == ["4 hits, 1 eligible, 1 fired"])
  }

  @Test
  func `Each operator compares as its name says`() throws {
    for (selector, expected) in [
      ("z=1", true), ("z=1.0", true), ("z!=1", false), ("z<1", false), ("z<=1", true), ("z>1", false), ("z>0.5", true),
      ("x!=NEW", true), ("x~T?ADE", true), ("x~*DE", true), ("x~N*", false), ("x=*", true), ("x=\"*\"", true),
      ("x=\"T*\"", false), ("x>5", false),
    ] {
      let outcome = try Bench.run(["test.message[\(selector)]=drop"]) { world throws(Stopped) in
        world.note(world.hit())
      }
      #expect(outcome.notes == [expected ? "drop" : "-"], "\(selector)")
    }
  }

  @Test
  func `After lets eligible hits through first, every takes each n-th of those that follow`() throws {
    let after = try Bench.run(["test.message@after(2)=drop"]) { world throws(Stopped) in world.note(world.hits(4)) }
    #expect(after.notes == ["- - drop drop"])
    let every = try Bench.run(["test.message@every(3)=drop"]) { world throws(Stopped) in world.note(world.hits(7)) }
    #expect(every.notes == ["- - drop - - drop -"])
    let both = try Bench.run(["test.message@after(1)@every(2)=drop"]) { world throws(Stopped) in
      world.note(world.hits(6))
    }
    #expect(both.notes == ["- - drop - drop -"])
  }

  @Test
  func `Counters are kept per key`() throws {
    let outcome = try Bench.run(["test.message@per(symbol)=1*drop"]) { world throws(Stopped) in
      for symbol in ["A", "B", "A", "B", "C"] { world.note(world.hit("TRADE", symbol)) }
    }
    #expect(outcome.notes == ["drop", "drop", "-", "-", "drop"])
    #expect(outcome.firings.map { "\($0.per) \($0.hit)" } == ["A 0", "B 0", "C 0"])
  }

  @Test
  func `The table of keys is bounded: what does not fit passes and is counted`() throws {
    let outcome = try Bench.run(["test.message@per(symbol)=drop"]) { world throws(Stopped) in
      for n in 0..<10_002 { _ = world.hit("TRADE", "S\(n)") }
      world.note("\(world.injector.unlistedHits) unlisted, \(world.hit("TRADE", "S0"))")
    }
    #expect(outcome.notes == ["2 unlisted, drop"])
    #expect(outcome.counts == ["10003 hits, 10003 eligible, 10001 fired"])
  }

  @Test
  func `A hundred thousand firings are kept, the rest is counted`() throws {
    let outcome = try Bench.run(["test.message=drop"]) { world throws(Stopped) in
      for _ in 0..<100_010 { _ = world.hit() }
      world.note("\(world.injector.unkeptFirings)")
    }
    #expect(outcome.firings.count == 100_000)
    #expect(outcome.notes == ["10"])
  }

  @Test
  func `The window counts from arming and excludes its end`() throws {
    let outcome = try Bench.run(["test.message@window(2s..3s)=drop"], isArmed: false) { world throws(Stopped) in
      try world.runtime.sleep(.seconds(10))
      world.injector.arm()
      for _ in 0..<5 {
        world.note(world.hit())
        try world.runtime.sleep(.milliseconds(750))
      }
    }
    #expect(outcome.notes == ["-", "-", "-", "drop", "-"])
    #expect(outcome.counts == ["5 hits, 1 eligible, 1 fired"])
  }

  @Test
  func `The time to live ends a fault`() throws {
    let outcome = try Bench.run(["test.message@ttl(1s)=drop"]) { world throws(Stopped) in
      world.note(world.hit())
      try world.runtime.sleep(.seconds(1))
      world.note(world.hit())
    }
    #expect(outcome.notes == ["drop", "-"])
  }

  @Test
  func `A thread glob takes the hits of those threads only`() throws {
    let outcome = try Bench.run(["test.message@thread(order*)=drop"]) { world throws(Stopped) in
      world.note(world.hit())
      try world.runtime.spawn("order router") { () throws(Stopped) in world.note(world.hit()) }.join()
    }
    #expect(outcome.notes == ["-", "drop"])
    #expect(outcome.firings.map(\.thread) == ["order router"])
  }

  @Test
  func `A chain goes on to the next step where its step does not fire, and off its end passes`() throws {
    let outcome = try Bench.run(["test.message=2*drop->0%hang->1*return(5)"]) { world throws(Stopped) in
      world.note(world.hits(5))
    }
    #expect(outcome.notes == ["drop drop return(5) - -"])
    let off = try Bench.run(["test.message=2*off->drop"]) { world throws(Stopped) in world.note(world.hits(4)) }
    #expect(off.notes == ["- - drop drop"])
    #expect(off.counts == ["4 hits, 4 eligible, 2 fired"])
  }

  @Test
  func `A count counts firings, not hits`() throws {
    let outcome = try Bench.run(["test.message=50%3*drop"]) { world throws(Stopped) in world.note(world.hits(100)) }
    #expect(outcome.firings.count == 3)
    #expect(outcome.counts == ["100 hits, 100 eligible, 3 fired"])
  }

  @Test
  func `Of two faults at one site the first that fires wins, and the other counts its hits`() throws {
    let outcome = try Bench.run(["test.message=2*drop", "test.message=return(7)"]) { world throws(Stopped) in
      world.note(world.hits(3))
    }
    #expect(outcome.notes == ["drop drop return(7)"])
    #expect(outcome.counts == ["3 hits, 3 eligible, 2 fired", "3 hits, 3 eligible, 1 fired"])
  }

  @Test
  func `Each firing is kept with its time, its key and its thread`() throws {
    let outcome = try Bench.run(["test.message@per(x)=drop"]) { world throws(Stopped) in
      try world.runtime.sleep(.milliseconds(5))
      _ = world.hit("NEW")
    }
    let firing = try #require(outcome.firings.first)
    #expect(firing.time == .simulationEpoch + .milliseconds(5))
    #expect(firing.site == "test.message")
    #expect(firing.per == "NEW")
    #expect(firing.thread == "main")
    #expect(firing.action == .drop)
  }
}
