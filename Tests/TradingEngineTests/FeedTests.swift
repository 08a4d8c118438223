import Basics
import ChaosRuntime
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct FeedTests {
  private static let bases = ["AIX", "BLESS", "COAI"]

  /// The symbols of the quotes that the feed has after 10 s of such answers, and the log.
  private func feed(_ quoted: @escaping @Sendable ([Quote]) -> [Quote]) -> (symbols: [String?], log: String) {
    let disk = MemoryDisk()
    let kept = Box<[String?]>([])
    _ = Simulation().run(disk: disk) { runtime throws(Stopped) in
      var habits = ScriptedVenue.Habits()
      habits.quoted = quoted
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime, habits: habits), symbols: Self.bases.map(ScriptedVenue.symbol),
        metrics: .init())
      try engine.start()
      try runtime.sleep(.seconds(10))
      kept.value = engine.parts.feed.view().quotes.map { $0?.symbol.base }
      _ = try engine.shutdown()
    }
    let log = disk.files.first { $0.path == "logs/events.jsonl" }?.bytes ?? []
    return (kept.value, String(decoding: log, as: UTF8.self))
  }

  private func lines(_ log: String, _ event: String) -> [Substring] {
    log.split(separator: "\n").filter { $0.contains("\"\(event)\"") }
  }

  @Test func `Quotes in another order than asked are all taken`() {
    let (symbols, log) = feed { $0.reversed() }
    #expect(symbols == Self.bases)
    #expect(lines(log, "MD_QUOTES_MISSING").isEmpty && lines(log, "MD_QUOTES_UNEXPECTED").isEmpty)
  }

  @Test func `A symbol without a quote is named once and the others go on`() {
    let (symbols, log) = feed { $0.filter { $0.symbol.base != "BLESS" } }
    #expect(symbols == ["AIX", nil, "COAI"])
    let missing = lines(log, "MD_QUOTES_MISSING")
    #expect(missing.count == 1 && missing.first?.contains(#""count":1,"symbols":["BLESS/USDT"]"#) == true)
  }

  @Test func `A quote that comes twice or unasked is named once and takes nobodys place`() {
    let (symbols, log) = feed { quotes in
      var stray = quotes[0]
      stray.symbol = ScriptedVenue.symbol("NOBODY")
      return [stray, quotes[0], quotes[0]] + quotes[1...]
    }
    #expect(symbols == Self.bases)
    let unexpected = lines(log, "MD_QUOTES_UNEXPECTED")
    #expect(unexpected.count == 1 && unexpected.first?.contains(#"["NOBODY/USDT","AIX/USDT"]"#) == true)
  }

  @Test func `An answer without a quote that was asked for is no news`() {
    let (symbols, log) = feed { _ in [] }
    #expect(symbols == [nil, nil, nil])
    #expect(lines(log, "MD_QUOTES_MISSING").count == 1)
    #expect(lines(log, "STALE_SNAPSHOTS_WARNING").isEmpty, "10 s are not over")
  }
}
