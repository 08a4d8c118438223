import Basics
import ChaosRuntime
import FaultInjection
import Testing

@Suite("Draws of a fault")
struct DrawTests {
  static let hits: Bench.Body = { world throws(Stopped) in
    for i in 0..<200 {
      world.note(world.hit("TRADE", "S\(i % 7)"))
      if i % 10 == 0 { try world.runtime.sleep(.milliseconds(1)) }
    }
  }

  @Test
  func `Probability 0 never fires and leaves nothing behind`() throws {
    let without = Bench.run([Fault](), Self.hits)
    let with = try Bench.run(["test.message=0%drop", "disk.write=0%hang", "lock.acquire=0%sleep(1s)"], Self.hits)
    #expect(with.notes == without.notes)
    #expect(with.recording == without.recording)
    #expect(with.recording.lines.isEmpty)
    #expect(with.firings.isEmpty)
    #expect(with.ended == without.ended)
  }

  @Test
  func `A certain fault fires at every hit, and every firing is recorded`() throws {
    let outcome = try Bench.run(["test.message=100%drop"], Self.hits)
    #expect(outcome.notes.allSatisfy { $0 == "drop" })
    #expect(outcome.recording.lines.count == 200)
    #expect(outcome.recording.lines.first?.text == "fault | test.message-979796f6/0 | test.message | 0 | 1")
  }

  @Test
  func `The same seed draws the same, another seed something else`() throws {
    let a = try Bench.run(["test.message=40%drop"], seed: 7, Self.hits)
    let b = try Bench.run(["test.message=40%drop"], seed: 7, Self.hits)
    let c = try Bench.run(["test.message=40%drop"], seed: 8, Self.hits)
    #expect(a.notes == b.notes)
    #expect(a.notes != c.notes)
    #expect((50...110).contains(a.firings.count))
  }

  @Test
  func `Another fault moves no draw of the first`() throws {
    let alone = try Bench.run(["test.message[x=TRADE]=40%drop"], Self.hits)
    let together = try Bench.run(["test.quiet=50%drop", "test.message[x=TRADE]=40%drop"]) { world throws(Stopped) in
      for _ in 0..<50 { _ = world.catalogue.required("test.quiet").decide([]) }
      try Self.hits(world)
    }
    #expect(alone.notes == together.notes)
  }

  @Test
  func `Steps of a chain draw independently of one another`() throws {
    let outcome = try Bench.run(["test.message=50%drop->50%return(1)"], Self.hits)
    let dropped = outcome.notes.filter { $0 == "drop" }.count
    let returned = outcome.notes.filter { $0 == "return(1)" }.count
    #expect((70...130).contains(dropped))
    #expect((25...75).contains(returned))
  }

  @Test
  func `A replayed recording fires what it lists and nothing else, also of a certain fault`() throws {
    let fault = "test.message@per(symbol)=30%2*drop->100%1*return(3)"
    let first = try Bench.run([fault], seed: 3, Self.hits)
    let again = try Bench.run([fault], schedule: .replay(first.recording), Self.hits)
    #expect(again.notes == first.notes)
    var shorter = first.recording
    shorter.lines.removeAll { $0.occurrence > 0 }
    let less = try Bench.run([fault], schedule: .replay(shorter), Self.hits)
    #expect(less.firings.count == shorter.lines.count)
    let nothing = try Bench.run(["test.message=drop"], schedule: .replay(Recording()), Self.hits)
    #expect(nothing.firings.isEmpty)
  }

  @Test
  func `A per-key that would break a line of the recording is written with escapes, and replays`() throws {
    let body: Bench.Body = { world throws(Stopped) in
      for symbol in ["a | b", "line\nend", "100%", " "] { world.note(world.hit("TRADE", symbol)) }
    }
    let first = try Bench.run(["test.message@per(symbol)=drop"], body)
    #expect(first.recording.lines.map(\.site).last == "test.message %20")
    #expect(first.firings.map(\.per) == ["a | b", "line\nend", "100%", " "])
    let read = try Recording(parsing: first.recording.text)
    let again = try Bench.run(["test.message@per(symbol)=drop"], schedule: .replay(read), body)
    #expect(again.notes == ["drop", "drop", "drop", "drop"])
  }
}
