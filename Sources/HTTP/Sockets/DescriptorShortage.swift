import Basics
import ChaosRuntime
import Glibc

/// What a server does when the process has no descriptor left for a client.
///
/// A client that cannot be accepted stays in the queue, so that poll(2) answers at once, again and again. One descriptor
/// is kept in reserve: it is given up to take the client and turn it away, which empties the queue; then the server looks
/// away for a while.
struct DescriptorShortage {
  /// How long the server looks away.
  static let pause = Duration.milliseconds(200)
  /// Clients that are turned away at a time.
  private static let batchMax = 128

  private(set) var turnedAwayCount = 0
  private var spare: Int32
  private var until: Instant?
  private var hasTold = false
  private var news: String?

  init() { spare = Self.reserve() }

  /// Whether accept(2) failed for want of descriptors or memory.
  func isOne(_ code: Int32) -> Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }

  func isOver(at now: Instant) -> Bool { until.map { now >= $0 } ?? true }

  /// Empties the queue of the listener.
  mutating func turnAway(_ listener: Int32, at now: Instant) {
    let reason = Socket.errorText
    until = now + Self.pause
    for _ in 0..<Self.batchMax {
      if spare >= 0 { close(spare) }
      let client = Socket.accept(listener)
      if client >= 0 {
        close(client)
        turnedAwayCount += 1
      }
      // Whoever was faster has it now: then only looking away helps.
      spare = Self.reserve()
      if client < 0 || spare < 0 { break }
    }
    guard !hasTold else { return }
    hasTold = true
    news = "\(reason): clients are refused"
  }

  /// What has to be reported, once.
  mutating func takeNews() -> String? {
    defer { news = nil }
    return news
  }

  /// Gives the reserve back; nothing else may be called any more.
  func end() { if spare >= 0 { close(spare) } }

  private static func reserve() -> Int32 { open("/dev/null", O_RDONLY | O_CLOEXEC) }
}
