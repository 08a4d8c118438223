import Basics
import Trading

/// Drop mode 4: a price at or below a share of the highest price of the last minutes is a signal. One market.
struct DropDetector {
  /// Prices that may still become the peak: times ascend, prices descend.
  private var candidates: [(time: Instant, price: Decimal)] = []
  private var head = 0
  private var latest: Instant?

  /// Takes in a price; O(1) on average. One that is not newer than the last was seen already: nothing that was forgotten comes
  /// back with it.
  mutating func add(_ price: Decimal, at time: Instant, lookback: Duration) {
    if let latest, time <= latest { return }
    latest = time
    while candidates.count > head, candidates[candidates.count - 1].price <= price { candidates.removeLast() }
    candidates.append((time, price))
    while candidates[head].time + lookback < time { head += 1 }
    if head > 64 {
      candidates.removeFirst(head)
      head = 0
    }
  }

  /// The highest price of the lookback; nil before the first.
  var peak: Decimal? { head < candidates.count ? candidates[head].price : nil }

  /// Whether `price` has dropped to `trigger` × peak.
  func isSignal(_ price: Decimal, trigger: Decimal) -> Bool {
    guard let peak, let threshold = try? peak.multiplied(by: trigger, rounding: .down) else { return false }
    return price <= threshold
  }

  /// Forgets the past: the next price is the peak.
  mutating func reset() {
    candidates.removeAll(keepingCapacity: true)
    head = 0
  }
}
