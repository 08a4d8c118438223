import Basics
import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import TestSupport
import Testing

@Suite struct FaultTests {
  /// Every third fault, and of those that draw two seeds: a gauntlet has all of them, in 32 schedules each.
  static let firings: [(name: String, seed: UInt64)] = Sessions.faultNames.enumerated().flatMap { index, name in
    let isDrawn = EmbeddedFaults.files.first { $0.name == name }?.text.contains("%") ?? false
    let seeds: [UInt64] = isDrawn ? [1, 2] : index % 3 == 0 ? [1] : []
    return seeds.map { (name: name, seed: $0) }
  }

  /// The everyday mix has more injects than the orders of one session give occasion for.
  @Test func `Every inject of the everyday mix fires with one seed or another`() throws {
    var fired: [Int] = []
    for seed in [1, 2, 3] as [UInt64] {
      var system = try PaperSystem(Sessions.suitable(for: FaultPairs.mix, [Sessions.source(FaultPairs.mix)]))
      system.judgedBy = []
      let counts = Executor().run(system, Sessions.explored(seed)).judgement.faultCounts.map(\.fired)
      fired = fired.isEmpty ? counts : zip(fired, counts).map { $0 + $1 }
    }
    #expect(fired.count >= 30 && fired.allSatisfy { $0 > 0 }, "\(fired)")
  }

  @Test(arguments: firings)
  func `A fault fires as often as its file says`(name: String, seed: UInt64) throws {
    let fault = try Sessions.fault(name)
    var system = try PaperSystem(Sessions.suitable(for: name, [Sessions.source(name)]))
    system.judgedBy = []
    let run = Executor().run(system, Sessions.explored(seed))
    #expect(run.judgement.faultCounts.count == fault.injects.count)
    for count in run.judgement.faultCounts {
      #expect(
        count.fired >= fault.expect.firedMin || name == FaultPairs.mix,
        "\(count.site): fired \(count.fired) of \(count.eligible)")
      #expect(count.fired <= count.eligible && count.eligible <= count.hits)
    }
    // What is counted stands in run.json and, so that a replay can leave it out, in the recording.
    let facts = try JSON.parse(try #require(SessionFiles(run.judgement.files)["run.json"]))
    let fired = run.judgement.faultCounts.reduce(0) { $0 + $1.fired }
    let times = try #require(facts["firings"]?.array).compactMap { $0["timestamp"]?.string }
    #expect(times.count == fired)
    #expect(run.recording.lines.filter { $0.kind == .fault }.count >= fired)
    let chaos = try #require(facts["phases"]?.array?.first { $0["name"]?.string == "chaos" })
    let start = try #require(chaos["start"]?.string)
    let end = try #require(chaos["end"]?.string)
    #expect(times.allSatisfy { $0 >= start && $0 <= end })
  }

  /// Faults by the session that suits them; all of a session are looked at in one.
  static let groups: [[String]] = {
    var groups: [(inputs: PaperInputs, names: [String])] = []
    for name in Sessions.faultNames {
      let inputs = Sessions.suitable(for: name, [])
      if let index = groups.firstIndex(where: { $0.inputs == inputs }) {
        groups[index].names.append(name)
      } else {
        groups.append((inputs, [name]))
      }
    }
    return groups.map(\.names)
  }()

  @Test(arguments: groups)
  func `Faults at probability zero change no byte`(names: [String]) throws {
    let faults = try names.map(Sessions.fault)
    var without = try PaperSystem(Sessions.suitable(for: names[0], []))
    var inert = try PaperSystem(Sessions.suitable(for: names[0], faults.map(Sessions.inert)))
    (without.judgedBy, inert.judgedBy) = ([], [])
    for request in [Sessions.explored(1, stalls: true)] {
      let a = Executor().run(without, request)
      let b = Executor().run(inert, request)
      #expect(b.judgement.faultCounts.count == faults.reduce(0) { $0 + $1.injects.count })
      #expect(b.judgement.faultCounts.allSatisfy { $0.fired == 0 })
      for fault in faults {
        let id = try Sessions.inertId(fault)
        let counts = b.judgement.faultCounts.filter { $0.fault == id }
        #expect(counts.contains { $0.hits > 0 }, "the inert \(fault.id) met nothing")
      }
      expectSameFiles(a, b, except: ["run.json"])
      #expect(a.recording.text == b.recording.text)
    }
  }

  @Test(arguments: groups)
  func `Faults that are not armed change no byte`(names: [String]) throws {
    var without = try PaperSystem(Sessions.suitable(for: names[0], []))
    var disarmed = try PaperSystem(Sessions.suitable(for: names[0], names.map(Sessions.source)))
    disarmed.isFaultArmed = false
    (without.judgedBy, disarmed.judgedBy) = ([], [])
    let a = Executor().run(without, Sessions.explored(5))
    let b = Executor().run(disarmed, Sessions.explored(5))
    #expect(b.judgement.faultCounts.isEmpty)
    expectSameFiles(a, b, except: ["run.json"])
    #expect(a.recording.text == b.recording.text)
  }

  /// One fault of each first site.
  static let sites: [String] = {
    var seen: Set<String> = []
    return Sessions.faultNames.filter { name in
      guard let site = try? Sessions.fault(name).injects.first?.site else { return false }
      return seen.insert(site).inserted
    }
  }()

  @Test(arguments: sites)
  func `A fault line taken out of the recording does not happen`(name: String) throws {
    var system = try PaperSystem(Sessions.suitable(for: name, [Sessions.source(name)]))
    system.judgedBy = []
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
