import Basics
import ChaosRuntime
import FaultInjection
import Glibc
import Synchronization
import TestSupport
import Testing
import Trading

@testable import FakeExchange

@Suite("The venue's front")
struct ExchangeFrontTests {
  @Test
  func `A call takes its nominal time, and its events arrive in order behind it`() {
    let result = Session.run { runtime, front, note throws(Stopped) in
      guard case .success(let ack) = try front.placeOrder(Session.buy("a"), deadline: .distantFuture) else { return }
      note(
        "ack \(ack.orderId) after \(Session.milliseconds(runtime)), accepted at 135 \(ack.acceptedAt == Session.at(135))"
      )
      try Session.drain(front, runtime, note)
    }
    #expect(
      result.notes == [
        "ack X0 after 270, accepted at 135 true", "270 NEW a", "270 TRADE a", "270 BALANCE",
      ])
  }

  @Test
  func `Events are on their way 60 ms after the venue's step, while the reply still travels`() {
    let result = Session.run { runtime, front, note throws(Stopped) in
      let stream = try runtime.spawn("stream") { () throws(Stopped) in
        _ = try front.connection.receive(timeout: nil)
        note("first event at \(Session.milliseconds(runtime))")
      }
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      note("reply at \(Session.milliseconds(runtime))")
      _ = try stream.join()
    }
    #expect(result.notes == ["first event at 195", "reply at 270"])
  }

  @Test(arguments: [100, 200])
  func `A deadline ends the call with an unknown outcome, and the order stands at the venue all the same`(
    milliseconds: Int
  ) {
    let result = Session.run { runtime, front, note throws(Stopped) in
      let reply = try front.placeOrder(Session.buy("a"), deadline: Session.at(milliseconds))
      note("\(reply.failureText) at \(Session.milliseconds(runtime))")
      let report = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      if case .success(let report) = report { note(report.status.rawValue) }
    }
    #expect(result.notes == ["unknown deadline at \(milliseconds)", "FILLED"])
    #expect(result.log.contains("\"outcome\":\"unknown\",\"text\":\"deadline\",\"client_order_id\":\"a\""))
  }

  @Test
  func `A call that starts after its deadline has no effect`() {
    let result = Session.run { runtime, front, note throws(Stopped) in
      let reply = try front.placeOrder(Session.buy("a"), deadline: Session.at(0))
      note("\(reply.failureText) at \(Session.milliseconds(runtime))")
      note(try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture).failureText)
    }
    #expect(result.notes == ["unknown deadline at 0", "venue -2011"])
  }

  @Test
  func `Every call of the port answers`() {
    let result = Session.run { runtime, front, note throws(Stopped) in
      let forever = Instant.distantFuture
      if case .success(let rules) = try front.marketRules(deadline: forever) { note("\(rules.count) rules") }
      if case .success(let quotes) = try front.quotes([Bench.symbol], deadline: forever) {
        note("\(quotes.count) quotes")
      }
      if case .success(let balances) = try front.balances(deadline: forever) { note("\(balances.map(\.asset))") }
      _ = try front.placeOrder(Session.buy("r", at: "1.5"), deadline: forever)
      if case .success(let open) = try front.openOrders(deadline: forever) { note("\(open.map(\.clientOrderId))") }
      if case .success(let report) = try front.cancelOrder(
        symbol: Bench.symbol, clientOrderId: "r", deadline: forever)
      {
        note(report.status.rawValue)
      }
    }
    #expect(result.notes == ["1 rules", "1 quotes", "[\"USDT\"]", "[\"r\"]", "CANCELED"])
    let lines = result.log.split(separator: "\n")
    #expect(lines.first?.contains("\"kind\":\"ledger\",\"step\":0,") == true)
    #expect(lines.dropLast().filter { $0.contains("market_rules") }.count == 2)
    #expect(
      lines[2].hasSuffix(
        ",\"kind\":\"rules\",\"fee_mode\":\"quote\",\"rules\":[{\"symbol\":\"\(Bench.symbol)\",\"tick\":\"0.000001\",\"step\":\"0.01\","
          + "\"min_qty\":\"0\",\"min_notional\":\"1\",\"maker_fee\":\"0\",\"taker_fee\":\"0.0005\"}]}"))
    let polls = lines.dropLast().filter { $0.contains("fetch_tickers") }
    #expect(polls.first?.hasSuffix(",\"call\":\"fetch_tickers\",\"symbols\":[\"\(Bench.symbol)\"]}") == true)
    #expect(polls.last?.contains("\"outcome\":\"ok\",\"quotes\":[{\"at\":\"2025-01-01T00:00:00.") == true)
    #expect(polls.last?.contains("\"symbols\":[\"\(Bench.symbol)\"],\"last\":[\"") == true)
    #expect(
      lines.last?.hasSuffix(
        "\"requests\":{\"place_order\":1,\"cancel_order\":1,\"query_order\":0,\"open_orders\":1,\"fetch_balance\":1,"
          + "\"fetch_tickers\":1,\"market_rules\":1},\"failed\":{\"place_order\":0,\"cancel_order\":0,\"query_order\":0,"
          + "\"open_orders\":0,\"fetch_balance\":0,\"fetch_tickers\":0,\"market_rules\":0}}") == true)
  }

  @Test
  func `Resting orders fill when the market crosses them, without a call`() {
    let drop = Scenario.Drop(symbol: Bench.symbol, at: .seconds(10), depth: d("0.03"))
    let result = Session.run(drops: [drop]) { runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("r", at: "2.06"), deadline: .distantFuture)
      try runtime.sleep(.seconds(11))
      try front.advance()
      try runtime.sleep(.seconds(1))
      try Session.drain(front, runtime, note)
    }
    #expect(
      result.notes.map { $0.split(separator: " ", maxSplits: 1)[1] } == ["NEW r", "BALANCE", "TRADE r", "BALANCE"])
  }

  @Test
  func `The lines of exchange.jsonl are JSON with the fixed fields in order`() throws {
    let result = Session.run { runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
    }
    let lines = result.log.split(separator: "\n").map(String.init)
    for line in lines { _ = try JSON.parse(line) }
    #expect(
      lines[3]
        == "{\"timestamp\":\"2025-01-01T00:00:00.000000Z\",\"kind\":\"request\",\"id\":1,\"call\":\"place_order\","
        + "\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"client_order_id\":\"a\",\"qty\":\"10\",\"price\":\"2.2\","
        + "\"type\":\"limit\",\"tif\":\"gtc\"}")
    let keys = lines.compactMap { line in (try? JSON.parse(line))?.members?.map(\.key).joined(separator: " ") }
    #expect(
      keys.contains(
        "timestamp kind type client_order_id order_id symbol side status last_qty last_price last_quote filled_qty "
          + "filled_quote fee fee_asset maker bid ask delivered arrives"))
    #expect(
      keys.contains(
        "timestamp kind type client_order_id order_id symbol side status filled_qty filled_quote bid ask delivered arrives"
      ))
    #expect(keys.contains("timestamp kind id call outcome order_id client_order_id symbol side took_ms"))
    #expect(lines.filter { $0.contains("\"kind\":\"ledger\"") }.count == 2)
    #expect(lines.filter { $0.contains("\"conserved\":true") }.count == 2)
  }

  @Test
  func `Events that a closed stream refuses are not called delivered`() {
    let result = Session.run { runtime, front, note throws(Stopped) in
      try front.connection.close()
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
    }
    #expect(!result.log.contains("\"delivered\":true"))
    #expect(result.log.contains("\"delivered\":false"))
  }

  @Test
  func `The same session leaves the same bytes`() {
    let logs = (0..<2).map { _ in
      Session.run { runtime, front, note throws(Stopped) in
        for n in 0..<20 {
          _ = try front.placeOrder(Session.buy("n\(n)", at: n % 2 == 0 ? "2.2" : "2"), deadline: .distantFuture)
        }
      }.log
    }
    #expect(logs[0] == logs[1])
  }

  /// On real threads one may be held up between its step and what is noted of its events; others have stepped twice by then.
  @Test(.realClock)
  func `Of two threads the one that steps first is told first`() throws {
    let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
    let venue = try Venue(
      source: MarketGenerator(seed: 1, symbols: [Bench.symbol]),
      accounts: [("engine", [Balance(asset: "USDT", free: Decimal(1000))])])
    let latency = ExchangeLatency(placeOrder: .zero, event: .zero)
    let held = HeldUp()
    let front = ExchangeFront(runtime: runtime, venue: venue, faults: held, latency: latency)
    let others = Mutex<ThreadHandle?>(nil)
    held.onFirst {
      let thread = try? runtime.spawn("others") { () throws(Stopped) in
        for id in ["b", "c"] { _ = try front.placeOrder(Session.buy(id), deadline: .distantFuture) }
        held.letGo()
      }
      others.withLock { $0 = thread }
    }
    _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
    try others.withLock { $0 }?.join()
    let lines = String(decoding: front.finish(), as: UTF8.self).split(separator: "\n")
    let arrivals = lines.compactMap { line in
      line.firstRange(of: "\"arrives\":\"").map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
    }
    #expect(arrivals.count >= 6 && arrivals == arrivals.sorted())
  }
}

/// Holds the first event up that it is asked about, until it is let go or a fifth of a second is over.
private final class HeldUp: ExchangeFaults {
  private let first = Mutex<(@Sendable () -> Void)?>(nil)
  private let isFree = Mutex(false)

  func onFirst(_ action: @escaping @Sendable () -> Void) { first.withLock { $0 = action } }
  func letGo() { isFree.withLock { $0 = true } }

  func decide(_ event: VenueEvent) -> ExchangeFault? {
    let action = first.withLock { first in
      defer { first = nil }
      return first
    }
    guard let action else { return nil }
    action()
    for _ in 0..<200 where !isFree.withLock({ $0 }) { usleep(1000) }
    return nil
  }

  func decide(_ request: VenueRequest) -> ExchangeFault? { nil }
  func venueAct(_ call: VenueCall) -> VenueAct? { nil }
  func connection(_ call: VenueCall) -> ConnectionFault? { nil }
  func clockSkew(_ call: VenueCall) -> Duration { .zero }
  func limitShare(_ call: VenueCall) -> Int { 1_000_000 }
  func terms(_ order: OrderRequest) -> MatchTerms { MatchTerms() }
  func hold(_ fault: ExchangeFault) throws(Stopped) {}
}
