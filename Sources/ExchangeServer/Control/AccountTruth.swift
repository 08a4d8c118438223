public import Basics
public import Trading

/// What an account really has at one moment: what a bot's belief is compared with.
public struct AccountTruth: Sendable, Equatable {
  /// Base asset that was bought and not sold again since the exchange began, less the fees that were paid in it.
  public struct Position: Sendable, Equatable {
    /// Which market.
    public var symbol: Symbol
    /// Base asset; below zero for an account that sold what it began with.
    public var quantity: Decimal
    /// The lot step of the market.
    public var step: Decimal
  }

  /// An order that rests in the book.
  public struct OpenOrder: Sendable, Equatable {
    /// As the client named it.
    public var clientOrderId: String
    /// The venue's number.
    public var orderId: Int
  }

  /// Of every market that the account has traded on, in the order of the market's list.
  public var positions: [Position]
  /// Oldest first.
  public var openOrders: [OpenOrder]
  /// Free and locked, by asset.
  public var balances: [Balance]

  /// As `logs/belief.jsonl` has it.
  public func json(at time: Instant) -> JSON {
    .object([
      ("timestamp", .string(time.iso8601())), ("kind", .string("truth")),
      (
        "positions",
        .object(
          positions.map {
            (
              WireExchange.name($0.symbol),
              .object([("quantity", .string($0.quantity.description)), ("step", .string($0.step.description))])
            )
          })
      ),
      (
        "open_orders",
        .array(
          openOrders.map {
            .object([("client_order_id", .string($0.clientOrderId)), ("order_id", .int($0.orderId))])
          })
      ),
      (
        "balances",
        .object(
          balances.map {
            (
              $0.asset,
              .object([("free", .string($0.free.description)), ("locked", .string($0.locked.description))])
            )
          })
      ),
    ])
  }
}

extension AccountTruth {
  /// Follows the first account of a server: each look costs what is new and what is open, not the whole history.
  public struct Follower {
    private var orders = 0
    private var fills = 0
    private var open: [Int] = []
    private var held: [Symbol: Decimal] = [:]
    private var seenEvents = -1

    /// A follower that has seen nothing.
    public init() {}

    /// What the account has now; nil: nothing has happened since the last look.
    public mutating func look(_ server: ExchangeServer) -> AccountTruth? {
      let exchange = server.core.exchange
      guard exchange.eventCount != seenEvents else { return nil }
      let (all, trades) = (exchange.orders, exchange.fills[0])
      // The exchange began anew.
      if all.count < orders || trades.endIndex < fills || exchange.eventCount < seenEvents { self = Follower() }
      seenEvents = exchange.eventCount
      let numbers = open + Array((orders + 1)..<(all.count + 1))
      open = numbers.filter { all.account(of: $0) == 0 && all[$0]?.status.isTerminal == false }
      for trade in trades[max(fills, trades.startIndex)...] { book(trade.fill) }
      (orders, fills) = (all.count, trades.endIndex)
      return AccountTruth(
        positions: exchange.market.symbols.compactMap { symbol in
          held[symbol].map { .init(symbol: symbol, quantity: $0, step: exchange.rules(symbol)?.step ?? .zero) }
        },
        openOrders: open.compactMap { all[$0] }.map { .init(clientOrderId: $0.request.clientOrderId, orderId: $0.id) },
        balances: exchange.balances(0))
    }

    private mutating func book(_ fill: Fill) {
      var change = fill.side == .buy ? fill.quantity : -fill.quantity
      if let fee = fill.fee, fee.asset == fill.symbol.base { change -= fee.amount }
      held[fill.symbol, default: .zero] += change
    }
  }
}
