public import Basics
public import Synchronization

/// A bounded first-in first-out queue between threads, with delayed delivery.
///
/// Built on `Lock` and `Condition`, so it is one implementation, live and simulated. Inlinable, because elements of a type
/// that the compiler does not know are copied and destroyed through tables.
public final class Channel<Element: Sendable>: EventSource, @unchecked Sendable {
  @usableFromInline struct Item {
    @usableFromInline let due: Instant
    @usableFromInline let element: Element

    @inlinable init(due: Instant, element: Element) {
      self.due = due
      self.element = element
    }
  }

  /// Names the channel and its lock in dumps and recordings; its conditions are `NAME not empty` and `NAME not full`.
  public let name: String
  /// Elements that may wait to be received before `send` blocks and `offer` refuses.
  public let capacity: Int
  @usableFromInline let runtime: Runtime
  @usableFromInline let lock: Lock
  @usableFromInline let notEmpty: Condition
  @usableFromInline let notFull: Condition
  // Guarded by `lock`, which says who may touch them; checking each access again costs as much as the access.
  @exclusivity(unchecked) @usableFromInline var items: [Item] = []
  @exclusivity(unchecked) @usableFromInline var head = 0
  @exclusivity(unchecked) @usableFromInline var delayed: [Item] = []
  @exclusivity(unchecked) @usableFromInline var closed = false
  // The same for whoever asks without the lock: written by its holder, after every change.
  @usableFromInline let shownCount = Atomic<Int>(0)
  @usableFromInline let shownClosed = Atomic<Bool>(false)

  /// `capacity` counts elements that wait to be received, at least 1.
  public init(_ runtime: Runtime, _ name: String, capacity: Int) {
    precondition(capacity > 0, "a channel holds at least one element")
    self.name = name
    self.capacity = capacity
    self.runtime = runtime
    lock = Lock(runtime, name)
    notEmpty = Condition(lock, "\(name) not empty")
    notFull = Condition(lock, "\(name) not full")
  }

  /// Waits while the channel is full. On a closed channel the element is dropped.
  @inlinable public func send(_ element: Element) throws(Stopped) {
    try lock.lock()
    defer { lock.unlock() }
    while queued >= capacity, !closed { try notFull.wait() }
    if !closed { append(element) }
  }

  /// Never waits for room; false: full or closed.
  @inlinable public func offer(_ element: Element) throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    if closed || queued >= capacity { return false }
    append(element)
    return true
  }

  /// Delivers the element no earlier than `delay` from now; equal times keep the order of sending. Never waits for room:
  /// what is on its way is bounded by 16 times the capacity, beyond which it is refused with false.
  @discardableResult
  @inlinable public func send(_ element: Element, after delay: Duration) throws(Stopped) -> Bool {
    try lock.lock()
    defer { lock.unlock() }
    if closed || delayed.count >= 16 * capacity { return false }
    let item = Item(due: runtime.now + delay, element: element)
    var index = delayed.count
    while index > 0, delayed[index - 1].due > item.due { index -= 1 }
    delayed.insert(item, at: index)
    showCount()
    notEmpty.signal()
    return true
  }

  /// The oldest element, waiting for one at most `timeout`; nil: none came, or the channel is closed and empty.
  @inlinable public func receive(timeout: Duration? = nil) throws(Stopped) -> Element? {
    try lock.lock()
    defer { lock.unlock() }
    let deadline = timeout.map { runtime.now + $0 }
    while true {
      if head < items.count { return take() }
      let now = runtime.now
      let next = delayed.isEmpty ? nil : delayed[0].due
      if let next, next <= now || closed { return takeDelayed() }
      if closed { return nil }
      if let deadline, now >= deadline { return nil }
      switch (next, deadline) {
      case (nil, nil): try notEmpty.wait()
      case (let due?, nil): try notEmpty.wait(until: due)
      case (nil, let end?): try notEmpty.wait(until: end)
      case (let due?, let end?): try notEmpty.wait(until: min(due, end))
      }
    }
  }

  /// Receivers get what is left, then nil; senders are refused.
  @inlinable public func close() throws(Stopped) {
    try lock.lock()
    defer { lock.unlock() }
    closed = true
    shownClosed.store(true, ordering: .relaxed)
    notEmpty.broadcast()
    notFull.broadcast()
  }

  /// Elements ready or on their way, without a lock: exact in a simulation, a moment's view live.
  @inlinable public var count: Int { shownCount.load(ordering: .relaxed) }

  /// Whether `close` was called, without a lock like `count`.
  @inlinable public var isClosed: Bool { shownClosed.load(ordering: .relaxed) }

  /// Holding the lock.
  @inlinable func showCount() { shownCount.store(queued + delayed.count, ordering: .relaxed) }

  @inlinable var queued: Int { items.count - head }

  @inlinable func append(_ element: Element) {
    items.append(Item(due: runtime.now, element: element))
    showCount()
    notEmpty.signal()
  }

  @inlinable func take() -> Element {
    let element = items[head].element
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    } else if head >= 64, head * 2 >= items.count {
      items.removeFirst(head)
      head = 0
    }
    showCount()
    notFull.signal()
    return element
  }

  @inlinable func takeDelayed() -> Element {
    let element = delayed.removeFirst().element
    showCount()
    return element
  }
}
