import ChaosRuntime
import Testing
import Trading

@testable import Checks

/// Amounts and settings from files that no arithmetic can hold.
@Suite struct HostileRecordTests {
  /// Near the end of what a decimal can hold.
  private static let huge = "\(Decimal(coefficient: .max))"

  private func record(_ amount: String) throws -> SessionRecord {
    var b = RecordBuilder()
    b.balances(0, [("USDT", amount, amount), ("AIX", "-\(amount)", "0")])
    for n in 1...2 {
      b.send(n, at: Double(n), qty: amount)
      b.accept(n, at: Double(n) + 0.1)
      b.trade(n, at: Double(n) + 0.2, qty: amount, quote: amount, fee: "-\(amount)", feeAsset: "AIX")
      b.fill(n, at: Double(n) + 0.3, qty: amount)
      b.log(Double(n), "BUDGET_RESERVED", [("reserved", .string(amount)), ("intent_id", "i1")])
      b.log(Double(n) + 0.3, "BUDGET_COMMITTED", [("committed", .string("-\(amount)")), ("intent_id", "i1")])
    }
    b.send(3, at: 3, side: "sell", qty: amount)
    b.trade(3, at: 102.5, side: "sell", qty: amount, quote: amount, fee: amount, feeAsset: "AIX")
    b.log(
      4, "GUARD_BLOCK",
      [
        ("guard", "size"), ("amount", .string(amount)), ("ask", .string(amount)), ("tick", .string(amount)),
        ("step", "1"), ("min_qty", "1"), ("min_notional", "1"),
      ])
    b.balances(103, [("USDT", amount, amount), ("AIX", amount, amount)])
    b.save(100, positions: [("AIX/USDT", amount), ("AIX/USDC", amount)])
    return try b.record()
  }

  @Test func `Amounts beyond all counting leave their check open and name the place`() throws {
    let verdicts = Check.judge(try record(Self.huge))
    for name in [
      "positions-agree", "budget-balances", "exposure-within-limits", "no-duplicate-orders",
    ] {
      let verdict = try #require(verdicts.first { $0.check == name })
      #expect(verdict.outcome == .inconclusive, "\(name): \(verdict.reason)")
      #expect(verdict.reason.contains(" is not an amount that can be counted, at "), "\(name): \(verdict.reason)")
    }
  }

  @Test func `A sum beyond all counting is no trap either`() throws {
    let most = Decimal(coefficient: .max)
    #expect(throws: Unjudged.self) { _ = try most.plus(.one, at: "a line") }
    #expect(throws: Unjudged.self) { _ = try Decimal(coefficient: .min).minus(.one, at: "a line") }
    #expect(try most.minus(.one, at: "a line").plus(.one, at: "a line") == most)
  }

  @Test(arguments: [
    "-170141183460469231731687303.715884105728", "1e26", "0", "-1", "1e-12", "1e999", "nan", "", "0x10",
  ])
  func `No amount traps`(amount: String) throws {
    #expect(Check.judge(try record(amount)).count == Check.all.count)
  }

  @Test(arguments: ["1e12", "-1", "nan", "inf", "1e999", "", "9223372036854775807", "ten"])
  func `No setting traps`(value: String) throws {
    var b = RecordBuilder()
    b.poll()
    b.filledOrder(1, at: 1)
    b.refusedOrder(2, at: 2)
    b.summarize()
    b.config = b.config.map { ($0.key, .string(value)) }
    #expect(try b.judge("intents-settled").outcome == .inconclusive)
    #expect(Check.judge(try b.record()).count == Check.all.count)
    let limits = ["heartbeat_ms", "refresh_ms", "format_ms", "call_ms", "quotes_ms", "per_symbol_quote_max"]
    b.set("limits", .object(limits.map { ($0, .string(value)) }))
    #expect(Check.judge(try b.record()).count == Check.all.count)
  }
}
