import Basics
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// A foreign log against a venue's export, to the cent.
@Suite struct ForeignSessionTests {
  private static let agreeing = ForeignSession(orders: [
    .init(at: 10, lots: 1000, cents: 209, booked: 1000, trades: [1000]),
    .init(at: 100, coin: "1INCH", lots: 12_041, cents: 25, booked: 12_041, trades: [12_000, 41]),
    .init(at: 200, side: "sell", lots: 1000, cents: 211, booked: 1000, trades: [400, 600]),
    .init(at: 300, coin: "4", lots: 40_332, cents: 9, booked: 40_332, trades: [40_332]),
    .init(at: 400, coin: "FF", lots: 500, cents: 12, booked: nil, trades: [], isCanceled: true),
    .init(at: 500, coin: "FF", lots: 500, cents: 12, booked: nil, trades: [], isFailed: true),
  ])

  private static let disagreeing = ForeignSession(orders: [
    .init(at: 10, lots: 1000, cents: 209, booked: 1000, trades: [1000]),
    .init(at: 100, coin: "1INCH", lots: 12_041, cents: 25, booked: nil, trades: [12_041]),
    .init(at: 200, coin: "FF", lots: 500, cents: 12, booked: nil, trades: [300, 200], isFailed: true),
    .init(at: 300, coin: "BAT", lots: 700, cents: 19, booked: nil, trades: [700], isCanceled: true),
    .init(at: 400, coin: "ZEN", lots: 800, cents: 1990, booked: 300, trades: [800]),
    .init(at: 500, coin: "4", lots: 900, cents: 9, booked: 900, trades: []),
    .init(at: -600, coin: "BTC", lots: 1, cents: 9_000_000, booked: nil, trades: [1]),
  ])

  @Test func `A healthy foreign bot agrees with its venue`() throws {
    let found = try Self.agreeing.reconciliation(Scratch())
    #expect(found.entries == [] && found.exitCode == 0, "\(found.text)")
    #expect(found.figures == ["sent 6/4", "acknowledged 0/4", "filled 4/4", "canceled 1/0", "failed 1/0"])
    #expect(found.notes.contains { $0.contains("what was never sent, and what rests, cannot be told") })
    #expect(found.verdict == "AGREE  the log and the venue tell the same")
  }

