import CPlatform

/// When an activity is stuck: its own limit, or what this watchdog was told for its name, or one number for all.
struct ActivityLimits {
  private static let namedMax = 64

  /// Nanoseconds; nil: the named ones, then every activity's own.
  private let override: UInt64?
  private let named: UnsafeMutableBufferPointer<(hash: UInt64, limit: UInt64)>

  init(override: UInt64? = nil, named: [(activity: String, limit: UInt64)] = []) {
    self.override = override
    self.named = .allocate(capacity: min(named.count, Self.namedMax))
    for (i, entry) in named.prefix(Self.namedMax).enumerated() {
      var name = entry.activity
      let hash = name.withUTF8 { Text(start: $0.baseAddress, count: $0.count).hash }
      self.named.initializeElement(at: i, to: (hash, entry.limit))
    }
  }

  func deallocate() { named.deallocate() }

  /// As dumps name it, in nanoseconds.
  func limit(of activity: cp_activity) -> UInt64 {
    if let override { return override }
    guard !named.isEmpty else { return activity.limit_ns }
    let start = UnsafeRawPointer(activity.name)?.assumingMemoryBound(to: UInt8.self)
    let hash = Text(start: start, count: Int(activity.name_length)).hash
    for i in 0..<named.count where named[i].hash == hash { return named[i].limit }
    return activity.limit_ns
  }

  /// From when on it is accused. An override is one number for all activities, and may be the very deadline that one of them
  /// keeps: what ends at its limit is not stuck.
  func accused(_ activity: cp_activity) -> UInt64 {
    override.map { $0 &+ max(100_000_000, $0 / 10) } ?? limit(of: activity)
  }
}
