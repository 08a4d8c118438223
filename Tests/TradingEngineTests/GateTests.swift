import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct GateTests {
  @Test func `Calls that hang are bounded in time and in number`() {
    let answers = Box<[String]>([])
    let threads = Box<[String]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let venue = ScriptedVenue(runtime, script: { _ in .hang(.seconds(100)) })
      let engine = Engine(
        runtime: runtime, client: venue, symbols: [ScriptedVenue.symbol("AIX")], metrics: .init())
      let gate = engine.parts.exchange
      for number in 1...3 {
        let start = runtime.now
        let reply = try gate.placeOrder(
          OrderRequest(
            clientOrderId: "c\(number)", symbol: ScriptedVenue.symbol("AIX"), side: .buy, type: .limit,
            quantity: .one, price: .one))
        let took = (runtime.now - start).seconds
        switch reply {
        case .success: answers.value.append("ok")
        case .failure(.unknownOutcome(let why)): answers.value.append("\(why) after \(took)")
        case .failure(.venue(let error)): answers.value.append("\(error.text) after \(took)")
        }
      }
      let start = runtime.now
      _ = try gate.balances()
      answers.value.append("balances after \((runtime.now - start).seconds)")
      try runtime.sleep(.seconds(200))
      _ = try gate.marketRules()
      threads.value = engine.context.threads.all.map { "\($0.name) \($0.isFinished)" }
      try gate.close()
    }
    #expect(
      answers.value == [
        "deadline after 10.0", "deadline after 10.0", "not sent: two calls hang after 0.0", "balances after 0.25",
      ])
    #expect(threads.value.prefix(2).elementsEqual(["exchange-place true", "exchange-place false"]))
  }
}
