import Basics
import ChaosRuntime
import Trading

/// The user stream.
extension ExchangeFront {
  /// An event, where the history has it (nil: there was no room), and the how many-th of the venue's events it is.
  typealias NotedEvent = (event: VenueEvent, position: Int?, number: Int)

  private struct Sending {
    /// nil: it stands in the line of those that keep their order.
    var event: UserEvent?
    var position: Int?
    var due: Instant
    var ticket: Int?
  }

  func publish(_ events: [NotedEvent]) throws(Stopped) {
    if !events.isEmpty, !isStreamOpen(at: runtime.now) { return miss(events) }
    if events.isEmpty { return state.withLock { $0.noteViolation(at: runtime.now) } }
    let now = runtime.now
    var sendings: [Sending] = []
    sendings.reserveCapacity(events.count)
    for noted in events where noted.event.account == account { send(noted, into: &sendings) }
    state.withLock { state in
      for (event, position, _) in events where event.account == account {
        state.stream.remember(event, position, wasMissed: false)
      }
    }
    state.withLock { $0.noteViolation(at: now) }
    for sending in sendings {
      if try !send(sending) { state.withLock { $0.history.markUndelivered(sending.position) } }
    }
  }

  private func send(_ sending: Sending) throws(Stopped) -> Bool {
    guard let event = sending.event else {
      try connection.wake(at: sending.due)
      return true
    }
    return try connection.send(event, ticket: sending.ticket, due: sending.due)
  }

  private func send(_ noted: NotedEvent, into sendings: inout [Sending]) {
    let (event, position, number) = noted
    // Of two threads the one that changed the venue first may come here second: its event is older all the same.
    let now = event.time
    let clientOrderId = event.clientOrderId
    let fault = clientOrderId != nil ? faults?.decide(event) : nil
    let key = clientOrderId ?? "balance"
    let attempt = state.withLock { $0.attempt(VenueCall.allCases.count, key) }
    if fault == .drop {
      state.withLock { $0.history.markUndelivered(position) }
      return
    }
    let delay = runtime.choices.latency("exchange event", key: key, attempt: attempt, nominal: latency.event)
    if case .reorder(let window)? = fault {
      let ticket = connection.ticket()
      let due = now + delay + window
      state.withLock { state in
        state.history.markArrival(position, at: due)
        state.behind.append((event, position, ticket))
      }
      sendings.append(Sending(event: event.event, position: position, due: due, ticket: ticket))
      return
    }
    if fault == .unreadable {
      state.withLock { $0.history.markUndelivered(position) }
      return line(up: .stream(.unreadable), nil, number, due: inOrder(now + delay), into: &sendings)
    }
    let told = fault == .unknownStatus ? event.event.withUnknownStatus : event.event
    let late = fault.flatMap(\.duration).map { now + delay + $0 }
    let due = late ?? inOrder(now + delay)
    state.withLock { state in
      state.history.markArrival(position, at: due)
      if fault == .unknownStatus { state.history.markTold(position, .unknown) }
    }
    if late != nil {
      sendings.append(Sending(event: told, position: position, due: due))
    } else {
      line(up: told, position, number, due: due, into: &sendings)
      if fault == .dup { line(up: event.event, position, number, due: due, into: &sendings) }
    }
    if clientOrderId != nil { overtaken(by: late == nil ? number : nil, at: due, into: &sendings) }
  }

  /// Nothing may come between an event's number and its place in the line that lets another thread go first.
  private func line(
    up event: UserEvent, _ position: Int?, _ number: Int, due: Instant, ticket: Int? = nil,
    into sendings: inout [Sending]
  ) {
    if connection.place(event, number, due: due, ticket: ticket) {
      sendings.append(Sending(event: nil, position: position, due: due))
    } else {
      state.withLock { $0.history.markUndelivered(position) }
    }
  }

  /// What a fault put aside comes behind the event that is sent now: in the line, or by itself behind one that is late.
  private func overtaken(by number: Int?, at due: Instant, into sendings: inout [Sending]) {
    let behind = state.withLock { state in
      for item in state.behind { state.history.markArrival(item.position, notAfter: due) }
      defer { state.behind = [] }
      return state.behind
    }
    for item in behind {
      if let number {
        line(up: item.event.event, item.position, number, due: due, ticket: item.ticket, into: &sendings)
      } else {
        sendings.append(Sending(event: item.event.event, position: item.position, due: due, ticket: item.ticket))
      }
    }
  }

  /// The time moved so that the event does not overtake the one before it.
  func inOrder(_ due: Instant) -> Instant {
    state.withLock { state in
      state.lastDue = max(state.lastDue, due)
      return state.lastDue
    }
  }
}
