import Basics
import Exploration
import Foundation
import TestSupport
import Testing

/// The documentation's stranger: its engine is the file beside this one, its walk through the toolkit the tests here.
@Suite struct YourOwnEngineTests {
  static let page = Folder.root + "/Sources/chaos/Documentation.docc/YourOwnEngine.md"

  @Test func `The page shows this very code`() throws {
    let page = try #require(FileManager.default.contents(atPath: Self.page))
    let blocks = String(decoding: page, as: UTF8.self).components(separatedBy: "```swift\n").dropFirst()
      .compactMap { $0.components(separatedBy: "```").first }
    #expect(blocks.count >= 4)
    for name in ["QueueEngine", "YourOwnEngineTests"] {
      let path = Folder.root + "/Tests/ExplorationTests/\(name).swift"
      let code = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
      if name == "QueueEngine" {
        #expect(blocks.first == code)
      } else {
        // The walk is quoted without the indentation of its test.
        let flat = code.components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        for block in blocks.dropFirst() {
          let lines = block.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
          #expect(flat.contains(subsequence: lines), "\(block)")
        }
      }
    }
  }

  @Test func `Exploration finds the deadlock under the fault and replays it`() throws {
    let executor = Executor()
    let search = Search(Seeds(1), arm: 1)
    var sweep = Sweep<QueueEngine>(by: executor)
    sweep.willRun = { _, request in request.wantsStacks = true }
    let campaign = sweep.run(QueueEngine(), search, until: CampaignGoal(ran: 100, failed: 1))
    let failure = try #require(campaign.failure).report
    print(failure.recording.text)
    print(failure.dump?.render(symbolized: true) ?? "")

    let again = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .replay(failure.recording))
    let replayed = executor.run(QueueEngine(), again)
    #expect(replayed.incidents.map(\.summary) == failure.incidents.map(\.summary))
    #expect(failure.judgement.tally("FIRED") > 0)
    #expect(failure.dump?.render(symbolized: false).contains("REASON DEADLOCK") == true)
    for index in 0..<200 {
      let fixed = executor.run(QueueEngine(isFixed: true), search.request(index))
      #expect(fixed.judgement.verdict("no-deadlock")?.outcome == .pass && fixed.judgement.tally("TAKEN") == 10)
    }
  }

  @Test func `A clean schedule is enough to predict it`() throws {
    let nominal = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
    let order = LockOrderCheck(QueueEngine(fault: "queue.report=0%sleep(1ms)"), executor: Executor()).run(nominal)
    for (cycle, report, attempt) in order.confirmed {
      print("\(cycle.text), brought about in directed schedule \(attempt)")
      print(report.recording.text)
    }
    #expect(order.observed.incidents.isEmpty)
    #expect(order.confirmed.map(\.cycle.fingerprint) == ["count|queue"])
    let fixed = LockOrderCheck(QueueEngine(isFixed: true, fault: "queue.report=0%sleep(1ms)"), executor: Executor())
      .run(nominal)
    #expect(fixed.cycles.isEmpty)
  }

  @Test(.tags(.live), .realClock, .timeLimit(.minutes(5))) func `The watchdog finds it on real threads`() throws {
    let scratch = Scratch()
    let live = LiveExecutor(
      directory: scratch.path, epoch: Instant(nanoseconds: 0), stuckLimit: .seconds(20), limit: .seconds(60))
    let nominal = RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .nominal)
    let report = try live.run(QueueEngine(fault: "queue.report=sleep(50ms)"), nominal) { [] }
    print(report.incidents.first?.summary ?? "no incident")
    #expect(report.incidents.map(\.kind) == [.deadlock] && scratch.exists("stackdump.txt"))
    #expect(report.leakedThreads == 0)
  }
}

extension Array where Element == String {
  fileprivate func contains(subsequence lines: [String]) -> Bool {
    guard let first = lines.first else { return true }
    return indices.contains { at in
      self[at] == first && at + lines.count <= count && Array(self[at..<(at + lines.count)]) == lines
    }
  }
}
