import Basics
import FakeExchange
import Trading

/// Calls about the account itself, the listen keys, and what clients ask of /sapi when they start.
extension BinanceDialect {
  static let accountRoutes: [String: Route] = {
    var routes: [String: Route] = [
      "GET /api/v3/account": Route(.signed, 20) { me, request, account, now in me.account(request, account, now) },
      "GET /api/v3/account/commission": Route(.signed, 20) { me, request, _, _ throws(BinanceError) in
        let symbol = try BinanceParameters(request, me.exchange).symbol()
        return WireReply(
          .object([
            ("symbol", .string(WireExchange.name(symbol))),
            ("standardCommission", me.commission(me.exchange.market.rules(symbol))),
            ("taxCommission", me.commission(nil)),
          ]))
      },
      "POST /api/v3/userDataStream": Route(.key, 2) { me, _, account, now in
        me.stream(.openStream, account, now) { .object([("listenKey", .string(me.keys.make(account, at: now)))]) }
      },
      "PUT /api/v3/userDataStream": Route(.key, 2) { me, request, account, now throws(BinanceError) in
        guard let key = request["listenKey"] else { throw .mandatory("listenKey") }
        guard me.keys.account(key) == account else { throw .listenKey }
        return me.stream(.renewStream, account, now) {
          _ = me.keys.extend(key, account, at: now)
          return .object([])
        }
      },
      "DELETE /api/v3/userDataStream": Route(.key, 2) { me, request, account, _ throws(BinanceError) in
        guard let key = request["listenKey"] else { throw .mandatory("listenKey") }
        guard me.keys.end(key, account) else { throw .listenKey }
        return WireReply(.object([]))
      },
      "GET /sapi/v1/capital/config/getall": Route(.signed, 10) { me, _, _, _ in
        WireReply(.array(me.assets.map(BinanceDialect.coin)))
      },
      "GET /sapi/v1/asset/tradeFee": Route(.signed, 1) { me, request, _, _ throws(BinanceError) in
        let symbols = try BinanceParameters(request, me.exchange).symbols() ?? me.exchange.market.symbols
        return WireReply(.array(symbols.compactMap { me.exchange.market.rules($0) }.map(BinanceDialect.tradeFee)))
      },
      "GET /sapi/v1/system/status": Route(.open, 1) { _, _, _, _ in
        WireReply(.object([("status", .int(0)), ("msg", .string("normal"))]))
      },
      "GET /sapi/v1/account/apiRestrictions": Route(.signed, 1) { _, _, _, _ in
        WireReply(
          .object([
            ("ipRestrict", .bool(false)), ("enableReading", .bool(true)),
            ("enableSpotAndMarginTrading", .bool(true)), ("enableWithdrawals", .bool(false)),
            ("enableMargin", .bool(false)), ("enableFutures", .bool(false)),
          ]))
      },
    ]
    // Lists of what this exchange has none of, which clients ask for all the same.
    for path in [
      "/sapi/v1/margin/allPairs", "/sapi/v1/margin/isolated/allPairs", "/sapi/v1/margin/allAssets",
      "/sapi/v1/spot/delist-schedule", "/sapi/v1/margin/delist-schedule",
    ] {
      routes["GET \(path)"] = Route(.key, 1) { _, _, _, _ in WireReply(.array([])) }
    }
    for path in ["/fapi/v1/exchangeInfo", "/dapi/v1/exchangeInfo", "/eapi/v1/exchangeInfo"] {
      routes["GET \(path)"] = Route(.open, 1) { _, _, _, now in
        WireReply(
          .object([
            ("timezone", .string("UTC")), ("serverTime", BinanceJSON.milliseconds(now)), ("rateLimits", .array([])),
            ("symbols", .array([])), ("optionSymbols", .array([])),
          ]))
      }
    }
    return routes
  }()

  /// A call about the user stream's key, through the venue so that its faults act.
  private func stream(_ call: VenueRequest, _ account: Int, _ now: Instant, _ json: () -> JSON) -> WireReply {
    let outcome = exchange.call(call, account: account, at: now)
    var reply: WireReply
    if case .refused(let error) = outcome.reply {
      reply = BinanceError(error).reply
    } else {
      reply = WireReply(json())
    }
    reply.carry(outcome)
    return reply
  }

