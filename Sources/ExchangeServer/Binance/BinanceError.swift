import Basics
import FakeExchange
import Trading

/// Why Binance refuses a request: code and text as its page "Error codes" and its servers have them.
struct BinanceError: Error, Equatable {
  var code: Int
  var text: String
  var status = 400

  var reply: WireReply { WireReply(json, status: status, code: code) }
  var json: JSON { .object([("code", .int(code)), ("msg", .string(text))]) }

  init(_ code: Int, _ text: String, status: Int = 400) {
    (self.code, self.text, self.status) = (code, text, status)
  }

  /// A refusal of the venue.
  init(_ error: VenueError) { self.init(error.code, error.text, status: error.httpStatus) }

  static func mandatory(_ name: String) -> BinanceError {
    BinanceError(-1102, "Mandatory parameter '\(name)' was not sent, was empty/null, or malformed.")
  }

  static func illegal(_ name: String, range: String) -> BinanceError {
    BinanceError(-1100, "Illegal characters found in parameter '\(name)'; legal range is '\(range)'.")
  }

  static func notRequired(_ name: String) -> BinanceError {
    BinanceError(-1106, "Parameter '\(name)' sent when not required.")
  }

  static let symbol = BinanceError(-1121, "Invalid symbol.")
  static let interval = BinanceError(-1120, "Invalid interval.")
  static let signature = BinanceError(-1022, "Signature for this request is not valid.")
  static let ahead = BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
  static let late = BinanceError(-1021, "Timestamp for this request is outside of the recvWindow.")
  static let window = BinanceError(-1131, "recvWindow must be less than 60000.")
  static let keyFormat = BinanceError(-2014, "API-key format invalid.", status: 401)
  static let key = BinanceError(-2015, "Invalid API-key, IP, or permissions for action.", status: 401)
  static let unknownOrder = BinanceError(-2011, "Unknown order sent.")
  static let noSuchOrder = BinanceError(-2013, "Order does not exist.")
  static let listenKey = BinanceError(-1125, "This listenKey does not exist.")
  static let timeInForce = BinanceError(-1115, "Invalid timeInForce.")
  static let orderType = BinanceError(-1116, "Invalid orderType.")
  static let side = BinanceError(-1117, "Invalid side.")
  static let noLists = BinanceError(-2010, "OCO orders are not supported for this symbol.")
  static let combination = BinanceError(-1128, "Combination of optional parameters invalid.")

  /// A call that Binance has and this exchange has not. Not -1002: clients take that for a wrong key.
  static func notServed(_ call: String) -> BinanceError {
    BinanceError(-1020, "This operation is not supported. chaos serve does not have \(call)", status: 404)
  }
}
