import ChaosRuntime
import Testing
import Trading

@Suite("Vocabulary")
struct VocabularyTests {
  @Test
  func `Symbols read back from their text and name their files`() throws {
    let symbol = try #require(Symbol("4/USDT"))
    #expect(symbol.description == "4/USDT")
    #expect(symbol.fileName == "4_USDT")
    #expect(symbol.base == "4" && symbol.quote == "USDT")
  }

  @Test(arguments: ["", "AIX", "AIX/", "/USDT", "A/B/C", "A B/C", "../x/y", "É/USDT"])
  func `Text that is no pair is no symbol`(text: String) {
    #expect(Symbol(text) == nil)
  }

  @Test
  func `The spread of a quote is in basis points of its bid, to three digits`() throws {
    let symbol = try #require(Symbol("AIX/USDT"))
    let bid = try #require(Decimal("2.091604")), ask = try #require(Decimal("2.101813"))
    let quote = Quote(time: .simulationEpoch, symbol: symbol, last: bid, bid: bid, ask: ask, volume: .zero)
    #expect(quote.spreadBps.description == "48.809")
  }

  @Test
  func `An order is over in every state but new and partially filled`() {
    let open: [OrderStatus] = [.new, .partiallyFilled]
    let ended: [OrderStatus] = [.filled, .canceled, .partiallyCanceled, .rejected, .expired]
    #expect(open.allSatisfy { !$0.isTerminal })
    #expect(ended.allSatisfy { $0.isTerminal })
  }

  @Test
  func `A venue error reads as type, code and text`() {
    let error = VenueError(code: 30004, text: "Insufficient position", httpStatus: 400, kind: .insufficientBalance)
    #expect(error.description == "InsufficientBalance:30004:Insufficient position")
    #expect(error.isPermanent)
    #expect(!VenueError(code: 429, text: "", httpStatus: 429, kind: .rateLimited).isPermanent)
  }

  @Test(arguments: [
    (400, FailureClass.passing), (403, .limit), (404, .passing), (408, .unknown), (418, .limit), (429, .limit),
    (500, .unknown), (503, .unknown), (599, .unknown), (200, .unknown), (0, .unknown),
  ])
  func `The HTTP status classifies an error whose code nobody knows`(status: Int, expected: FailureClass) {
    #expect(VenueError(code: 77, text: "", httpStatus: status, kind: .other).failureClass == expected)
  }

  @Test
  func `A known kind of error is classified whatever its HTTP status`() {
    let classes: [(VenueError.Kind, FailureClass)] = [
      (.insufficientBalance, .final), (.unknownOrder, .final), (.duplicateClientId, .final), (.marketClosed, .final),
      (.rateLimited, .limit), (.notSent, .passing), (.network, .unknown), (.timeout, .unknown),
    ]
    for (kind, expected) in classes {
      #expect(VenueError(code: 1, text: "", httpStatus: 400, kind: kind).failureClass == expected)
    }
    #expect(CallFailure.unknownOutcome("deadline").failureClass == .unknown)
  }
}