  @Test func `Every sum of a broken one is right to the cent`() throws {
    let found = try Self.disagreeing.reconciliation(Scratch())
    #expect(
      found.entries == [
        "failure_was_fill 0.6 USDT", "cancel_was_fill 1.33 USDT", "fill_unseen 30.1025 USDT", "booked_short 99.5 USDT",
        "booked_never_happened 0.81 USDT", "not_in_log 900 USDT",
      ], "\(found.text)")
    #expect(found.exitCode == 1)
    #expect(found.unseen == [FieldMoney(Decimal(coefficient: 131_532_500_000_000), "USDT")])
    let unseen = try #require(found.disagreements.first { $0.kind == .fillUnseen })
    #expect(unseen.log.map { found.session.place($0) }.first?.hasSuffix("bot.log:4") == true)
    #expect(unseen.truth.map { found.session.place($0) }.first?.hasSuffix("csv:3") == true)
    #expect(unseen.time?.description == "2025-03-29T20:01:40.000000Z")
  }

  @Test func `A log that counts in cents and hundredths is right to the cent as well`() throws {
    let scratch = Scratch()
    scratch.write(Self.disagreeing.csv, to: "trades UTC+8.csv")
    // Its quantities in hundredths, its prices in cents, its sums in hundredths of a cent.
    scratch.write(
      Self.disagreeing.log.replacing(#/"(\d+),(\d+)"/#) { "\"\(Int("\($0.1)\($0.2)") ?? 0)\"" }, to: "bot.log")
    var input = SessionReader.Input()
    input.files = [("\(scratch.path)/bot.log", .log), ("\(scratch.path)/trades UTC+8.csv", .truth)]
    let units = "\n[source.units]\namount = \"0.01\"\nfilled = \"0.01\"\nprice = \"0.01\"\ncost = \"0.0001\"\n"
    input.map = try FieldMapFile.read(Array((ForeignSession.map + units).utf8), file: "map.toml")
    let found = Reconciliation(try SessionReader.read(input))
    #expect(found.entries == (try Self.disagreeing.reconciliation(Scratch())).entries, "\(found.text)")
  }

  @Test func `What a log that writes cents rounds is no other cost, and a cent is`() throws {
    func entries(_ cost: String, _ other: String) throws -> [String] {
      let scratch = Scratch()
      func order(_ id: Int, _ cost: String) -> (String, String) {
        let head = "\"symbol\":\"A/USDT\",\"side\":\"buy\",\"amount\":3"
        let log = ["ORDER_SENT", "ORDER_FILLED"].map {
          "{\"event_type\":\"\($0)\",\(head),\"client_order_id\":\"o\(id)\",\"cost\":\(cost),\"ts\":\(1_762_074_840 + id * 60)}\n"
        }
        return (
          log.joined(),
          "{\"id\":\"\(id)\",\"clientOrderId\":\"o\(id)\",\"timestamp\":\(1_762_074_840 + id * 60)000,\(head),\"status\":\"closed\",\"filled\":3,\"cost\":10.0046}\n"
        )
      }
      let (a, b) = (order(1, cost), order(2, other))
      scratch.write(a.0 + b.0, to: "orders.jsonl")
      scratch.write(a.1 + b.1, to: "fetch_orders.jsonl")
      var input = SessionReader.Input()
      input.directory = scratch.path
      return Reconciliation(try SessionReader.read(input)).entries
    }
    #expect(try entries("10.00", "10.01") == ["cost_differs 0.0054 USDT"])
    #expect(try entries("10", "10.0046") == ["cost_differs 0.0046 USDT"])
  }

  @Test func `A clock that is an hour off is found and said, and nothing else changes`() throws {
    var session = Self.disagreeing
    session.zone = { _ in 3600 }
    let found = try session.reconciliation(Scratch())
    #expect(found.entries == (try Self.disagreeing.reconciliation(Scratch())).entries)
    #expect(found.clock.steps.map(\.seconds) == [-3600])
    #expect(
      found.notes.contains { $0.contains("the log's clock is 1:00 h ahead of the venue's; its times were corrected") })
  }

  @Test func `A change of summer time within the log is found and said`() throws {
    // Berlin goes from UTC+1 to UTC+2 at 01:00 UTC, 18000 s after the start.
    var session = ForeignSession(orders: [])
    for index in 0..<8 {
      session.orders.append(
        .init(
          at: index * 4000, coin: index % 2 == 0 ? "AIX" : "FF", lots: 100 + index, cents: 209, booked: 100 + index,
          trades: [100 + index]))
    }
    session.zone = { $0 < 18_000 ? 3600 : 7200 }
    let found = try session.reconciliation(Scratch())
    #expect(found.entries == [] && found.exitCode == 0, "\(found.text)")
    #expect(found.clock.steps.map(\.seconds) == [-3600, -7200])
    #expect(
      found.notes.contains { $0.contains("and from") && $0.contains("(a change of summer time)") }, "\(found.notes)")
  }

  @Test func `Copies, disorder and a torn end are said and change nothing`() throws {
    let scratch = Scratch()
    let found = try Self.disagreeing.reconciliation(scratch) { log, _ in
      let lines = log.split(separator: "\n")
      log = (lines + lines.reversed()).joined(separator: "\n") + "\n{\"wann\":\"29.03"
    }
    #expect(found.entries == (try Self.disagreeing.reconciliation(Scratch())).entries, "\(found.text)")
    let notes = found.notes.joined(separator: "\n")
    #expect(notes.contains("are copies of lines that were read before") && notes.contains("out of the order of time"))
    #expect(notes.contains("ends within a line, as the file of a killed process does"))
  }

  @Test func `Equal rows of one export are trades of their own, and said`() throws {
    let session = ForeignSession(orders: [.init(at: 10, lots: 1000, cents: 209, booked: 1000, trades: [500, 500])])
    let found = try session.reconciliation(Scratch())
    #expect(found.entries == [])
    #expect(found.notes.contains { $0.contains("may be one twice") })
  }

  @Test func `A row that another export has as well counts once`() throws {
    let scratch = Scratch()
    scratch.write(Self.disagreeing.log, to: "bot.log")
    for name in ["a UTC+8.csv", "b UTC+8.csv"] { scratch.write(Self.disagreeing.csv, to: name) }
    var input = SessionReader.Input()
    input.files = [("\(scratch.path)/bot.log", .log)] + ["a", "b"].map { ("\(scratch.path)/\($0) UTC+8.csv", .truth) }
    input.map = try FieldMapFile.read(Array(ForeignSession.map.utf8), file: "map.toml")
    let found = Reconciliation(try SessionReader.read(input))
    #expect(found.entries == (try Self.disagreeing.reconciliation(Scratch())).entries)
  }

  @Test func `Broken lines are skipped up to a share, beyond it they are an error with places`() throws {
    let junk = "not json\n"
    let few = try Self.agreeing.reconciliation(Scratch(), brokenMax: 10) { log, _ in log += junk }
    #expect(few.exitCode == 0 && few.notes.contains { $0.contains("lines were skipped") })
    let error = #expect(throws: InputError.self) {
      try Self.agreeing.reconciliation(Scratch()) { log, _ in log = String(repeating: junk, count: 9) + log }
    }
    #expect(error?.message.contains("9 of 27 lines cannot be read") == true, "\(error?.description ?? "")")
    #expect(error?.place == "1, 2, 3")
  }

  @Test func `A zone that nothing states is asked for`() throws {
    let scratch = Scratch()
    scratch.write(Self.agreeing.csv, to: "trades.csv")
    var input = SessionReader.Input()
    input.files = [("\(scratch.path)/trades.csv", .truth)]
    let error = #expect(throws: InputError.self) { try SessionReader.read(input) }
    #expect(error?.message.contains("say it with --zone") == true)
    input.zone = 8 * 3600
    #expect(Reconciliation(try SessionReader.read(input)).exitCode == 3, "without a log nothing is compared")
    // What the header states counts before what is said of times that name no zone.
    scratch.write(Self.agreeing.csv.replacing("Pairs,Time,", with: "Pairs,Time(UTC+1),"), to: "trades.csv")
    let first = try SessionReader.read(input).spans[.truth]?.first
    #expect(first?.description == "2025-03-30T03:00:10.000000Z")
  }

  @Test(arguments: ["", "\n\n", "UID,Pairs,Time,Side,Filled Price,Executed Amount,Total,Fee,Role\n"])
  func `An empty session says so`(text: String) throws {
    let scratch = Scratch()
    scratch.write(text, to: "trades.csv")
    scratch.write("", to: "bot.log")
    var input = SessionReader.Input()
    input.files = [("\(scratch.path)/bot.log", .log), ("\(scratch.path)/trades.csv", .truth)]
    input.map = try FieldMapFile.read(
      Array((ForeignSession.map + "\n[[source]]\npreset = \"mexc-trades\"\nfiles = \"*.csv\"\nzone = \"UTC\"").utf8),
      file: "map.toml")
    let error = #expect(throws: InputError.self) { try SessionReader.read(input) }
    #expect(error?.message == "the files are empty")
  }

  /// A byte-order mark, footnotes, two columns of one name, two-digit years, the zone in the file's name alone.
  @Test func `Today's exports of orders and trades together count each trade once`() throws {
    let scratch = Scratch()
    scratch.write(
      """
      \u{FEFF}Time,OrderNo,Pair,Type,Side,Order Price1,Order Amount2,Time,Executed,Average Price,Trading total,Status
      25-11-02 17:14:39,101,DOGEUSDT,Limit,BUY,0.2,"1,026.77DOGE",25-11-02 17:14:41,"1,026.77DOGE",0.1999,205.251323USDT,FILLED
      25-11-02 17:16:39,102,1INCHUSDT,Limit,BUY,0.2,120.41INCH,25-11-02 17:16:41,01INCH,0,0USDT,CANCELED
      """, to: "Orders(UTC+8).csv")
    scratch.write(
      """
      \u{FEFF}"Time","Pair","Side","Price","Executed","Amount","Fee"
      "25-11-02 17:14:40","DOGEUSDT","BUY","0.1999","1,000DOGE","199.9USDT","1DOGE"
      "25-11-02 17:14:41","DOGEUSDT","BUY","0.1999","26.77DOGE","5.351323USDT","0.02677DOGE"
      """, to: "Trades(UTC+8).csv")
    let head = #"{"event_type":"ORDER_SENT","side":"buy","price":0.2,"#
    scratch.write(
      """
      \(head)"symbol":"DOGE/USDT","order_id":"101","amount":1026.77,"ts":"2025-11-02T09:14:39Z"}
      \(head)"symbol":"1INCH/USDT","order_id":"102","amount":120.4,"ts":"2025-11-02T09:16:39Z"}
      {"event_type":"ORDER_CANCELED","order_id":"102","ts":"2025-11-02T09:16:42Z"}
      """, to: "orders.jsonl")
    var input = SessionReader.Input()
    input.files =
      [("\(scratch.path)/orders.jsonl", .log)]
      + ["Orders", "Trades"].map { ("\(scratch.path)/\($0)(UTC+8).csv", .truth) }
    let found = Reconciliation(try SessionReader.read(input))
    #expect(found.entries == ["fill_unseen 205.251323 USDT"], "\(found.text)")
    #expect(found.figures == ["sent 2/2", "acknowledged 2/2", "filled 0/1", "canceled 1/1", "unknown 1/0"])
    #expect(found.session.truths.first?.fees.map { "\($0.amount) \($0.asset)" } == ["1.02677 DOGE"])
    #expect(FieldDiagnosis(found).named.isEmpty, "one fill that was not seen names nobody")
  }
}
