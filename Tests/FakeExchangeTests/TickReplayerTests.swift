import Basics
import Testing
import Trading

@testable import FakeExchange

@Suite("Tick replayer")
struct TickReplayerTests {
  static func line(_ ts: String, _ bid: String, _ ask: String, symbol: String = "AIX/USDT", more: String = "") -> String
  {
    "{\"ts\":\(ts),\"symbol\":\"\(symbol)\",\"last\":\(bid),\"bid\":\(bid),\"ask\":\(ask),\"volume\":5.5,\"spread_bps\":1\(more)}\n"
  }

  static func replay(_ text: String, fill: TickReplayer.Fill = .none) throws(MarketDataError) -> TickReplayer {
    try TickReplayer(files: [(name: "AIX_USDT.jsonl", bytes: Array(text.utf8))], fill: fill)
  }

  @Test
  func `Quotes keep their exact digits, stand or move linearly between ticks, and end with the recording`() throws {
    let text = Self.line("100.0000005", "2.091604", "2.101813") + Self.line("104.0000005", "2.09", "2.1")
    let replay = try Self.replay(text, fill: .linear)
    #expect(replay.start == Instant(nanoseconds: 100_000_000_500))
    #expect(replay.end == Instant(nanoseconds: 104_000_000_500))
    let symbol = Bench.symbol
    #expect(replay.quote(symbol, at: replay.start)?.bid == d("2.091604"))
    #expect(replay.quote(symbol, at: replay.start + .nanoseconds(-1)) == nil)
    let middle = try #require(replay.quote(symbol, at: replay.start + .seconds(1)))
    #expect(middle.bid == d("2.091203") && middle.ask == d("2.10136"))
    let standing = try #require(try Self.replay(text).quote(symbol, at: replay.start + .seconds(3)))
    #expect(standing.bid == d("2.091604") && standing.time == replay.start)
    for fill in TickReplayer.Fill.allCases {
      let replay = try Self.replay(text, fill: fill)
      #expect(replay.quote(symbol, at: replay.start + .seconds(4))?.ask == d("2.1"))
      #expect(replay.quote(symbol, at: replay.start + .seconds(4) + .nanoseconds(1)) == nil)
    }
    #expect(replay.quote(FieldMarkets.symbols[0], at: replay.start) == nil)
  }

  @Test
  func `A book whose recording is over has no offers any more, and what rests stays`() throws {
    let other = [1, 9].map { Self.line("10\($0)", "2", "2.1", symbol: "ADA/USDT") }.joined()
    let replay = try TickReplayer(
      files: [
        (name: "a.jsonl", bytes: Array((Self.line("101", "2", "2.1") + Self.line("103", "2", "2.1")).utf8)),
        (name: "b.jsonl", bytes: Array(other.utf8)),
      ], startingAt: .simulationEpoch)
    var venue = try Venue(source: replay, accounts: [("engine", [Balance(asset: "USDT", free: d("1000"))])])
    let account = try #require(venue.account("engine"))
    func place(_ id: String, _ price: String, at second: Int) -> VenueReply {
      let order = OrderRequest(
        clientOrderId: id, symbol: Bench.symbol, side: .buy, type: .limit, quantity: d("10"), price: d(price))
      return venue.handle(.place(order), account: account, at: .simulationEpoch + .seconds(second)).reply
    }
    func status(_ id: String) -> OrderStatus? {
      let reply = venue.handle(.query(Bench.symbol, clientOrderId: id), account: account, at: .simulationEpoch).reply
      if case .report(let report) = reply { return report.status }
      return nil
    }
    #expect(place("a", "2.2", at: 1).isAck && status("a") == .filled)
    #expect(place("b", "2.2", at: 2).isAck && place("c", "2.2", at: 5).isAck)
    #expect(status("b") == .filled && status("c") == .new)
  }

  @Test
  func `A recording can be moved to another start`() throws {
    let text = Self.line("100", "2", "2.1") + Self.line("104", "2", "2.1")
    let replay = try TickReplayer(
      files: [(name: "a.jsonl", bytes: Array(text.utf8))], startingAt: .simulationEpoch)
    #expect(replay.start == .simulationEpoch)
    #expect(replay.end == .simulationEpoch + .seconds(4))
    #expect(replay.quote(Bench.symbol, at: .simulationEpoch + .seconds(4))?.time == replay.end)
  }

