import Basics
import PaperSession
import TestSupport
import Testing
import Trading

import FieldReconciliation
@testable import FieldReproduction

/// What the venue did with the orders of a session, as faults that play it again.
@Suite struct VenueAnswersTests {
  /// One order of each letter: F filled, c ended at once without a fill, p filled to 40 %, R refused, l filled 9 s late.
  private func found(_ fates: String, fee: String = "{\"cost\":0.01,\"currency\":\"USDT\"}") throws -> Reconciliation {
    let scratch = Scratch()
    var (log, calls) = ("", "")
    for (index, fate) in fates.enumerated() {
      let time = 1_762_074_840 + index * 20
      let head = "\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"amount\":10,\"price\":2"
      log += "{\"event_type\":\"ORDER_SENT\",\(head),\"client_order_id\":\"o\(index)\",\"ts\":\(time)}\n"
      func line(_ kind: String, _ after: Int, _ more: String) -> String {
        "{\"kind\":\"\(kind)\",\(more),\"client_order_id\":\"o\(index)\",\"order_id\":\"\(index)\",\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"qty\":\"10\",\"timestamp\":\(time + after)}\n"
      }
      if fate == "R" {
        calls +=
          "{\"kind\":\"reply\",\"call\":\"place_order\",\"outcome\":\"error\",\"code\":\"30004\",\"client_order_id\":\"o\(index)\",\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"timestamp\":\(time)}\n"
        continue
      }
      calls += line("event", 0, "\"type\":\"NEW\",\"status\":\"NEW\"")
      let (quantity, after) = fate == "F" ? (10, 0) : fate == "l" ? (10, 9) : fate == "p" ? (4, 0) : (0, 1)
      if quantity > 0 {
        calls += line(
          "event", after, "\"type\":\"TRADE\",\"last_qty\":\"\(quantity)\",\"last_quote\":\"\(quantity * 2)\"")
      }
      if quantity < 10 { calls += line("event", 1, "\"type\":\"CANCELED\",\"status\":\"CANCELED\"") }
    }
    scratch.write(log, to: "orders.jsonl")
    scratch.write(calls, to: "exchange.jsonl")
    var input = SessionReader.Input()
    input.files = [("\(scratch.path)/orders.jsonl", .log), ("\(scratch.path)/exchange.jsonl", .truth)]
    input.map = FieldMap(name: "test", sources: FieldMap.bot.sources + FieldMap.chaos.sources)
    return Reconciliation(try SessionReader.read(input))
  }

  private func plans(_ fates: String) throws -> [String] {
    VenueAnswers(try found(fates)).answers.map { "\($0.site) \($0.plan)" }
  }

  @Test func `Each order meets again what it met, and what nothing follows is left out`() throws {
    #expect(try plans("FFF") == [])
    #expect(
      try plans("FcFFp") == ["exchange.match 1*pass -> 1*quota(0%) -> 2*pass -> 1*quota(40%)"])
    #expect(
      try plans("FRRFl") == [
        "exchange.place_order 1*pass -> 2*return(30004)", "exchange.match 2*pass -> 1*sleep(9s)",
      ])
  }

  @Test func `Where there is more than a plan holds, the most frequent has its share`() throws {
    let fates = String(repeating: "FR", count: 40)
    #expect(try plans(fates) == ["exchange.place_order 50%return(30004)"])
  }

  @Test func `The file is a fault that can be read, and takes the place of one that does the same`() throws {
    let library = try FaultSelection(directory: nil)
    let answers = VenueAnswers(try found("RRF"))
    let scratch = Scratch()
    scratch.write(try #require(VenueAnswers.file(answers.answers)), to: "field-answers.toml")
    let fault = try library.source("\(scratch.path)/field-answers.toml").fault
    #expect(fault.injects.map(\.site) == ["exchange.place_order"])
    let refusing = try library.source("insufficient-balance").fault
    #expect(answers.cover(refusing) && answers.without(refusing.injects).isEmpty)
    #expect(!answers.cover(try library.source("null-fee").fault))
    #expect(VenueAnswers.file([]) == nil)
  }
}
