/// Times of the monotonic clock.
enum Span {
  /// Seconds from one time to a later one; 0 where it is not later, as a sign may come while a round is under way.
  static func seconds(from start: UInt64, to end: UInt64) -> Double { end > start ? Double(end - start) / 1e9 : 0 }
}

/// Something of the watch that waits for a descriptor.
protocol Polled: AnyObject {
  var descriptor: Int32 { get }
  /// poll(2)'s events; 0: nothing for now.
  var events: Int16 { get }
  /// The descriptor is ready, or has ended.
  func ready(_ now: UInt64)
}
