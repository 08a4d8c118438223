/// The events of one step of a venue, in order.
///
/// What they are made of stands here until the next step, which uses the room again unless somebody has kept them: who keeps
/// them has them as they were. An event is put together when somebody reads it.
public struct VenueEvents: Sendable, RandomAccessCollection {
  private var store = Store(room: 8)

  init() {}

  /// Zero.
  public var startIndex: Int { 0 }
  /// The number of events.
  public var endIndex: Int { store.count.pointee }

  /// O(1).
  public subscript(index: Int) -> VenueEvent {
    precondition(index >= 0 && index < endIndex, "an index beyond the end")
    return VenueEvent(store.pointers[index].subject, store.pointers[index].beside, store.figures[index])
  }

  @inline(__always)
  mutating func append(
    _ subject: EventSubject, _ figures: VenueEvent.Figures, beside: VenueEvent.Beside? = nil
  ) {
    if !isKnownUniquelyReferenced(&store) || store.count.pointee == store.room { makeRoom() }
    let place = store.count.pointee
    (store.pointers + place).initialize(to: Store.Pointers(subject: subject, beside: beside))
    (store.figures + place).initialize(to: figures)
    store.count.pointee = place + 1
  }

  /// Forgets them; whoever has kept them has them still.
  mutating func forget() {
    if isEmpty { return }
    if isKnownUniquelyReferenced(&store) {
      store.forget()
    } else {
      store = Store(room: 8)
    }
  }

  @inline(never)
  private mutating func makeRoom() { store = Store(store, room: Swift.max(store.room, 2 * count)) }

  /// What an event has beside its figures.
  struct Pointers {
    let subject: EventSubject
    let beside: VenueEvent.Beside?
  }

  /// Calls `body` with what each event is made of, where it stands: it is larger than what is asked of it.
  @inline(__always)
  func eachInPlace(_ body: (UnsafePointer<Pointers>, UnsafePointer<VenueEvent.Figures>) -> Void) {
    let store = store
    for index in 0..<store.count.pointee {
      body(UnsafePointer(store.pointers + index), UnsafePointer(store.figures + index))
    }
  }

  /// How many of them are sides of trades.
  public var tradeSideCount: Int {
    let store = store
    var count = 0
    for index in 0..<store.count.pointee {
      switch store.figures[index].kind {
      case .trade: count += 1
      case .told: count += self[index].isTrade ? 1 : 0
      case .accepted, .ended, .balance, .balances: break
      }
    }
    return count
  }
}

/// The room of the events; what more than one has is not changed.
///
/// What changes stands behind pointers that do not: reads of a variable of a class are guarded against each other one by one.
private final class Store: @unchecked Sendable {
  typealias Pointers = VenueEvents.Pointers

  let count: UnsafeMutablePointer<Int>
  let pointers: UnsafeMutablePointer<Pointers>
  let figures: UnsafeMutablePointer<VenueEvent.Figures>
  let room: Int

  init(room: Int) {
    self.room = room
    count = .allocate(capacity: 1)
    count.initialize(to: 0)
    pointers = .allocate(capacity: room)
    figures = .allocate(capacity: room)
  }

  convenience init(_ other: Store, room: Int) {
    self.init(room: room)
    count.pointee = other.count.pointee
    pointers.initialize(from: other.pointers, count: count.pointee)
    figures.initialize(from: other.figures, count: count.pointee)
  }

  // One by one: a routine that forgets many first finds out what they are made of.
  func forget() {
    for index in 0..<count.pointee { (pointers + index).deinitialize(count: 1) }
    count.pointee = 0
  }

  deinit {
    forget()
    count.deallocate()
    pointers.deallocate()
    figures.deallocate()
  }
}
