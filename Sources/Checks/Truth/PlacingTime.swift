import Basics
import Trading

/// How long the placing of an order keeps what places it: its requests, and the pauses between them.
struct PlacingTime {
  private let timeout: Duration
  private let backoff: Duration
  private let attemptsMax: Int
  private let end: Instant

  /// Reads EXCHANGE_TIMEOUT_S, ROUTER_BACKOFF_MS and ROUTER_MAX_RETRIES of config.json.
  init(_ record: SessionRecord) throws(Unjudged) {
    timeout = try record.settingTime(.exchangeTimeoutS)
    backoff = try record.settingTime(.routerBackoffMs)
    attemptsMax = 1 + (try record.settingCount(.routerMaxRetries))
    end = record.end
  }

  /// The session's end behind a request that hangs; else that of the last request, or of the pause before one more that
  /// never came, since the engine was to end meanwhile. Nil: it was never asked for.
  func end(of order: OrderTraffic) -> Instant? {
    guard let last = order.places.last else { return nil }
    if order.places.contains(where: { $0.hangs(timeout) }) { return end }
    let answered = last.end(timeout: timeout)
    guard last.outcome == "error", !last.isPermanent, order.places.count < attemptsMax else { return answered }
    return min(answered + backoff * (1 << min(order.places.count - 1, 10)), end)
  }
}
