import ChaosRuntime
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import TestSupport
import Testing

@Suite struct FaultTests {
  @Test(arguments: Sessions.faultNames, [1, 2, 3] as [UInt64])
  func `Every fault fires`(name: String, seed: UInt64) throws {
    let fault = try Sessions.fault(name)
    let system = try PaperSystem(Sessions.suitable(for: name, [Sessions.source(name)]))
    let run = Executor().run(system, Sessions.explored(seed))
    #expect(run.judgement.faultCounts.count == fault.injects.count)
    for count in run.judgement.faultCounts {
      #expect(count.fired >= fault.expect.firedMin, "\(count.site): fired \(count.fired) of \(count.eligible)")
      #expect(count.fired <= count.eligible && count.eligible <= count.hits)
    }
    // What is counted stands in run.json and, so that a replay can leave it out, in the recording.
    let record = try Sessions.record(run)
    let fired = run.judgement.faultCounts.reduce(0) { $0 + $1.fired }
    #expect(record.run.firings.count == fired)
    #expect(run.recording.lines.filter { $0.kind == .fault }.count >= fired)
    let chaos = try #require(record.run.phases.first { $0.name == "chaos" })
    #expect(record.run.firings.allSatisfy { $0.time >= chaos.start && $0.time <= chaos.end })
  }

  @Test(arguments: Sessions.faultNames, [1, 2] as [UInt64])
  func `A fault at probability zero changes no byte`(name: String, seed: UInt64) throws {
    let fault = try Sessions.fault(name)
    let without = try PaperSystem(Sessions.suitable(for: name, []))
    let inert = try PaperSystem(Sessions.suitable(for: name, [Sessions.inert(fault)]))
    let request = Sessions.explored(seed, stalls: seed == 1)
    let a = Executor().run(without, request)
    let b = Executor().run(inert, request)
    #expect(b.judgement.faultCounts.allSatisfy { $0.fired == 0 })
    #expect(b.judgement.faultCounts.contains { $0.hits > 0 }, "the inert fault met nothing")
    expectSameFiles(a, b, except: ["run.json"])
    #expect(a.recording.text == b.recording.text)
  }

  @Test(arguments: Sessions.faultNames)
  func `A fault that is not armed changes no byte`(name: String) throws {
    let without = try PaperSystem(Sessions.suitable(for: name, []))
    var disarmed = try PaperSystem(Sessions.suitable(for: name, [Sessions.source(name)]))
    disarmed.isFaultArmed = false
    let a = Executor().run(without, Sessions.explored(5))
    let b = Executor().run(disarmed, Sessions.explored(5))
    #expect(b.judgement.faultCounts.isEmpty)
    expectSameFiles(a, b, except: ["run.json"])
    #expect(a.recording.text == b.recording.text)
  }

  @Test(arguments: Sessions.faultNames)
  func `A fault line taken out of the recording does not happen`(name: String) throws {
    let system = try PaperSystem(Sessions.suitable(for: name, [Sessions.source(name)]))
    let run = Executor().run(system, Sessions.nominal(1))
    let fired = run.judgement.faultCounts.reduce(0) { $0 + $1.fired }
    var shorter = run.recording
    let last = try #require(shorter.lines.lastIndex { $0.kind == .fault })
    shorter.lines.remove(at: last)
    let replayed = Executor().run(
      system, RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .replay(shorter)))
    #expect(replayed.judgement.faultCounts.reduce(0) { $0 + $1.fired } == fired - 1)
  }

  @Test func `The embedded faults are the folder`() throws {
    let files = Folder.names(Folder.root + "/faults").filter { $0.hasSuffix(".toml") }
    #expect(files == Sessions.faultNames.map { "\($0).toml" }.sorted())
    for file in EmbeddedFaults.files {
      let bytes = try FileDisk.contents(of: "\(Folder.root)/faults/\(file.name).toml").get()
      #expect(String(decoding: bytes, as: UTF8.self) == file.text)
      #expect(try Sessions.fault(file.name).id == file.name)
    }
  }

  @Test func `The library reads all embedded faults`() throws {
    let library = try FaultLibrary(EmbeddedFaults.files, sites: PaperSites.definitions)
    #expect(library.entries.map(\.fault.id) == Sessions.faultNames.sorted())
  }

  @Test(arguments: Sessions.bugIds)
  func `The faults that provoke a bug exist`(bug: String) throws {
    for name in try Sessions.bug(bug).provokedBy.faults { #expect(Sessions.faultNames.contains(name)) }
  }
}
