import Basics
import Foundation
import TestSupport
import Testing
import Trading

@testable import Checks

/// What the log, and the files beside it, promise to whoever reads them.
@Suite struct LogPromiseTests {
  @Test func `Each line has the level that its event promises`() throws {
    func level(_ type: String, _ level: String, _ fields: RecordBuilder.Fields = []) throws -> Outcome {
      var b = RecordBuilder()
      b.log(1, type, level: level, fields)
      return try b.judge("levels-kept").outcome
    }
    #expect(try RecordBuilder().judge("levels-kept").outcome == .inconclusive)
    #expect(try level("HEARTBEAT", "INFO") == .pass)
    #expect(try level("HEARTBEAT", "ERROR") == .fail, "it wakes somebody for nothing")
    #expect(try level("INTENTS_LEFT_PENDING", "INFO") == .fail)
    #expect(try level("INTENTS_LEFT_PENDING", "ERROR") == .pass)
    #expect(try level("SOMEBODY_ELSES", "INFO") == .pass, "no engine of ours writes it")
    let missing: RecordBuilder.Fields = [("books", "100"), ("venue_free", "75"), ("drift", "-25")]
    let found: RecordBuilder.Fields = [("books", "100"), ("venue_free", "125"), ("drift", "25")]
    #expect(try level("BUDGET_DRIFT_DETECTED", "ERROR", missing) == .pass)
    #expect(try level("BUDGET_DRIFT_DETECTED", "WARNING", missing) == .fail, "money that is missing")
    #expect(try level("BUDGET_DRIFT_DETECTED", "WARNING", found) == .pass)
    #expect(try level("BUDGET_DRIFT_DETECTED", "ERROR", found) == .fail)
    #expect(
      try level("BUDGET_DRIFT_DETECTED", "WARNING", [("books", "100"), ("venue_free", "75"), ("drift", "25")]) == .fail)
  }

  @Test func `The page of the event log has the levels that its lines are held to`() throws {
    let page = Folder.root + "/Sources/chaos/Documentation.docc/Session/EventLog.md"
    var levels: [String: String] = [:]
    for line in try String(contentsOfFile: page, encoding: .utf8).split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for name in cells[0].split(separator: "`") { levels[String(name)] = cells[1] }
    }
    for event in EventName.allCases where event != .buyOrderPlaced {
      guard case .always(let level) = event.promisedLevel else { continue }
      #expect(levels[event.rawValue] == level, "\(event)")
    }
  }

  @Test func `What may live on behind the end is told`() throws {
    func left(_ change: (inout RecordBuilder) -> Void) throws -> Verdict {
      var b = RecordBuilder.market()
      b.send(1, at: 50)
      b.accept(1, at: 50.2)
      change(&b)
      return try b.judge("levels-kept")
    }
    #expect(
      try left { _ in }.evidence == [
        "c1: open at the venue since 2025-01-01T00:00:50.200000Z, and no INTENTS_LEFT_PENDING"
      ])
    #expect(
      try left { $0.log(100.5, "INTENTS_LEFT_PENDING", level: "ERROR", [("intents", .array(["i1"]))]) }.outcome == .pass
    )
    #expect(
      try left { $0.log(100.5, "INTENTS_LEFT_PENDING", level: "ERROR", [("intents", .array(["i7"]))]) }.outcome == .fail
    )
    #expect(try left { $0.trade(1, at: 60) }.outcome == .pass, "it had ended")
  }

  // MARK: Files

  private func disk(
    _ lines: [RecordBuilder.Fields], _ check: String, _ change: (inout RecordBuilder) -> Void = { _ in }
  )
    throws -> Verdict
  {
    var b = RecordBuilder()
    let text = lines.enumerated().flatMap { index, fields in
      let head: RecordBuilder.Fields = [("timestamp", .string(RecordBuilder.time(Double(index))))]
      return Array(JSON.object(head + fields).text.utf8) + [0x0A]
    }
    b.raw = [("logs/disk.jsonl", text)]
    change(&b)
    return try b.judge(check)
  }

  @Test func `A file that is replaced is whole at every moment`() throws {
    func images(_ left: String...) throws -> Verdict {
      try disk(
        left.map { [("kind", "crash_image"), ("path", "metrics/summary.json"), ("left", .string($0))] },
        "files-replaced")
    }
    #expect(try RecordBuilder().judge("files-replaced").outcome == .notApplicable)
    #expect(try images().outcome == .notApplicable)
    #expect(try images("missing", "whole", "whole").outcome == .pass, "there was none before")
    #expect(try images("torn", "whole").outcome == .fail)
    #expect(
      try images("whole", "missing", "whole").evidence == [
        "logs/disk.jsonl:2: from 2025-01-01T00:00:01.000000Z on a crash leaves metrics/summary.json missing"
      ])
  }

  // MARK: Records that were dropped

  @Test func `Dropped records are told where the queue was full, and once`() throws {
    /// Batches of so many lines; the last line of those that are named tells of drops.
    func batches(_ sizes: [Int], told: [Int: Int], room: String? = "8", skipsHeartbeats: Int = 0) throws -> Verdict {
      let appends: [RecordBuilder.Fields] = sizes.map {
        [("kind", "append"), ("path", "logs/events_session.jsonl"), ("lines", .int($0))]
      }
      return try disk(appends, "drops-told") { b in
        if let room { b.config.append(("LOG_QUEUE_MAX", .string(room))) }
        var at = 1.0
        for (index, size) in sizes.enumerated() {
          for n in 0..<size {
            at += 0.01
            if n == size - 1, let count = told[index] {
              b.log(at, "LOG_RECORDS_DROPPED", level: "WARNING", [("count", .int(count))])
            } else {
              b.log(at, "TRACE_STEP", level: "DEBUG")
            }
          }
        }
        b.log(50, "HEARTBEAT", [("seq", .int(1))])
        b.log(60, "HEARTBEAT", [("seq", .int(2 + skipsHeartbeats))])
      }
    }
    #expect(try batches([3, 9], told: [:]).outcome == .notApplicable)
    #expect(try batches([3, 9, 2], told: [1: 5]).outcome == .pass)
    #expect(try batches([3, 9, 9], told: [1: 5, 2: 1]).outcome == .pass, "it was full twice")
    #expect(try batches([3, 9, 2], told: [1: 50, 2: 1]).outcome == .pass, "one thread counted late")
    #expect(try batches([3, 9, 2, 2], told: [1: 5, 2: 5, 3: 5]).outcome == .fail, "nobody counts that late")
    #expect(
      try batches([3, 9, 2], told: [1: 50, 2: 50]).evidence == [
        "\(RecordBuilder.eventsPath):14: tells of 50 lost records in a batch of 2 lines, and a full queue has 8 (LOG_QUEUE_MAX)"
      ])
    #expect(try batches([3, 9], told: [1: 0]).outcome == .fail)
    #expect(try batches([3, 9], told: [1: 1], skipsHeartbeats: 2).outcome == .fail, "more are missing than are told")
    #expect(try batches([3, 9], told: [1: 5], room: nil).outcome == .inconclusive)
  }
}
