import Basics
import Trading

/// One line of a tick file: `{"ts":…,"symbol":"…","last":…,"bid":…,"ask":…,"volume":…,"spread_bps":…}`.
enum TickLine {
  /// Largest price; with it and a day of data interpolation cannot overflow.
  static let priceMax = Decimal(1_000_000_000)
  /// Largest volume of a day.
  private static let volumeMax = Decimal(1_000_000_000_000_000)
  /// Times are before the year 2200.
  private static let secondsMax = Decimal(7_258_118_400)

  /// Writes a quote as a line; `ts` is in seconds.
  static func append(_ quote: Quote, at time: Instant, into line: inout ByteWriter) {
    line.text("{\"ts\":")
    line.fixed(time.nanoseconds, places: 9)
    line.key(.symbol)
    line.quoted(quote.symbol)
    let fields: [(key: StaticString, value: Decimal)] = [
      ("last", quote.last), ("bid", quote.bid), ("ask", quote.ask), ("volume", quote.volume),
      ("spread_bps", quote.spreadBps),
    ]
    for (key, value) in fields {
      line.key(key)
      line.decimal(value)
    }
    line.text("}\n")
  }

  /// Reads a line; the error is the reason without file and line.
  static func parse(_ bytes: ArraySlice<UInt8>) throws(Reason) -> Quote {
    let json: JSON
    do throws(JSONError) {
      json = try JSON.parse(bytes)
    } catch {
      throw Reason("no JSON: \(error.message) at column \(error.column)")
    }
    let seconds = try number(json, "ts")
    guard seconds.isPositive, seconds < secondsMax else {
      throw Reason("ts must be a time in seconds since 1970, before the year 2200")
    }
    guard let name = json["symbol"]?.string, let symbol = Symbol(name) else {
      throw Reason("symbol must be a text like \"AIX/USDT\"")
    }
    let (last, bid, ask) = (try price(json, "last"), try price(json, "bid"), try price(json, "ask"))
    guard ask >= bid else { throw Reason("ask \(ask) is below bid \(bid)") }
    let volume = try number(json, "volume")
    guard !volume.isNegative else { throw Reason("volume is below zero") }
    guard volume <= volumeMax else { throw Reason("volume is above \(volumeMax)") }
    return Quote(
      time: Instant(nanoseconds: Int64(seconds.coefficient / 1000)), symbol: symbol, last: last, bid: bid, ask: ask,
      volume: volume)
  }

  /// Why a line is no tick.
  struct Reason: Error {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private static func price(_ json: JSON, _ key: String) throws(Reason) -> Decimal {
    let value = try number(json, key)
    guard value.isPositive, value <= priceMax else { throw Reason("\(key) must lie above 0 and up to \(priceMax)") }
    return value
  }

  private static func number(_ json: JSON, _ key: String) throws(Reason) -> Decimal {
    guard let member = json[key] else { throw Reason("\(key) is missing") }
    guard let text = member.numberText else { throw Reason("\(key) must be a number") }
    guard let value = Decimal(text) else {
      throw Reason("\(key) \(InputError.shown(text)) does not fit 12 digits behind the point")
    }
    return value
  }
}
