import Basics
import FaultInjection
import Testing
import Trading

@testable import FakeExchange

@Suite("Faults in front of the venue")
struct ExchangeFaultTests {
  @Test
  func `An injected refusal has the profile's error, has no effect and is marked in the history`() {
    let result = Session.run(fault: ("exchange.place_order", .returnError("30004"))) {
      runtime, front, note throws(Stopped) in
      note(try front.placeOrder(Session.buy("a"), deadline: .distantFuture).failureText)
      note("at \(Session.milliseconds(runtime))")
      note(try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture).failureText)
    }
    #expect(result.notes == ["venue 30004", "at 270", "venue -2011"])
    #expect(
      result.log.contains(
        "\"outcome\":\"error\",\"code\":30004,\"text\":\"Insufficient position\",\"error_class\":\"final\","
          + "\"permanent\":true,\"client_order_id\":\"a\",\"symbol\":\"AIX/USDT\",\"side\":\"buy\",\"injected\":true,\"took_ms\":270}"
      ))
  }

  @Test
  func `A lost reply leaves the order at the venue, a lost request does not`() {
    for (code, after) in [("timeout", "FILLED"), ("lost", "venue -2011")] {
      let result = Session.run(fault: ("exchange.place_order", .returnError(code))) {
        runtime, front, note throws(Stopped) in
        note(try front.placeOrder(Session.buy("a"), deadline: Session.at(3000)).failureText)
        note("at \(Session.milliseconds(runtime))")
        let report = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = report { note(report.status.rawValue) } else { note(report.failureText) }
      }
      #expect(result.notes == ["unknown \(code)", "at 3000", after])
    }
  }

  @Test
  func `An injected sleep holds the reply back and ignores the deadline`() {
    let result = Session.run(fault: ("exchange.fetch_balance", .sleep(.seconds(8)))) {
      runtime, front, note throws(Stopped) in
      if case .success = try front.balances(deadline: Session.at(1000)) { note("late") }
      note("at \(Session.milliseconds(runtime))")
    }
    #expect(result.notes == ["late", "at 8140"])
  }

  @Test
  func `A hanging call answers when the fault is healed`() {
    let result = Session.run(fault: ("exchange.cancel_order", .hang), healAt: .seconds(20)) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("r", at: "1.5"), deadline: .distantFuture)
      let reply = try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "r", deadline: Session.at(1000))
      if case .success(let report) = reply { note("\(report.status.rawValue) at \(Session.milliseconds(runtime))") }
    }
    #expect(result.notes == ["CANCELED at 20000"])
  }

  @Test
  func `A dropped event never arrives and the history says so; others arrive`() {
    let match = [Fault.Condition(key: "x", value: "TRADE"), Fault.Condition(key: "side", value: "BUY")]
    let result = Session.run(fault: (ExchangeSites.userStream, .drop), match: match) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try Session.drain(front, runtime, note)
    }
    #expect(result.notes == ["270 NEW a", "270 BALANCE"])
    #expect(result.log.contains("\"type\":\"TRADE\",\"client_order_id\":\"a\""))
    #expect(result.log.split(separator: "\n").filter { $0.contains("\"delivered\":false") }.count == 1)
  }

  @Test
  func `A delayed event is overtaken by the events after it`() {
    let match = [Fault.Condition(key: "x", value: "NEW")]
    let result = Session.run(fault: (ExchangeSites.userStream, .sleep(.seconds(2))), match: match) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try Session.drain(front, runtime, note)
    }
    #expect(result.notes == ["270 TRADE a", "270 BALANCE", "2195 NEW a"])
  }

  @Test
  func `A reply that is silent about the fee says everything else`() {
    let result = Session.run(fault: ("exchange.query_order", .replace(field: "fee", value: "null"))) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      if case .success(let report) = reply {
        note("\(report.status.rawValue) \(report.filledQuantity) \(report.fee == nil)")
      }
      try Session.drain(front, runtime, note)
    }
    #expect(result.notes.first == "FILLED 10 true")
    #expect(result.log.contains("\"fee_asset\":\"USDT\""), "the venue's truth has the fee")
    #expect(result.log.split(separator: "\n").count { $0.contains("\"injected\":true") } == 1)
  }

  @Test
  func `An order that is held up trades with the first step after its time`() {
    let result = Session.run(fault: (ExchangeSites.match, .sleep(.seconds(4)))) {
      runtime, front, note throws(Stopped) in
      func status() throws(Stopped) {
        let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = reply { note("\(report.status.rawValue) \(Session.milliseconds(runtime))") }
      }
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try status()
      try runtime.sleep(.seconds(4))
      try status()
      note(try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture).failureText)
    }
    #expect(result.notes == ["NEW 525", "FILLED 4780", "venue -2011"])
    #expect(!result.log.contains("\"conserved\":false"))
  }

  @Test
  func `An order with a quota trades that share and stays open until it is canceled`() {
    let result = Session.run(fault: (ExchangeSites.match, .quota(millionths: 400_000))) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try runtime.sleep(.seconds(30))
      for cancels in [false, true] {
        let reply =
          cancels
          ? try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
          : try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = reply { note("\(report.status.rawValue) \(report.filledQuantity)") }
      }
    }
    #expect(result.notes == ["PARTIALLY_FILLED 4", "PARTIALLY_CANCELED 4"])
    #expect(!result.log.contains("\"conserved\":false"))
  }

  @Test
  func `An order that is held up can be canceled, and never trades then`() {
    let result = Session.run(fault: (ExchangeSites.match, .sleep(.seconds(4)))) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      _ = try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      try runtime.sleep(.seconds(8))
      let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      if case .success(let report) = reply { note("\(report.status.rawValue) \(report.filledQuantity)") }
    }
    #expect(result.notes == ["CANCELED 0"])
    #expect(!result.log.contains("\"conserved\":false") && !result.log.contains("TRADE"))
  }

  @Test
  func `An order that is taken behind an error is at the venue, and its caller has the error`() {
    let result = Session.run(fault: ("exchange.place_order", .replace(field: "reply", value: "503"))) {
      runtime, front, note throws(Stopped) in
      note(try front.placeOrder(Session.buy("a"), deadline: .distantFuture).failureText)
      note("at \(Session.milliseconds(runtime))")
      let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
      if case .success(let report) = reply { note(report.status.rawValue) }
    }
    #expect(result.notes == ["venue 503", "at 270", "FILLED"])
    #expect(result.log.split(separator: "\n").count { $0.contains("\"injected\":true") } == 1)
  }

  @Test
  func `A request that is late is unknown at first and takes effect with the first step after its time`() {
    let result = Session.run(fault: ("exchange.place_order", .delay(.seconds(5)))) {
      runtime, front, note throws(Stopped) in
      note(try front.placeOrder(Session.buy("a"), deadline: Session.at(1000)).failureText)
      for _ in 0..<2 {
        let reply = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = reply { note(report.status.rawValue) } else { note(reply.failureText) }
        try runtime.sleep(.seconds(4))
      }
      try Session.drain(front, runtime, note)
    }
    #expect(result.notes.prefix(3) == ["unknown deadline", "venue -2011", "FILLED"])
    #expect(result.notes.dropFirst(3).map { $0.split(separator: " ")[1] } == ["NEW", "TRADE", "BALANCE"])
    #expect(!result.log.contains("\"conserved\":false"))
  }

  @Test
  func `An order that is refused after its acknowledgement gives its money back and says why`() {
    let result = Session.run(fault: (ExchangeSites.match, .returnError("30004"))) {
      runtime, front, note throws(Stopped) in
      note(try front.placeOrder(Session.buy("a"), deadline: .distantFuture).failureText)
      if case .success(let balances) = try front.balances(deadline: .distantFuture) {
        note(balances.map { "\($0.asset) \($0.free) \($0.locked)" }.joined())
      }
      while let event = try front.userEvents.receive(timeout: .seconds(1)) {
        if case .rejected(let report, let error) = event { note("\(report.status.rawValue) \(error.code)") }
      }
      note(try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture).failureText)
    }
    #expect(result.notes == ["", "USDT 1000 0", "REJECTED 30004", "venue -2011"])
    #expect(!result.log.contains("\"conserved\":false") && !result.log.contains("TRADE"))
  }

  @Test
  func `An order that trades in parts is filled in as many trades, and can be canceled between them`() {
    for cancels in [false, true] {
      let result = Session.run(fault: (ExchangeSites.match, .replace(field: "parts", value: "3"))) {
        runtime, front, note throws(Stopped) in
        _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
        for seconds in [1, 2, 2] {
          try runtime.sleep(.seconds(seconds))
          let reply =
            cancels && seconds == 2
            ? try front.cancelOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
            : try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
          if case .success(let report) = reply { note("\(report.status.rawValue) \(report.filledQuantity)") }
        }
      }
      #expect(
        result.notes
          == (cancels
            ? ["PARTIALLY_FILLED 3.33", "PARTIALLY_CANCELED 6.66"]
            : ["PARTIALLY_FILLED 3.33", "PARTIALLY_FILLED 6.66", "FILLED 10"]))
      #expect(result.log.split(separator: "\n").count { $0.contains("\"type\":\"TRADE\"") } == (cancels ? 2 : 3))
      #expect(!result.log.contains("\"conserved\":false"))
    }
  }

  @Test
  func `An event that is delivered twice happened once`() {
    let match = [Fault.Condition(key: "x", value: "TRADE")]
    let result = Session.run(fault: (ExchangeSites.userStream, .dup), match: match) {
      runtime, front, note throws(Stopped) in
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      try Session.drain(front, runtime, note)
    }
    #expect(result.notes == ["270 NEW a", "270 TRADE a", "270 TRADE a", "270 BALANCE"])
    #expect(result.log.split(separator: "\n").count { $0.contains("\"type\":\"TRADE\"") } == 1)
  }

  @Test
  func `An event that is put aside comes behind the next one, or when its time is over`() {
    for (event, expected) in [
      ("NEW", ["270 TRADE a", "270 NEW a", "270 BALANCE"]), ("TRADE", ["270 NEW a", "270 BALANCE", "2195 TRADE a"]),
    ] {
      let match = [Fault.Condition(key: "x", value: event)]
      let result = Session.run(fault: (ExchangeSites.userStream, .reorder(.seconds(2))), match: match) {
        runtime, front, note throws(Stopped) in
        _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
        try Session.drain(front, runtime, note)
      }
      #expect(result.notes == expected)
      #expect(!result.log.contains("\"delivered\":false"))
    }
  }

  @Test
  func `A page in place of the venue has no effect, an unreadable reply has`() {
    for (action, failure, after) in [
      (FaultAction.http(status: 502), "venue 502", "venue -2011"), (.http(status: 403), "venue 403", "venue -2011"),
      (.corrupt, "unknown unreadable reply", "FILLED"),
    ] {
      let result = Session.run(fault: ("exchange.place_order", action)) { runtime, front, note throws(Stopped) in
        let reply = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
        note(reply.failureText)
        if case .failure(let failure) = reply { note("\(failure.failureClass)") }
        let report = try front.queryOrder(symbol: Bench.symbol, clientOrderId: "a", deadline: .distantFuture)
        if case .success(let report) = report { note(report.status.rawValue) } else { note(report.failureText) }
      }
      #expect(result.notes == [failure, action == .http(status: 403) ? "limit" : "unknown", after])
    }
  }

  @Test(arguments: [
    (QuotesFlaw.none, ""), (.incomplete, "ADA 120000 BTC 120000"), (.reversed, "BTC 120000 ADA 120000 AIX 120000"),
    (.old, "AIX 60000 ADA 60000 BTC 60000"), (.zero, "AIX 0 ADA 0 BTC 0"), (.crossed, "AIX x ADA x BTC x"),
  ])
  func `Quotes that a fault spoils lack symbols, stand in another order or are old`(flaw: QuotesFlaw, seen: String) {
    let symbols = [Bench.symbol] + ["ADA", "BTC"].compactMap { Symbol(base: $0, quote: "USDT") }
    let fault = ("exchange.fetch_tickers", FaultAction.replace(field: "quotes", value: flaw.rawValue))
    let result = Session.run(symbols: symbols, fault: fault) { runtime, front, note throws(Stopped) in
      try runtime.sleep(.milliseconds(121_000))
      guard case .success(let quotes) = try front.quotes(symbols, deadline: .distantFuture) else { return }
      let words = quotes.map { quote in
        let time = "\((quote.time - .simulationEpoch).nanoseconds / 1_000_000)"
        return "\(quote.symbol.base) \(quote.bid > quote.ask ? "x" : quote.ask.isZero ? "0" : time)"
      }
      note(words.joined(separator: " "))
    }
    #expect(result.notes == [seen])
  }

  @Test(arguments: ExchangeSites.definitions.map(\.name))
  func `A fault whose probability is 0 leaves the bytes of a run without it`(site: String) {
    let action: FaultAction =
      switch site {
      case ExchangeSites.userStream: .drop
      case ExchangeSites.match, ExchangeSites.limits: .quota(millionths: 400_000)
      case ExchangeSites.connection: .close
      case ExchangeSites.acts: .replace(field: "act", value: "cancel")
      case ExchangeSites.clock: .skew(by: .seconds(9), perSecond: .zero)
      default: .returnError("30004")
      }
    let body: Session.Body = { runtime, front, note throws(Stopped) in
      _ = try front.quotes([Bench.symbol], deadline: .distantFuture)
      _ = try front.placeOrder(Session.buy("a"), deadline: .distantFuture)
      _ = try front.balances(deadline: .distantFuture)
      try Session.drain(front, runtime, note)
    }
    let without = Session.run(body)
    let with = Session.run(fault: (site, action), probability: 0, body)
    #expect(with.log == without.log)
    #expect(with.notes == without.notes)
  }
}
