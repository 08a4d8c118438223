import Basics
import Trading

/// The entries of a history as they are kept: a short line for each, and what does not fit into one in a list of its kind.
///
/// A venue that does 100,000 orders a second makes half a million entries; each costs what is written of it, and none has
/// memory of its own. `Entry` is made of a line when somebody reads it.
package struct NotedEntries: Sendable {
  /// The frequent entries whole, of the others the place.
  private enum Line: Sendable {
    case request(VenueRequest, id: Int32)
    case acknowledged(VenueRequest, orderId: String, took: Int64, id: Int32, injected: Bool)
    case reported(VenueRequest, took: Int64, place: Int32, id: Int32, injected: Bool)
    case replied(VenueRequest, took: Int64, place: Int32, id: Int32, injected: Bool)
    case accepted(OrderFacts, Telling)
    case event(EventSubject, place: Int32, Telling)
    case rare(Int32, Telling)
    case other(Int32)
  }

  private struct Noted: Sendable {
    let time: Instant
    var line: Line
  }

  /// Who hears of an event, and when.
  struct Telling: Sendable {
    private var time = Telling.never
    private let owner: Int32
    var delivered: Bool
    /// The status that the event names, where that is not the order's.
    var told: OrderStatus?

    private static var never: Int64 { .min }

    init(_ account: Venue.Account, delivered: Bool) {
      owner = Int32(account.index)
      self.delivered = delivered
    }

    var account: Venue.Account { Venue.Account(index: Int(owner)) }
    /// Nil: when it happens, or never.
    var arrives: Instant? {
      get { time == Self.never ? nil : Instant(nanoseconds: time) }
      set { time = newValue?.nanoseconds ?? Self.never }
    }
  }

  private var lines = Pages<Noted>()
  private var figures = Pages<VenueEvent.Figures>()
  private var rareEvents = Pages<VenueEvent>()
  private var reports = Pages<VenueHistory.ToldReport>()
  private var outcomes = Pages<VenueHistory.Outcome>()
  private var others = Pages<VenueHistory.Entry>()
  /// Numbers of requests are kept as their distance from it.
  private let firstRequest: Int

  init(firstRequest: Int) { self.firstRequest = firstRequest }
}

/// Noting.
extension NotedEntries {
  mutating func request(_ id: Int, _ request: VenueRequest, at time: Instant) {
    guard let number = Int32(exactly: id - firstRequest) else {
      return other(.request(id: id, request), at: time)
    }
    lines.append(Noted(time: time, line: .request(request, id: number)))
  }

  mutating func reply(
    _ id: Int, _ request: VenueRequest, _ outcome: VenueHistory.Outcome, injected: Bool,
    took duration: Duration, at time: Instant
  ) {
    guard let number = Int32(exactly: id - firstRequest) else {
      return other(.reply(id: id, request, .outcome(outcome), injected: injected, took: duration), at: time)
    }
    let took = duration.nanoseconds
    switch outcome {
    case .ok(.ack(let ack)):
      note(.acknowledged(request, orderId: ack.orderId, took: took, id: number, injected: injected), at: time)
    case .ok(.report(let report)):
      note(.reported(request, took: took, place: Int32(reports.count), id: number, injected: injected), at: time)
      reports.append(VenueHistory.ToldReport(report))
    default:
      note(.replied(request, took: took, place: Int32(outcomes.count), id: number, injected: injected), at: time)
      outcomes.append(outcome)
    }
  }

  @inline(__always)
  mutating func event(
    _ pointers: UnsafePointer<VenueEvents.Pointers>, _ event: UnsafePointer<VenueEvent.Figures>, delivered: Bool
  ) {
    let telling = Telling(event.pointee.account, delivered: delivered)
    let time = event.pointee.time
    if event.pointee.kind == .accepted {
      note(.accepted(unsafeDowncast(pointers.pointee.subject, to: OrderFacts.self), telling), at: time)
    } else if pointers.pointee.beside == nil {
      note(.event(pointers.pointee.subject, place: Int32(figures.count), telling), at: time)
      figures.append(copyOf: event)
    } else {
      note(.rare(Int32(rareEvents.count), telling), at: time)
      rareEvents.append(VenueEvent(pointers.pointee.subject, pointers.pointee.beside, event.pointee))
    }
  }

  /// In each case by itself: a line that is chosen first and kept afterwards is copied on its way.
  @inline(__always)
  private mutating func note(_ line: consuming Line, at time: Instant) {
    lines.append(Noted(time: time, line: line))
  }

  mutating func other(_ entry: VenueHistory.Entry, at time: Instant) {
    lines.append(Noted(time: time, line: .other(Int32(others.count))))
    others.append(entry)
  }

  /// Corrects what is noted of an event's way; an entry that is none is left alone.
  mutating func change(_ index: Int, _ body: (inout Telling) -> Void) {
    switch lines[index].line {
    case .accepted(let order, var telling):
      body(&telling)
      lines[index].line = .accepted(order, telling)
    case .event(let subject, let place, var telling):
      body(&telling)
      lines[index].line = .event(subject, place: place, telling)
    case .rare(let place, var telling):
      body(&telling)
      lines[index].line = .rare(place, telling)
    case .request, .acknowledged, .reported, .replied, .other: return
    }
  }
}

/// Reading.
extension NotedEntries: RandomAccessCollection {
  /// Zero.
  package var startIndex: Int { 0 }
  /// The number of entries.
  package var endIndex: Int { lines.count }

  /// When an entry was noted.
  func time(_ index: Int) -> Instant { lines[index].time }

  /// O(1).
  package subscript(index: Int) -> VenueHistory.Noted {
    VenueHistory.Noted(time: lines[index].time, entry: entry(index))
  }

  /// What was noted.
  func entry(_ index: Int) -> VenueHistory.Entry {
    func reply(
      _ id: Int32, _ request: VenueRequest, _ told: VenueHistory.Told, _ injected: Bool, _ took: Int64
    ) -> VenueHistory.Entry {
      .reply(
        id: firstRequest + Int(id), request, told, injected: injected, took: Duration(nanoseconds: took))
    }
    func event(_ event: VenueEvent, _ telling: Telling) -> VenueHistory.Entry {
      .event(event, delivered: telling.delivered, arrives: telling.arrives, told: telling.told)
    }
    switch lines[index].line {
    case .request(let request, let id): return .request(id: firstRequest + Int(id), request)
    case .acknowledged(let request, let orderId, let took, let id, let injected):
      return reply(id, request, .acknowledged(orderId: orderId), injected, took)
    case .reported(let request, let took, let place, let id, let injected):
      return reply(id, request, .reported(reports[Int(place)]), injected, took)
    case .replied(let request, let took, let place, let id, let injected):
      return reply(id, request, .outcome(outcomes[Int(place)]), injected, took)
    case .accepted(let order, let telling):
      return event(VenueEvent(order, nil, .accepted(telling.account.index, at: lines[index].time)), telling)
    case .event(let subject, let place, let telling):
      return event(VenueEvent(subject, nil, figures[Int(place)]), telling)
    case .rare(let place, let telling): return event(rareEvents[Int(place)], telling)
    case .other(let place): return others[Int(place)]
    }
  }
}
