public import ChaosRuntime

/// The choices of a recording by kind, and how a person says them.
public struct ChoiceCounts: Sendable, Equatable {
  /// A running thread is held up, or another one runs in its place.
  public var preemptions = 0
  /// A thread blocked or yielded, and another one than the longest-waiting ran next.
  public var orders = 0
  /// Waits that end without a signal.
  public var wakes = 0
  /// Calls that take longer than their nominal latency.
  public var latencies = 0
  /// Different faults, and firings of them.
  public var faults = 0
  /// Firings of all faults together.
  public var firings = 0

  /// Counts the lines of a recording. O(lines).
  public init(_ recording: Recording) {
    var families: [String] = []
    for line in recording.lines {
      switch line.kind {
      case .stall: preemptions += 1
      case .run:
        let operation = line.site.prefix { $0 != " " }
        if operation == Operation.blocked.name || operation == Operation.yield.name {
          orders += 1
        } else {
          preemptions += 1
        }
      case .wake: wakes += 1
      case .latency: latencies += 1
      case .fault:
        firings += 1
        if !families.contains(line.family) { families.append(line.family) }
      }
    }
    faults = families.count
  }

  /// `2 preemptions + 1 fault`.
  public var text: String {
    func part(_ count: Int, _ one: String, _ many: String) -> String? {
      count == 0 ? nil : "\(count) \(count == 1 ? one : many)"
    }
    var parts = [
      part(preemptions, "preemption", "preemptions"), part(orders, "order of waking", "orders of waking"),
      part(wakes, "wakeup without a signal", "wakeups without a signal"), part(latencies, "latency", "latencies"),
      part(faults, "fault", "faults"),
    ].compactMap { $0 }
    if firings > faults, let last = parts.popLast() { parts.append("\(last) that fires \(firings) times") }
    return parts.isEmpty ? "no choice at all" : parts.joined(separator: " + ")
  }
}
