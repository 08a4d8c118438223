import Basics
import ChaosRuntime
import Trading

/// The user stream.
extension ExchangeFront {
  /// An event, and where the history has it; nil: there was no room.
  typealias NotedEvent = (event: VenueEvent, position: Int?)

  /// The events of a step as the history has them.
  struct NotedEvents: RandomAccessCollection, Sendable {
    let events: VenueEvents
    /// Of those that found room, which are the first ones.
    let positions: Range<Int>

    var startIndex: Int { 0 }
    var endIndex: Int { events.count }
    subscript(index: Int) -> NotedEvent {
      (events[index], index < positions.count ? positions.lowerBound + index : nil)
    }
  }

  private struct Sending {
    /// nil: it stands in the line of those that keep their order.
    var event: UserEvent?
    var position: Int?
    var due: Instant
    var ticket: Int?
  }

  /// Does one step of the venue and sends its events. Their place in the stream is settled before another thread steps: of two
  /// threads the one that stepped first may come back to its events last.
  func publish<Reply: Sendable>(
    _ step: (inout State) -> (reply: Reply, events: NotedEvents)
  ) throws(Stopped) -> Reply {
    let (reply, sendings) = stepping.withLock { _ in
      let (reply, events) = state.withLock { state in step(&state) }
      return (reply, settled(events))
    }
    for sending in sendings {
      if try !send(sending) { state.withLock { $0.history.markUndelivered(sending.position) } }
    }
    return reply
  }

  private func send(_ sending: Sending) throws(Stopped) -> Bool {
    guard let event = sending.event else {
      try connection.wake(at: sending.due)
      return true
    }
    return try connection.send(event, ticket: sending.ticket, due: sending.due)
  }

  /// What is sent of a step's events, and when it arrives.
  private func settled(_ events: NotedEvents) -> [Sending] {
    let now = runtime.now
    if !events.isEmpty, !isStreamOpen(at: now) {
      miss(events)
      return []
    }
    if events.isEmpty {
      state.withLock { $0.noteViolation(at: now) }
      return []
    }
    var sendings: [Sending] = []
    sendings.reserveCapacity(events.count)
    for noted in events where noted.event.account == account { send(noted, into: &sendings) }
    state.withLock { state in
      for (event, position) in events where event.account == account {
        state.stream.remember(event, position, wasMissed: false)
      }
    }
    state.withLock { $0.noteViolation(at: now) }
    return sendings
  }

  private func send(_ noted: NotedEvent, into sendings: inout [Sending]) {
    let (event, position) = noted
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
      sendings.append(Sending(event: self.told(event), position: position, due: due, ticket: ticket))
      return
    }
    if fault == .unreadable {
      state.withLock { $0.history.markUndelivered(position) }
      return line(up: .stream(.unreadable), nil, due: inOrder(now + delay), into: &sendings)
    }
    let told = fault == .unknownStatus ? self.told(event).withUnknownStatus : self.told(event)
    let late = fault.flatMap(\.duration).map { now + delay + $0 }
    let due = late ?? inOrder(now + delay)
    state.withLock { state in
      state.history.markArrival(position, at: due)
      if fault == .unknownStatus { state.history.markTold(position, .unknown) }
    }
    if late != nil {
      sendings.append(Sending(event: told, position: position, due: due))
    } else {
      line(up: told, position, due: due, into: &sendings)
      if fault == .dup { line(up: self.told(event), position, due: due, into: &sendings) }
    }
    if clientOrderId != nil { overtaken(at: due, isInLine: late == nil, into: &sendings) }
  }

  /// An event as this venue's stream has it.
  func told(_ event: VenueEvent) -> UserEvent {
    profile.eventsSumFees ? event.event : event.event.withoutSumOfFees
  }

  /// Gives an event its place behind those before it.
  private func line(
    up event: UserEvent, _ position: Int?, due: Instant, ticket: Int? = nil, into sendings: inout [Sending]
  ) {
    if connection.place(event, due: due, ticket: ticket) {
      sendings.append(Sending(event: nil, position: position, due: due))
    } else {
      state.withLock { $0.history.markUndelivered(position) }
    }
  }

  /// What a fault put aside comes behind the event that is sent now: in the line, or by itself behind one that is late.
  private func overtaken(at due: Instant, isInLine: Bool, into sendings: inout [Sending]) {
    let behind = state.withLock { state in
      for item in state.behind { state.history.markArrival(item.position, notAfter: due) }
      defer { state.behind = [] }
      return state.behind
    }
    for item in behind {
      if isInLine {
        line(up: told(item.event), item.position, due: due, ticket: item.ticket, into: &sendings)
      } else {
        sendings.append(Sending(event: told(item.event), position: item.position, due: due, ticket: item.ticket))
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
