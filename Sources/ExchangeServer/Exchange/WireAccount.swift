import HTTP
public import Trading

/// Somebody who trades on the exchange.
public struct WireAccount: Sendable {
  /// What the history calls the account.
  public var name: String
  /// What a client sends with each request of its own.
  public var key: String
  /// What a client signs with; it is never logged.
  public var secret: String
  /// What it has at the start.
  public var balances: [Balance]
  let hmac: HMAC

  /// An account as given.
  public init(name: String, key: String, secret: String, balances: [Balance]) {
    self.name = name
    self.key = key
    self.secret = secret
    self.balances = balances
    hmac = HMAC(key: Array(secret.utf8))
  }
}

/// An order as the wire tells it: what the client asked for and what became of it.
struct WireOrder: Sendable {
  /// The venue's number.
  var id: Int
  var request: OrderRequest
  var status = OrderStatus.new
  var filled = Decimal.zero
  var filledQuote = Decimal.zero
  var createdAt: Time
  var updatedAt: Time
  var fills: [WireFill] = []
  /// What the venue said when it refused the order after it was acknowledged.
  var rejection: VenueError?

  /// Milliseconds since 1970.
  typealias Time = Int64

  var quantity: Decimal { request.quantity ?? filled }
}

/// A fill as the wire tells it.
struct WireFill: Sendable {
  var id: Int
  var orderId: Int
  var fill: Fill
  var time: WireOrder.Time
}

/// What a user stream reports.
enum WireUserEvent: Sendable {
  /// Something happened to an order; the fill where it traded.
  case order(WireOrder, kind: String, fill: WireFill?)
  /// Balances changed.
  case balances([Balance], time: WireOrder.Time)
  /// Somebody moved funds by hand.
  case moved(asset: String, amount: Decimal, time: WireOrder.Time)
}
