extension BotCheck {
  /// What to do about a red verdict, in one sentence.
  public var next: String {
    switch name {
    case "bot-alive": "read logs/bot.log from its end; catch what the client library throws, and go on"
    case "bot-ends-cleanly": "handle SIGTERM: stop sending, settle or cancel what is open, and exit within 5 s"
    case "bot-asks-what-became":
      "ask GET /api/v3/order with origClientOrderId until the venue knows or denies the order"
    case "bot-does-not-repeat":
      "keep one client order id for one decision: send it again only after asking, under the same id"
    case "bot-learns-what-it-missed": "compare open orders with GET /api/v3/openOrders and myTrades every few seconds"
    case "bot-no-futile-retries":
      "treat a refusal as final for that order: change the order, or wait and look at the balance"
    case "bot-pauses": "send nothing until Retry-After is over, also on other connections"
    case "bot-orders-valid": "round price and quantity to the filters of GET /api/v3/exchangeInfo before sending"
    case "bot-sells-what-it-has": "sell what arrived: the fill less its commission, rounded down to the step"
    case "bot-reopens-streams": "open and subscribe again, then ask by REST about the time in between"
    case "bot-renews-listen-key": "PUT /api/v3/userDataStream every 30 minutes; on listenKeyExpired make a new key"
    case "bot-leaves-no-order": "cancel what no longer serves, and look at GET /api/v3/openOrders until it is empty"
    case "bot-keeps-exposure": "count orders that are on their way against the limit"
    case "bot-positions-agree":
      "book what GET /api/v3/order and myTrades say of an order whose answer or event did not come, fees included"
    case "bot-open-orders-agree": "compare what you take for open with GET /api/v3/openOrders after every gap"
    case "bot-balances-agree": "read GET /api/v3/account again after every order, or book what the stream tells"
    default: "this is the exchange's own mistake: please report it with the session directory"
    }
  }
}
