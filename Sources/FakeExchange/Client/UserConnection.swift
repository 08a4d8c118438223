public import Basics
import ChaosRuntime
import Synchronization
public import Trading

/// The account's end of the user stream: what is on its way to it, in the order of its arrival.
public final class UserConnection: EventSource {
  /// One event on its way; of those with one ticket only the first to arrive counts.
  struct Delivery: Sendable {
    var event: UserEvent
    var ticket: Int?
  }

  private struct State {
    var tickets = 0
    var used: Set<Int> = []
  }

  let queue: Channel<Delivery>
  private let runtime: Runtime
  private let state = Mutex(State())

  init(_ runtime: Runtime, capacity: Int) {
    self.runtime = runtime
    queue = Channel(runtime, "user events", capacity: capacity)
  }

  /// The oldest event that has arrived, waiting for one at most `timeout`.
  public func receive(timeout: Duration?) throws(Stopped) -> UserEvent? {
    let end = timeout.map { runtime.now + $0 }
    var rest = timeout
    while let delivery = try queue.receive(timeout: rest) {
      if isFirst(delivery) { return delivery.event }
      rest = end.map { max(.zero, $0 - runtime.now) }
    }
    return nil
  }

  /// Whether nothing more comes, ever: the venue is gone.
  public var isClosed: Bool { queue.isClosed }

  /// The venue goes away.
  public func close() throws(Stopped) { try queue.close() }

  /// A number for an event that is sent twice and shall arrive once.
  func ticket() -> Int {
    state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
  }

  private func isFirst(_ delivery: Delivery) -> Bool {
    guard let ticket = delivery.ticket else { return true }
    return state.withLock { $0.used.insert(ticket).inserted }
  }
}
