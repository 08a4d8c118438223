/// Limits of the engine in force, as `limits` of run.json has them.
public enum LimitName: String, WrittenName {
  /// HEARTBEAT_INTERVAL_S in ms.
  case heartbeatMs = "heartbeat_ms"
  /// BUDGET_REFRESH_TIMEOUT_S in ms.
  case refreshMs = "refresh_ms"
  /// FORMATTER_TIMEOUT_MS.
  case formatMs = "format_ms"
  /// EXCHANGE_TIMEOUT_S in ms.
  case callMs = "call_ms"
  /// Oldest quote that may be decided on, ms.
  case quotesMs = "quotes_ms"
  /// SHUTDOWN_TIMEOUT_S in ms.
  case shutdownMs = "shutdown_ms"
  /// MAX_PER_SYMBOL_USD, in the quote asset.
  case perSymbolQuoteMax = "per_symbol_quote_max"
  /// Most that may be spent on all symbols together, in the quote asset; absent in our own sessions.
  case totalQuoteMax = "total_quote_max"
}
