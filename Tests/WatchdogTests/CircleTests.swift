import Basics
import CPlatform
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Watchdog

/// Circles through a condition, at moments that the test makes up.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct CircleTests {
  private enum Twist {
    case none, timedWait, anotherWaker, nobodyForALock, runningWaker, noWaker, unknownWaker, manyWakers
  }

  /// A keeper waits for an answer while it has the budget's lock; the one who has signalled answers wants the budget.
  private func summaries(_ twist: Twist) throws -> [String] {
    let runtime = liveRuntime()
    let lock = Lock(runtime, "answers")
    let answer = Condition(lock, "answer")
    let budget = Lock(runtime, "budget")
    let meeting = Meeting()
    try runtime.spawn("worker") { () throws(Stopped) in
      if twist != .noWaker { try lock.withLock { () throws(Stopped) in answer.signal() } }
      try meeting.arrive(of: 3, in: runtime)
      switch twist {
      case .nobodyForALock: try lock.withLock { () throws(Stopped) in while true { try answer.wait() } }
      case .runningWaker: try runtime.sleep(.seconds(600))
      default: try budget.withLock { () throws(Stopped) in }
      }
    }
    try runtime.spawn("keeper") { () throws(Stopped) in
      try budget.withLock { () throws(Stopped) in
        try meeting.arrive(of: 3, in: runtime)
        try lock.withLock { () throws(Stopped) in
          while true { try answer.wait(timeout: twist == .timedWait ? .seconds(600) : nil) }
        }
      }
    }
    if twist == .anotherWaker { answer.signal() }
    let bystander = Bystander()
    if twist == .unknownWaker { bystander.start { answer.signal() } }
    if twist == .manyWakers {
      for _ in 0...Int(CP_WAKERS_MAX) { try runtime.spawn("ended") { answer.signal() }.join() }
    }
    defer { bystander.end() }
    try meeting.arrive(of: 3, in: runtime)
    usleep(30_000)
    let rules = HangRules(owner: Unmanaged.passUnretained(runtime).toOpaque(), limits: ActivityLimits())
    defer { rules.deallocate() }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let start = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    var found: [String] = []
    for seconds in [4, 6, 7, 10, 12, 13] {
      while let finding = rules.look(now: start + UInt64(seconds) * 1_000_000_000) {
        found.append("\(seconds) s, \(finding.count) threads, circle \(finding.isCircle)")
      }
    }
    #expect(runtime.stop() == 0)
    return found
  }

  @Test func `A circle through a condition is found once it has stood for ten seconds`() throws {
    #expect(try summaries(.none) == ["12 s, 2 threads, circle true"])
  }

  @Test func `A wait that a time limit ends and a waker that is free prove nothing`() throws {
    #expect(try summaries(.timedWait) == [])
    #expect(try summaries(.anotherWaker) == [])
    #expect(try summaries(.runningWaker) == [])
  }

  /// Who will signal a condition that nobody has signalled yet, nobody knows; nor of more threads than are written down.
  @Test func `Only wakers that are all known make a circle`() throws {
    #expect(try summaries(.noWaker) == [])
    #expect(try summaries(.unknownWaker) == [])
    #expect(try summaries(.manyWakers) == [])
  }

  @Test func `Threads that wait for signals of each other and for no lock are idle`() throws {
    #expect(try summaries(.nobodyForALock) == [])
  }
}

/// A thread that the runtime does not know: it does something and stays until the end.
private final class Bystander: Sendable {
  private let thread = Mutex<pthread_t?>(nil)
  private let isOver = Atomic<Bool>(false)
  private let isDone = Atomic<Bool>(false)

  private final class Start {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
  }

  func start(_ body: @escaping @Sendable () -> Void) {
    let start = Start { [self] in
      body()
      isDone.store(true, ordering: .sequentiallyConsistent)
      while !isOver.load(ordering: .sequentiallyConsistent) { usleep(1000) }
    }
    var made = pthread_t()
    pthread_create(
      &made, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, Unmanaged.passRetained(start).toOpaque())
    thread.withLock { [made] in $0 = made }
    while !isDone.load(ordering: .sequentiallyConsistent) { usleep(1000) }
  }

  func end() {
    isOver.store(true, ordering: .sequentiallyConsistent)
    if let made = thread.withLock({ $0 }) { pthread_join(made, nil) }
  }
}
