import Basics
import Testing

@testable import FieldReconciliation

/// Maps: the built-in ones, and those that a person writes.
@Suite struct FieldMapTests {
  private func read(_ text: String) throws -> FieldMap { try FieldMapFile.read(Array(text.utf8), file: "map.toml") }

  @Test func `A map says what a foreign log means`() throws {
    let map = try read(
      """
      schema = 1
      name = "my bot"
      broken_max_percent = 2.5

      [[source]]
      side = "log"
      files = "bot.log"
      event = "msg"
      time_format = "DD.MM.YYYY HH:mm:ss"
      zone = "+01:00"
      decimal = ","
      fills = "cumulative"
      [source.kinds]
      sent = "placed"
      filled = ["done", "complete"]
      [source.fields]
      time = "at"
      symbol = ["market", "pair"]

      [[source]]
      preset = "binance-trades"
      files = ["*.csv"]
      zone = "UTC"
      """)
    #expect(map.name == "my bot" && map.brokenMax == 2.5 && map.sources.count == 2)
    let log = map.sources[0]
    #expect(log.kinds.map(\.event) == ["placed", "done", "complete"] && log.fields[.symbol] == ["market", "pair"])
    #expect(log.zone == 3600 && log.isDecimalComma && log.isCumulative && log.timePattern != nil)
    #expect(map.sources[1].format == .csv && map.sources[1].side == .truth && map.sources[1].zone == 0)
    #expect(map.source(of: "logs/bot.log.3.gz") == 0 && map.source(of: "x.csv") == 1 && map.source(of: "y") == nil)
  }

  @Test(arguments: [
    ("schema = 2\n", "'schema = 1' is needed"),
    ("schema = 1\n", "at least one [[source]]"),
    ("schema = 1\n[[source]]\nfiels = \"x\"\n", "did you mean 'files'"),
    ("schema = 1\n[[source]]\npreset = \"binance-trade\"\nfiles = \"x\"\n", "did you mean 'binance-trades'"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\nalways = \"trade\"\n", "lacks 'fields.time'"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\n[source.fields]\ntime = \"t\"\n", "says with 'event' and 'kinds'"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\nalways = \"fill\"\n", "'always' is one of"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\n[source.kinds]\nfiled = \"x\"\n", "did you mean 'filled'"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\nzone = \"Berlin\"\n", "an offset such as +08:00"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\ntime_format = \"h\"\n", "s, ms, us, ns or a pattern"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\n[source.units]\ncots = \"0.01\"\n", "did you mean 'cost'"),
    ("schema = 1\n[[source]]\nfiles = \"x\"\n[source.units]\ncost = \"0\"\n", "a number above zero"),
    ("schema = 1\nbroken_max_percent = 200\n[[source]]\nfiles = \"x\"\n", "from 0 to 100"),
  ])
  func `A mistake in a map is named with its place`(text: String, reason: String) {
    let error = #expect(throws: SourceError.self) { try read(text) }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test func `The presets know the exports by their headers`() {
    func name(_ header: String) -> String? {
      FieldMap.recognised(header.split(separator: ",").map { CSVWalk.plain(String($0)) }, .csv)?.name
    }
    #expect(name("Date(UTC),Pair,Side,Price,Executed,Amount,Fee") == "binance-trades")
    #expect(name("Time,Pair,Side,Price,Executed,Amount,Fee") == "binance-trades")
    #expect(
      name("Date(UTC),OrderNo,Pair,Type,Side,Order Price,Order Amount,Time,Executed,Average Price,Trading total,Status")
        == "binance-orders")
    #expect(
      name(
        "\u{FEFF}Time,OrderNo,Pair,Type,Side,Order Price1,Order Amount2,Time,Executed,Average Price,Trading total,Status"
      )
        == "binance-orders")
    #expect(name("UID,Pairs,Time,Side,Filled Price,Executed Amount,Total,Fee,Role") == "mexc-trades")
    #expect(name("Date,Note") == nil)
  }
}
