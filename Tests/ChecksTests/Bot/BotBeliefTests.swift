import Basics
import Testing
import Trading

@testable import Checks

/// What a bot believes against what the venue has, on files written line by line.
@Suite struct BotBeliefTests {
  private static func time(_ seconds: Double) -> String {
    (Instant(nanoseconds: 1_767_225_600_000_000_000) + Duration(nanoseconds: Int64(seconds * 1e9))).iso8601()
  }

  /// The account has 0.5 BTC until 90 s, 0.75 from then on, and one order that rests.
  private static let truths = [
    truth(80, position: "0.5", orders: #"{"client_order_id":"a","order_id":7}"#, free: "100"),
    truth(90, position: "0.75", orders: #"{"client_order_id":"a","order_id":7}"#, free: "75"),
  ]

  private static func truth(_ at: Double, position: String, orders: String, free: String) -> String {
    #"{"timestamp":"\#(time(at))","kind":"truth","positions":{"BTCUSDT":{"quantity":"\#(position)","step":"0.00001"}},"#
      + #""open_orders":[\#(orders)],"balances":{"USDT":{"free":"\#(free)","locked":"25"}}}"#
  }

  private func verdict(
    _ check: String, _ beliefs: [String], at: Double = 95, lag: Double = 2, asked: Bool = true
  ) throws -> Verdict {
    let end = asked ? #""2026-01-01T00:01:40Z""# : "null"
    let run =
      #"{"kind":"bot","process":{"command":"bot","asked_to_end":\#(end)},"belief":{"source":"x","lag_s":\#(lag)}}"#
    let lines = beliefs.enumerated().map { index, belief in
      #"{"timestamp":"\#(Self.time(at + Double(index) / 10))","kind":"belief","answered":"\#(Self.time(at + Double(index) / 10))",\#(belief)}"#
    }
    let record = try BotRecord(
      files: SessionFiles([
        ("run.json", Array(run.utf8)),
        ("logs/belief.jsonl", Array((Self.truths + lines).joined(separator: "\n").utf8)),
      ]))
    return try #require(BotCheck.named(check)).judge(record)
  }

  private func outcome(_ check: String, _ belief: String, at: Double = 95, lag: Double = 2) throws -> Outcome {
    try verdict(check, [#""belief":\#(belief)"#], at: at, lag: lag).outcome
  }

  @Test func `A position agrees within less than a lot step, and one that is not named is nothing`() throws {
    for (belief, expected) in [
      (#"{"positions":{"BTCUSDT":"0.75"}}"#, Outcome.pass), (#"{"positions":{"BTC/USDT":0.7500000000000001}}"#, .pass),
      (#"{"positions":{"btc-usdt":"0.750009"}}"#, .pass), (#"{"positions":{"BTCUSDT":"0.75001"}}"#, .fail),
      (#"{"positions":{}}"#, .fail), (#"{"positions":{"BTCUSDT":"0.75","ETHUSDT":"1"}}"#, .fail),
      (#"{"positions":{"BTCUSDT":"0.75","ETHUSDT":0}}"#, .pass),
      (#"{"positions":{"BTCUSDT":"-170000000000000000000000000"}}"#, .fail), (#"{"balances":{}}"#, .notApplicable),
    ] {
      #expect(try outcome("bot-positions-agree", belief) == expected, "\(belief)")
    }
    let wrong = try verdict("bot-positions-agree", [#""belief":{"positions":{"BTCUSDT":"0.5"}}"#])
    #expect(wrong.evidence == ["BTCUSDT: it believes 0.5, its fills have left 0.75"])
  }

  @Test func `A belief may be as late as the lag, and every answer has to agree`() throws {
    let old = #"{"positions":{"BTCUSDT":"0.5"}}"#
    #expect(try outcome("bot-positions-agree", old, at: 91) == .pass)
    #expect(try outcome("bot-positions-agree", old, at: 93) == .fail)
    #expect(try outcome("bot-positions-agree", old, at: 93, lag: 4) == .pass)
    let both = [#""belief":{"positions":{"BTCUSDT":"0.75"}}"#, #""belief":\#(old)"#]
    #expect(try verdict("bot-positions-agree", both).outcome == .fail)
  }

  @Test func `Open orders are compared by either id, both ways`() throws {
    for (belief, expected) in [
      (#"["a"]"#, Outcome.pass), (#"[7]"#, .pass), (#"[{"clientOrderId":"a"}]"#, .pass),
      (#"[{"order_id":"7"}]"#, .pass),
      ("[]", .fail), (#"["a","b"]"#, .fail), (#"["b"]"#, .fail),
    ] {
      #expect(try outcome("bot-open-orders-agree", #"{"open_orders":\#(belief)}"#) == expected, "\(belief)")
    }
  }

  @Test func `Balances are compared in all or in parts, and only those that are named`() throws {
    for (belief, expected) in [
      (#"{"USDT":"100"}"#, Outcome.pass), (#"{"USDT":{"free":75,"locked":"25"}}"#, .pass),
      (#"{"USDT":{"free":75.00000000000001}}"#, .pass), (#"{"USDT":{"free":"100"}}"#, .fail), ("{}", .pass),
      (#"{"BTC":0}"#, .pass), (#"{"BTC":"0.1"}"#, .fail), (#"{"USDT":{"total":"99.99"}}"#, .fail),
    ] {
      #expect(try outcome("bot-balances-agree", #"{"balances":\#(belief)}"#) == expected, "\(belief)")
    }
  }

  @Test func `No answer is inconclusive, and a wrong one beside it is wrong`() throws {
    let silent = #""trouble":"nothing came within 2 s""#
    let none = try verdict("bot-positions-agree", [silent])
    #expect(none.outcome == .inconclusive && none.reason.contains("nothing came within 2 s"))
    let wrong = #""belief":{"positions":{}}"#
    #expect(try verdict("bot-positions-agree", [silent, wrong]).outcome == .fail)
    #expect(try verdict("bot-positions-agree", []).outcome == .inconclusive)
    #expect(try verdict("bot-positions-agree", [], asked: false).outcome == .notApplicable)
    let broken = try verdict("bot-balances-agree", [#""belief":{"balances":{"USDT":true}}"#])
    #expect(broken.outcome == .inconclusive && broken.reason.contains("balances.USDT expects a number"))
  }

  @Test func `A text that is no belief is told with its place`() {
    for (text, says) in [
      ("{\"positions\":\n  {BTC: 1}}", "line 2, column 4: "), ("[]", "it is no object but []"),
      (#"{"position":{}}"#, "did you mean 'positions' by 'position'?"),
      (#"{"positions":[]}"#, "positions expects an object"),
      (#"{"positions":{"BTCUSDT":"much"}}"#, #"positions.BTCUSDT expects a number or a text of digits, not "much""#),
      (#"{"open_orders":{}}"#, "open_orders expects a list"),
      (#"{"open_orders":["a",null]}"#, "open_orders[1] expects"),
      (#"{"balances":{"USDT":{"frei":1}}}"#, "balances.USDT expects an amount"),
    ] {
      do throws(BotBelief.Problem) {
        _ = try BotBelief(Array(text.utf8))
        Issue.record("\(text) was taken")
      } catch { #expect(error.text.contains(says), "\(error.text)") }
    }
  }
}
