/// Threads of the engine, as its log, dumps, faults and checks name them.
public enum ThreadName: String, WrittenName {
  /// Decides, once every ENGINE_CYCLE_MS.
  case engineMain = "engine-main"
  /// Runs the calls that ask for the venue's time.
  case exchangeClock = "exchange-clock"
  /// Runs the calls that open the user stream and renew its key.
  case exchangeStream = "exchange-stream"
  /// Polls quotes.
  case marketData = "market-data"
  /// Sends orders.
  case orderRouter = "order-router"
  /// Sends one sale.
  case orderExit = "order-exit"
  /// Asks the venue about one silent order, or to take back an old one.
  case orderFollowUp = "order-follow-up"
  /// Books what the venue's user stream reports.
  case userStream = "user-stream"
  /// Asks the venue about silent orders.
  case reconciler = "reconciler"
  /// Asks for the balances.
  case budgetRefresh = "budget-refresh"
  /// Writes the state file.
  case stateWriter = "state-writer"
  /// Writes the logs.
  case logWriter = "log-writer"
  /// Puts records in words.
  case formatWorker = "format-worker"
  /// Logs HEARTBEAT.
  case heartbeat = "heartbeat"
  /// Makes the calls that place purchases.
  case exchangePlace = "exchange-place"
  /// Makes the calls that place sales.
  case exchangeSell = "exchange-sell"
  /// Makes the calls that cancel orders.
  case exchangeCancel = "exchange-cancel"
  /// Makes the calls that ask for one order.
  case exchangeQuery = "exchange-query"
  /// Makes the calls that ask for one order's trades.
  case exchangeTrades = "exchange-trades"
  /// Makes the calls that ask for open orders.
  case exchangeOpen = "exchange-open"
  /// Makes the calls for balances.
  case exchangeBalance = "exchange-balance"
  /// Makes the calls for quotes.
  case exchangeQuotes = "exchange-quotes"
  /// Makes the calls for market rules.
  case exchangeRules = "exchange-rules"
  /// Shuts the engine down whose main loop has ended.
  case engineEnd = "engine-end"
  /// Asks for the end of the last orders within a shutdown.
  case shutdownDrain = "shutdown-drain"
}
