public import Basics
import ChaosRuntime
import Synchronization
public import Trading

/// The account's end of the user stream: what is on its way to it, in the order of its arrival.
///
/// A connection tells events in the order in which the venue made them, whichever threads brought them about: they stand in
/// one line, and what a thread sends only says that something is due. What a fault takes out of the order goes by itself.
public final class UserConnection: EventSource {
  /// One event on its way by itself; of those with one ticket only the first to arrive counts. Without an event: the line
  /// has one that is due.
  private struct Delivery: Sendable {
    var event: UserEvent?
    var ticket: Int?
  }

  private struct InLine {
    var event: UserEvent
    var due: Instant
    var ticket: Int?
  }

  private struct State {
    var tickets = 0
    var used: Set<Int> = []
    /// From `head` on, the oldest first.
    var line: [InLine] = []
    var head = 0

    mutating func takeNext() -> InLine {
      let next = line[head]
      head += 1
      if head == line.count {
        line.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 64, head * 2 >= line.count {
        line.removeFirst(head)
        head = 0
      }
      return next
    }

    /// Whether nothing with that ticket has arrived yet; it has now.
    mutating func isFirst(_ ticket: Int?) -> Bool { ticket.map { used.insert($0).inserted } ?? true }
  }

  private let queue: Channel<Delivery>
  private let lineMax: Int
  private let runtime: Runtime
  private let state = Mutex(State())

  init(_ runtime: Runtime, capacity: Int) {
    self.runtime = runtime
    lineMax = 16 * capacity
    queue = Channel(runtime, "user events", capacity: capacity)
  }

  /// The oldest event that has arrived, waiting for one at most `timeout`.
  public func receive(timeout: Duration?) throws(Stopped) -> UserEvent? {
    let end = timeout.map { runtime.now + $0 }
    var rest = timeout
    while true {
      if let event = nextInLine(at: runtime.now) { return event }
      guard let delivery = try queue.receive(timeout: rest) else { return nil }
      if let event = delivery.event, state.withLock({ $0.isFirst(delivery.ticket) }) { return event }
      rest = end.map { max(.zero, $0 - runtime.now) }
    }
  }

  /// Whether nothing more comes, ever: the venue is gone.
  public var isClosed: Bool { queue.isClosed }

  /// The venue goes away.
  public func close() throws(Stopped) { try queue.close() }

  /// Gives an event the last place in the line. It arrives no earlier than `due`, and not before those in front of it, once
  /// `wake` was called for it.
  ///
  /// - Returns: false: the connection is closed or the line is full, and nobody hears of the event.
  func place(_ event: UserEvent, due: Instant, ticket: Int? = nil) -> Bool {
    if queue.isClosed { return false }
    return state.withLock { state in
      guard state.line.count - state.head < lineMax else { return false }
      state.line.append(InLine(event: event, due: due, ticket: ticket))
      return true
    }
  }

  /// Sees to it that what was placed is looked for when it is due.
  func wake(at due: Instant) throws(Stopped) { _ = try send(Delivery(event: nil), due: due) }

  /// An event that overtakes others, or that others overtake.
  ///
  /// - Returns: false: the connection is closed or full, and nobody hears of the event.
  func send(_ event: UserEvent, ticket: Int?, due: Instant) throws(Stopped) -> Bool {
    try send(Delivery(event: event, ticket: ticket), due: due)
  }

  /// The caller may have been stalled since it knew when its event is due; the stream does not wait longer than it must.
  private func send(_ delivery: Delivery, due: Instant) throws(Stopped) -> Bool {
    try queue.send(delivery, after: max(.zero, due - runtime.now))
  }

  private func nextInLine(at time: Instant) -> UserEvent? {
    state.withLock { state in
      while state.head < state.line.count, state.line[state.head].due <= time || queue.isClosed {
        let next = state.takeNext()
        if state.isFirst(next.ticket) { return next.event }
      }
      return nil
    }
  }

  /// A number for an event that is sent twice and shall arrive once.
  func ticket() -> Int {
    state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
  }
}
