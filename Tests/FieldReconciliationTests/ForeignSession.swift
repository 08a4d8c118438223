import Basics
import TestSupport
import Trading

@testable import FieldReconciliation

/// A bot that nobody here wrote: German words, local time, cents and lots, no client ids; and the venue's truth as an export.
///
/// Each order is one line of `orders`; what differs between log and truth is said there.
struct ForeignSession: Sendable {
  struct Order: Sendable {
    /// Seconds after 2025-03-29 20:00 UTC; negative: not in the log.
    var at: Int
    var coin = "AIX"
    var side = "buy"
    var lots: Int
    var cents: Int
    /// Lots that the log books; nil: it tells of no fill.
    var booked: Int?
    /// Trades of the venue, in lots.
    var trades: [Int]
    /// Thousandths of a cent.
    var fee = 50
    var isCanceled = false
    var isFailed = false
  }

  /// 2025-03-29T20:00:00Z, ten and a half hours before clocks in Berlin go forward.
  static let start: Int64 = 1_743_278_400

  var orders: [Order]
  /// Seconds that the log's clock is ahead of UTC, by the time in seconds after the start.
  var zone: @Sendable (Int) -> Int = { _ in 0 }

  static let map = """
    schema = 1
    name = "foreign bot"
    [[source]]
    side = "log"
    files = ["bot.log"]
    event = "was"
    time_format = "DD.MM.YYYY HH:mm:ss"
    zone = "UTC"
    decimal = ","
    fills = "each"
    [source.kinds]
    sent = "Auftrag"
    filled = "Ausführung"
    canceled = "Storno"
    failed = "Fehler"
    [source.fields]
    time = "wann"
    symbol = "markt"
    side = "richtung"
    amount = "menge"
    filled = "menge"
    cost = "betrag"
    price = "kurs"
    """

  var log: String {
    var out = ""
    for order in orders where order.at >= 0 {
      let head = { (what: String, after: Int) in
        "{\"wann\":\"\(moment(order.at + after))\",\"was\":\"\(what)\",\"markt\":\"\(order.coin)-USDT\",\"richtung\":\"\(order.side == "buy" ? "Kauf" : "Verkauf")\""
      }
      out += head("Auftrag", 0) + ",\"menge\":\"\(Self.comma(order.lots))\",\"kurs\":\"\(Self.comma(order.cents))\"}\n"
      out += "{\"wann\":\"\(moment(order.at))\",\"was\":\"Herzschlag\",\"nr\":\(order.at)}\n"
      if let booked = order.booked {
        out +=
          head("Ausführung", 1)
          + ",\"menge\":\"\(Self.comma(booked))\",\"betrag\":\"\(Self.four(booked * order.cents).replacing(".", with: ","))\"}\n"
      }
      if order.isCanceled { out += head("Storno", 2) + "}\n" }
      if order.isFailed { out += head("Fehler", 2) + "}\n" }
    }
    return out
  }

  /// The export of a venue in UTC+8, as its name says.
  var csv: String {
    var out = "UID,Pairs,Time,Side,Filled Price,Executed Amount,Total,Fee,Role\n"
    for order in orders {
      for trade in order.trades {
        let time = Instant(nanoseconds: (Self.start + Int64(abs(order.at)) + 8 * 3600) * 1_000_000_000).iso8601()
        let stamp = time.prefix(10) + " " + time.dropFirst(11).prefix(8)
        out += "7,\(order.coin)_USDT,\(stamp),\(order.side),\(Self.two(order.cents)),"
        out +=
          "\(Self.two(trade))\(order.coin),\"\(Self.four(trade * order.cents))USDT\",\(Self.thousandths(order.fee))USDT,Taker\n"
      }
    }
    return out
  }

  private func moment(_ at: Int) -> String {
    let time = Instant(nanoseconds: (Self.start + Int64(at + zone(at))) * 1_000_000_000).iso8601()
    return
      "\(time.dropFirst(8).prefix(2)).\(time.dropFirst(5).prefix(2)).\(time.prefix(4)) \(time.dropFirst(11).prefix(8))"
  }

  /// Hundredths with a point, and with a comma; ten thousandths; hundred thousandths.
  static func two(_ hundredths: Int) -> String { decimal(hundredths, 2) }
  static func comma(_ hundredths: Int) -> String { two(hundredths).replacing(".", with: ",") }
  static func four(_ value: Int) -> String { decimal(value, 4) }
  static func thousandths(_ value: Int) -> String { decimal(value, 5) }

  private static func decimal(_ value: Int, _ places: Int) -> String {
    var digits = String(value)
    while digits.count <= places { digits = "0" + digits }
    return "\(digits.dropLast(places)).\(digits.suffix(places))"
  }

  func reconciliation(
    _ scratch: Scratch, brokenMax: Double? = nil, change: (inout String, inout String) -> Void = { _, _ in }
  ) throws
    -> Reconciliation
  {
    var (log, csv) = (log, csv)
    change(&log, &csv)
    scratch.write(log, to: "bot.log")
    scratch.write(csv, to: "trades UTC+8.csv")
    var input = SessionReader.Input()
    input.files = [("\(scratch.path)/bot.log", .log), ("\(scratch.path)/trades UTC+8.csv", .truth)]
    input.map = try FieldMapFile.read(Array(Self.map.utf8), file: "map.toml")
    input.brokenMax = brokenMax
    return Reconciliation(try SessionReader.read(input))
  }
}

extension Reconciliation {
  /// `kind amount asset`, sorted as they are found.
  var entries: [String] {
    disagreements.map { entry in
      "\(entry.kind.rawValue)\(entry.money.map { " \($0.bound == .exact ? "" : "\($0.bound.rawValue) ")\($0.amount) \($0.asset)" } ?? "")"
    }
  }

  /// `name log/venue`, rows of zeros left out.
  var figures: [String] {
    rows.filter { $0.log > 0 || $0.venue > 0 }.map {
      "\($0.name) \($0.log)/\($0.bound == .exact ? "" : "\($0.bound.rawValue) ")\($0.venue)"
    }
  }
}
