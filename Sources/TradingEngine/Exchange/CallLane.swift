import Basics
import ChaosRuntime
import Trading

/// The worker of one kind of call, and the one that was abandoned, if any.
final class CallLane<Reply: Sendable>: @unchecked Sendable {
  typealias Answer = Result<Reply, CallFailure>

  /// One call; guarded by the lane's lock.
  private final class Call: @unchecked Sendable {
    let work: @Sendable () throws(Stopped) -> Answer
    var answer: Answer?

    init(_ work: @escaping @Sendable () throws(Stopped) -> Answer) { self.work = work }
  }

  /// A worker's cycleReports; guarded by the lane's lock.
  private final class Worker: @unchecked Sendable {
    var call: Call?
    var isBusy = false
    var isOverdue = false
    var isAbandoned = false
  }

  private let context: EngineContext
  private let name: ThreadName
  private let lock: Lock
  private let work: Condition
  private let answered: Condition
  private var worker: Worker?
  private var abandonedCount = 0
  private var isClosed = false
  /// No caller waits beyond; nil: the engine does not end yet.
  private var lastLimit: Instant?

  init(_ context: EngineContext, _ name: ThreadName) {
    self.context = context
    self.name = name
    lock = Lock(context.runtime, name.rawValue)
    work = Condition(lock, "\(name) work")
    answered = Condition(lock, "\(name) answered")
  }

  /// Runs the call on the worker; `.unknownOutcome("deadline")` when it has not ended by `limit`, a passing venue error when
  /// it was not even begun.
  func call(until limit: Instant, _ body: @escaping @Sendable () throws(Stopped) -> Answer) throws(Stopped) -> Answer {
    let call = Call(body)
    try lock.lock()
    defer { lock.unlock() }
    while let current = worker, current.isBusy, !current.isOverdue, !isClosed {
      if try isOver(limit), current.isBusy { return .failure(.venue(notSent("the worker is busy"))) }
    }
    if isClosed { return .failure(.venue(notSent("the gate is closed"))) }
    if let current = worker, current.isBusy {
      guard abandonedCount == 0 else { return .failure(.venue(notSent("two calls hang"))) }
      current.isAbandoned = true
      abandonedCount += 1
      worker = nil
    }
    let chosen = worker ?? Worker()
    chosen.call = call
    chosen.isBusy = true
    chosen.isOverdue = false
    if worker == nil {
      worker = chosen
      try context.threads.start(name) { [self] () throws(Stopped) in try serve(chosen) }
    } else {
      work.signal()
    }
    while call.answer == nil {
      if try isOver(limit), call.answer == nil {
        chosen.isOverdue = true
        // Whoever waits for the worker need not wait for it any longer: the next caller gets another one.
        answered.broadcast()
        return .failure(.unknownOutcome("deadline"))
      }
    }
    return call.answer ?? .failure(.unknownOutcome("deadline"))
  }

  /// Lets nobody wait beyond that time any more.
  func hurry(until limit: Instant) throws(Stopped) {
    try lock.withLock {
      lastLimit = limit
      answered.broadcast()
    }
  }

  /// Waits for news of the lane; whether the caller's time is over. Holding the lock.
  private func isOver(_ limit: Instant) throws(Stopped) -> Bool {
    let limit = lastLimit.map { min($0, limit) } ?? limit
    return try !answered.wait(until: limit)
  }

  func close() throws(Stopped) {
    try lock.withLock {
      isClosed = true
      work.broadcast()
      answered.broadcast()
    }
  }

  private func serve(_ me: Worker) throws(Stopped) {
    while let call = try take(me) {
      let answer = try call.work()
      try lock.withLock {
        call.answer = answer
        me.isBusy = false
        if me.isAbandoned { abandonedCount -= 1 }
        answered.broadcast()
      }
    }
  }

  /// The worker's next call; nil once it was abandoned, or the lane is closed and nothing is left.
  private func take(_ me: Worker) throws(Stopped) -> Call? {
    try lock.lock()
    defer { lock.unlock() }
    while me.call == nil, !isClosed, !me.isAbandoned { try work.wait() }
    if me.isAbandoned { return nil }
    let call = me.call
    me.call = nil
    return call
  }

  private func notSent(_ why: String) -> VenueError {
    VenueError(code: 0, text: "not sent: \(why)", httpStatus: 0, kind: .rateLimited)
  }
}