  func account(_ request: WireRequest, _ account: Int, _ now: Instant) -> WireReply {
    let outcome = exchange.call(.balances, account: account, at: now)
    guard case .balances(let balances) = outcome.reply else {
      var reply = BinanceDialect.failed(outcome)
      reply.carry(outcome)
      return reply
    }
    var reply = WireReply(accountJSON(account, balances, now, omitsZero: request["omitZeroBalances"] == "true"))
    reply.carry(outcome)
    return reply
  }

  private static func failed(_ outcome: WireExchange.Outcome) -> WireReply {
    guard case .refused(let error) = outcome.reply else { return WireReply(.object([])) }
    return BinanceError(error).reply
  }

  private func accountJSON(_ account: Int, _ balances: [Balance], _ now: Instant, omitsZero: Bool) -> JSON {
    let rules = exchange.market.symbols.first.flatMap { exchange.market.rules($0) }
    let held = Dictionary(balances.map { ($0.asset, $0) }) { first, _ in first }
    let all = omitsZero ? balances : assets.map { held[$0] ?? Balance(asset: $0, free: .zero) }
    func basisPoints(_ rate: Decimal?) -> JSON {
      .int(Int((rate ?? .zero).coefficient * 10_000 / Decimal.one.coefficient))
    }
    return .object([
      ("makerCommission", basisPoints(rules?.makerFee)), ("takerCommission", basisPoints(rules?.takerFee)),
      ("buyerCommission", .int(0)), ("sellerCommission", .int(0)), ("commissionRates", commission(rules)),
      ("canTrade", .bool(true)), ("canWithdraw", .bool(false)), ("canDeposit", .bool(false)),
      ("brokered", .bool(false)),
      ("requireSelfTradePrevention", .bool(false)), ("preventSor", .bool(false)),
      ("updateTime", BinanceJSON.milliseconds(now)), ("accountType", .string("SPOT")),
      ("balances", .array(all.map(BinanceJSON.balance))), ("permissions", .array([.string("SPOT")])),
      ("uid", .int(1000 + account)),
    ])
  }

  private func commission(_ rules: MarketRules?) -> JSON {
    .object([
      ("maker", BinanceJSON.text(rules?.makerFee ?? .zero)), ("taker", BinanceJSON.text(rules?.takerFee ?? .zero)),
      ("buyer", BinanceJSON.text(.zero)), ("seller", BinanceJSON.text(.zero)),
    ])
  }

  /// Every asset that trades here, by name.
  var assets: [String] {
    Set(
      exchange.market.symbols.flatMap { [$0.base, $0.quote] } + exchange.accounts.flatMap { $0.balances.map(\.asset) }
    )
    .sorted()
  }

  private static func tradeFee(_ rules: MarketRules) -> JSON {
    .object([
      ("symbol", .string(WireExchange.name(rules.symbol))), ("makerCommission", .string(rules.makerFee.description)),
      ("takerCommission", .string(rules.takerFee.description)),
    ])
  }

  private static func coin(_ asset: String) -> JSON {
    .object([
      ("coin", .string(asset)), ("name", .string(asset)), ("depositAllEnable", .bool(false)),
      ("withdrawAllEnable", .bool(false)), ("free", .string("0")), ("freeze", .string("0")), ("locked", .string("0")),
      ("withdrawing", .string("0")), ("ipoing", .string("0")), ("ipoable", .string("0")), ("storage", .string("0")),
      ("isLegalMoney", .bool(false)), ("trading", .bool(true)),
      (
        "networkList",
        .array([
          .object([
            ("network", .string("CHAOS")), ("coin", .string(asset)), ("name", .string("CHAOS")),
            ("depositEnable", .bool(false)), ("withdrawEnable", .bool(false)), ("isDefault", .bool(true)),
            ("withdrawFee", .string("0")), ("withdrawMin", .string("0")), ("withdrawMax", .string("0")),
            ("withdrawIntegerMultiple", .string("0.00000001")), ("minConfirm", .int(1)), ("unLockConfirm", .int(1)),
          ])
        ])
      ),
    ])
  }
}
