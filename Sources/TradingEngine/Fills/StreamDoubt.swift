import Basics
import Synchronization

/// When a question brought what the user stream should have told.
public final class StreamDoubt: Sendable {
  private let since = Mutex<Instant?>(nil)

  init() {}

  /// An answer brought a fill of that time, by the venue's clock, that no event had told.
  func missed(at time: Instant) { since.withLock { if $0 == nil { $0 = time } } }

  /// Whether something was missed and nothing at all was heard of the stream for so long; then the doubt is over.
  func isConfirmed(since heard: Instant, for silence: Duration, at time: Instant) -> Bool {
    since.withLock { since in
      guard let missed = since else { return false }
      if missed < heard {
        since = nil
        return false
      }
      guard time - heard >= silence else { return false }
      since = nil
      return true
    }
  }
}
