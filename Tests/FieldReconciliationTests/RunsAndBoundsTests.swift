import Basics
import ChaosRuntime
import HistoricalBugs
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// Several runs in one set of files, and what balances and the log's own words decide.
@Suite struct RunsAndBoundsTests {
  private func compare(_ files: [String: String]) throws -> Reconciliation {
    let scratch = Scratch()
    #expect(
      Files.write(files.sorted { $0.key < $1.key }.map { ($0.key, Array($0.value.utf8)) }, to: scratch.path + "/s")
        == nil)
    var input = SessionReader.Input()
    input.directory = scratch.path + "/s"
    return Reconciliation(try SessionReader.read(input))
  }

  private static let start = 1_762_074_840

  /// Late polls and heartbeats of a run of three minutes that begins so many seconds after the first one.
  private static func run(at offset: Int, latePolls: Int) -> (system: String, beats: String) {
    let begin = Instant(nanoseconds: Int64(start + offset) * 1_000_000_000)
    var system = "{\"ts\":\"\(begin)\",\"level\":\"INFO\",\"code\":\"CONFIGURATION_LOADED\"}\n"
    for index in 0..<latePolls {
      system +=
        "{\"ts\":\"\(begin + .seconds(10 + index * 3))\",\"level\":\"WARNING\",\"code\":\"MD_POLL_OVERRUN\",\"cycle_duration_s\":2.5}\n"
    }
    let beats = (0..<4).map {
      "{\"ts_ns\":\(start + offset + $0 * 60)000000000,\"budget\":100,\"positions_count\":0}\n"
    }
    return (system, beats.joined())
  }

  /// The sign of late polls over several runs.
  private func latePolls(_ runs: [(system: String, beats: String)]) throws -> (state: SignReading.State, says: String) {
    let found = try compare([
      "system.jsonl": runs.map(\.system).joined(), "heartbeats.jsonl": runs.map(\.beats).joined(),
      "balances.jsonl": "{\"ts_ns\":\(Self.start)000000000,\"free\":{\"USDT\":100}}\n",
    ])
    let reading = try #require(SignReader.readings(found).first { $0.sign == .latePolls })
    return (reading.state, reading.says)
  }

  @Test func `Late polls of one run are not lost between hours of silence, nor beside a healthy run`() throws {
    let (sick, healthy) = (Self.run(at: 0, latePolls: 50), Self.run(at: 8 * 3600, latePolls: 0))
    let (long, late) = (Self.run(at: 0, latePolls: 2), Self.run(at: 8 * 3600, latePolls: 50))
    #expect(try latePolls([sick]).state == .seen)
    let first = try latePolls([sick, healthy])
    #expect(first.state == .seen && first.says.hasSuffix("(in run 1 of 2)"), "\(first)")
    let second = try latePolls([long, late])
    #expect(second.state == .seen && second.says.hasSuffix("(in run 2 of 2)"), "\(second)")
    #expect(try latePolls([long, healthy]).state == .missed)
  }

  private static let head = "\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"amount\":5.91,\"price\":2"

  private static func order(_ second: Int, _ event: String = "ORDER_SENT", _ more: String = "") -> String {
    "{\"event_type\":\"\(event)\",\(head),\"order_id\":\"X\(second)\",\"client_order_id\":\"c\(second)\",\"ts\":\(start + second)\(more)}\n"
  }

  private static func call(_ second: Int) -> String {
    "{\"ts_ns\":\(start + second)000000000,\"method\":\"create_order\",\"success\":true,\(head),\"reply\":{\"id\":\"X\(second)\",\"status\":null}}\n"
  }

  /// Before and after three of the buys.
  private static let balances =
    "{\"ts_ns\":\(start - 5)000000000,\"free\":{\"USDT\":100.00}}\n"
    + "{\"ts_ns\":\(start + 30)000000000,\"free\":{\"USDT\":64.54,\"AIX\":17.73}}\n"

  /// Six buys of which nobody tells the end, of which the log books so many and the balances show three.
  private func inferred(booked: Int, calls: Bool = true) throws -> Reconciliation {
    let log = (0..<6).map { index in
      Self.order(index * 2)
        + (index < booked ? Self.order(index * 2, "ORDER_FILLED", ",\"filled_qty\":5.91,\"cost\":11.82") : "")
    }
    var files = ["orders.jsonl": log.joined(), "balances.jsonl": Self.balances]
    if calls { files["exchange_orders.jsonl"] = (0..<6).map { Self.call($0 * 2) }.joined() }
    return try compare(files)
  }

  @Test func `What the log booked is taken off before balances show fills that it does not know`() throws {
    #expect(try inferred(booked: 0).unseen.map(\.text) == ["at least 35.45 USDT"])
    let two = try inferred(booked: 2)
    #expect(two.unseen.map(\.text) == ["at least 11.81 USDT"], "\(two.text)")
    #expect(two.disagreements.first?.says.contains("at least 1 of 4 buys besides the 2 that the log booked") == true)
    #expect(two.rows.first { $0.name == "filled" }.map { $0.log == 2 && $0.venue == 3 && $0.bound == .atLeast } == true)
    let all = try inferred(booked: 3)
    #expect(all.unseen.isEmpty && all.rows.first { $0.name == "filled" }.map { $0.bound == .exact } == true)
  }

  @Test func `Without any orders of the venue, those of the log may have been filled`() throws {
    let found = try inferred(booked: 0, calls: false)
    #expect(found.unseen.map(\.text) == ["at least 35.45 USDT"], "\(found.text)")
    #expect(found.notes.contains { $0.hasPrefix("the truth has balances and no orders") })
  }

  @Test func `Without a log of orders, the bot's own calls show what it bought twice`() throws {
    let found = try compare([
      "exchange_orders.jsonl": (0..<6).map { Self.call($0 * 2) }.joined(),
      "system.jsonl": Self.run(at: 0, latePolls: 0).system,
    ])
    #expect(found.doubled.first.map { $0.matches.count == 6 && $0.gaps == [2, 2, 2, 2, 2] } == true)
  }

  @Test func `An order that never arrived and whose outcome the log calls unknown is an answer, no disagreement`()
    throws
  {
    func found(_ more: String) throws -> Reconciliation {
      let at = "\"timestamp\":\"2025-01-01T00:00:01Z\",\"level\":\"INFO\""
      return try compare([
        "logs/events_a.jsonl":
          "{\(at),\"event_type\":\"ORDER_SENT\",\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"client_order_id\":\"b1\",\"qty\":\"1\",\"price\":\"2\"}\n"
          + more.replacing("@", with: at),
        "logs/exchange.jsonl":
          "{\"timestamp\":\"2025-01-01T00:00:00Z\",\"kind\":\"balances\",\"balances\":[]}\n"
          + "{\"timestamp\":\"2025-01-01T00:01:00Z\",\"kind\":\"balances\",\"balances\":[]}\n",
      ])
    }
    #expect(try found("").entries == ["never_sent"])
    let told = try found(
      "{@,\"event_type\":\"ORDER_OUTCOME_UNKNOWN\",\"client_order_id\":\"b1\",\"reason\":\"lost\"}\n")
    #expect(told.entries == [] && told.exitCode == 0, "\(told.text)")
    #expect(
      told.notes.contains(
        "1 order whose outcome the log calls unknown never reached the venue: b1 (logs/events_a.jsonl:1)"))
  }
}
