/// Limits of the engine in force, as `limits` of run.json has them.
public enum LimitName: String, WrittenName {
  case heartbeatMs = "heartbeat_ms"
  case refreshMs = "refresh_ms"
  case formatMs = "format_ms"
  case callMs = "call_ms"
  case quotesMs = "quotes_ms"
  case shutdownMs = "shutdown_ms"
  case perSymbolQuoteMax = "per_symbol_quote_max"
  case totalQuoteMax = "total_quote_max"
}