  @Test
  func `Unknown symbols get the finest digit of their data as the tick`() throws {
    let text =
      Self.line("100", "2.05", "2.1", symbol: "NEW/USDT") + Self.line("104", "2.0625", "2.1", symbol: "NEW/USDT")
    let replay = try TickReplayer(files: [(name: "a.jsonl", bytes: Array(text.utf8))])
    #expect(replay.rules(replay.symbols[0])?.tick == d("0.0001"))
  }

  @Test(arguments: [
    ("{\"ts\":1,", "AIX_USDT.jsonl:2: no JSON: "),
    ("{\"ts\":1}", "AIX_USDT.jsonl:2: symbol must be a text like \"AIX/USDT\""),
    ("{\"symbol\":\"AIX/USDT\"}", "AIX_USDT.jsonl:2: ts is missing"),
    (line("\"1\"", "2", "3"), "AIX_USDT.jsonl:2: ts must be a number"),
    (line("-1", "2", "3"), "AIX_USDT.jsonl:2: ts must be a time in seconds since 1970"),
    (line("101", "2", "1.99"), "AIX_USDT.jsonl:2: ask 1.99 is below bid 2"),
    (line("101", "0", "1.99"), "AIX_USDT.jsonl:2: last must lie above 0 and up to 1000000000"),
    (line("101", "1e-13", "2"), "AIX_USDT.jsonl:2: last 1e-13 does not fit 12 digits behind the point"),
    (line("100", "2", "2.1"), "AIX_USDT.jsonl:2: ts is not after the line before it"),
    (line("99.5", "2", "2.1"), "AIX_USDT.jsonl:2: ts is not after the line before it"),
    (
      line("101", "2", "2.1", symbol: "FF/USDT"),
      "AIX_USDT.jsonl:2: symbol is FF/USDT, the lines before have AIX/USDT"
    ),
    (line("90000", "2", "2.1"), "AIX_USDT.jsonl:2: is more than a day after the first tick"),
  ])
  func `Broken lines are named by file, line and reason`(second: String, message: String) {
    let error = #expect(throws: MarketDataError.self) { try Self.replay(Self.line("100", "2", "2.1") + second) }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }

  @Test
  func `Missing folders, folders without ticks, empty files and doubled symbols are named`() {
    func message(_ body: () throws -> TickReplayer) -> String {
      do { return "\(try body().symbols)" } catch { return "\(error)" }
    }
    #expect(
      message { try TickReplayer(folder: "/nowhere/ticks") }
        == "/nowhere/ticks: no such folder; --market expects a folder with one .jsonl file per symbol")
    let tests = Repository.root + "/Tests"
    #expect(message { try TickReplayer(folder: tests) } == "\(tests): no .jsonl files; one per symbol is needed")
    #expect(message { try Self.replay("\n \n") } == "AIX_USDT.jsonl: has no ticks")
    let bytes = Array(Self.line("100", "2", "2.1").utf8)
    #expect(
      message { try TickReplayer(files: [(name: "b.jsonl", bytes: bytes), (name: "a.jsonl", bytes: bytes)]) }
        == "b.jsonl: has the same symbol as a.jsonl")
  }

  static let field =
    Repository.root.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/shared/field-1/ticks"
  static let fieldBeside =
    Repository.root.split(separator: "/").dropLast(2).map { "/\($0)" }.joined() + "/shared/field-1/ticks"
  static let fieldFolder = [field, fieldBeside].first { (try? TickFiles.read(folder: $0)) != nil }

  @Test(.enabled(if: fieldFolder != nil, "the field data lies beside the repository, not in it"))
  func `The field session's ticks load, and only AIX/USDT drops through the trigger, at 72 s`() throws {
    let replay = try TickReplayer(folder: try #require(Self.fieldFolder))
    #expect(replay.symbols.count == 14)
    #expect(replay.symbols.map { replay.quotes($0).count }.reduce(0, +) == 796)
    let end = try #require(replay.end)
    #expect((140...150).contains(Int((end - replay.start).seconds)))
    var drops: [String] = []
    for symbol in replay.symbols {
      var peak = Decimal.zero
      for quote in replay.quotes(symbol) {
        peak = max(peak, quote.last)
        if quote.last <= Venue.product(peak, d("0.985"), .down) {
          drops.append("\(symbol) \(Int((quote.time - replay.start).seconds.rounded()))")
          break
        }
      }
    }
    #expect(drops == ["AIX/USDT 72"])
  }
}
