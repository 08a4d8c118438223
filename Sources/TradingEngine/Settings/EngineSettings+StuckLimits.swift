import ChaosRuntime

extension EngineSettings {
  /// When each activity of the engine counts as stuck in a live session, by its name.
  ///
  /// Work that has a deadline of its own is over by then; 2 s, or a fifth of it where that is more, are for a busy machine.
  /// Writes have no deadline: 10 s.
  public var stuckLimits: [(activity: String, limit: Duration)] {
    let calls = [
      "place_order", "cancel_order", "query_order", "open_orders", "fetch_balance", "fetch_tickers", "market_rules",
      "open_stream", "renew_stream", "order_trades",
    ]
    return calls.map { ("exchange.\($0)", Self.stuck(exchangeTimeout)) } + [
      ("budget.refresh", Self.stuck(budgetRefreshTimeout)), ("log.format", Self.stuck(formatterTimeout)),
      ("log.call", Self.stuck(formatterTimeout)), ("engine.shutdown", Self.stuck(shutdownTimeout)),
      ("log.write", .seconds(10)), ("state.write", .seconds(10)),
    ]
  }

  private static func stuck(_ deadline: Duration) -> Duration { deadline + max(.seconds(2), deadline / 5) }
}
