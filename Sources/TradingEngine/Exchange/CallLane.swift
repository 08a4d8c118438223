import Basics
import ChaosRuntime
import Trading

/// Runs one kind of call on a worker, so that a caller gets its answer in time even when the call hangs.
public final class CallLane<Reply: Sendable>: @unchecked Sendable {
  /// What a call brings.
  public typealias Answer = Result<Reply, CallFailure>
  /// What to do with an answer for which nobody waits any more.
  public typealias Late = @Sendable (Answer) throws(Stopped) -> Void

  /// One call; guarded by the lane's lock.
  private final class Call: @unchecked Sendable {
    let work: @Sendable () throws(Stopped) -> Answer
    let late: Late?
    var answer: Answer?
    /// The caller waits no longer: its time is over, or its thread ended.
    var isLate = false

    init(_ work: @escaping @Sendable () throws(Stopped) -> Answer, late: Late?) {
      self.work = work
      self.late = late
    }
  }

  private let context: EngineContext
  private let name: ThreadName
  private let lock: Lock
  private let answered: Condition
  /// Guarded by `lock`.
  private let workers: SpareWorker<Call>
  /// No caller waits beyond; nil: the engine does not end yet.
  private var lastLimit: Instant?

  /// A lane without a worker; the first call starts a thread of that name.
  public init(_ context: EngineContext, _ name: ThreadName) {
    self.context = context
    self.name = name
    lock = Lock(context.runtime, name.rawValue)
    workers = SpareWorker(lock, work: "\(name.rawValue) work")
    answered = Condition(lock, "\(name.rawValue) answered")
  }

  /// Runs the call on the worker; `.unknownOutcome("deadline")` when it has not ended by `limit`, a passing venue error when
  /// it was not even begun. An answer for which nobody waits any more is handed to `late`, on the worker.
  public func call(
    until limit: Instant, late: Late? = nil,
    _ body: @escaping @Sendable () throws(Stopped) -> Answer
  ) throws(Stopped) -> Answer {
    let call = Call(body, late: late)
    try lock.lock()
    defer { lock.unlock() }
    while let current = workers.current, current.isBusy, !current.isOverdue, !workers.isClosed {
      if try isOver(limit), current.isBusy { return .failure(.venue(notSent(.workerIsBusy))) }
    }
    if workers.isClosed { return .failure(.venue(notSent(.gateIsClosed))) }
    guard workers.abandonBusy() else { return .failure(.venue(notSent(.callsHang))) }
    let (worker, isNew) = workers.give(call)
    if isNew { try context.threads.start(name) { [self] () throws(Stopped) in try serve(worker) } }
    defer { call.isLate = call.answer == nil }
    while call.answer == nil {
      if try isOver(limit), call.answer == nil {
        worker.isOverdue = true
        // Whoever waits for the worker need not wait for it any longer: the next caller gets another one.
        answered.broadcast()
        return .failure(.unknownOutcome("deadline"))
      }
    }
    return call.answer ?? .failure(.unknownOutcome("deadline"))
  }

  /// Lets nobody wait beyond that time any more.
  public func hurry(until limit: Instant) throws(Stopped) {
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

  /// Ends the worker; whoever waits gets no answer any more.
  public func close() throws(Stopped) {
    try lock.withLock {
      workers.close()
      answered.broadcast()
    }
  }

  private func serve(_ me: SpareWorker<Call>.Worker) throws(Stopped) {
    while let call = try workers.take(me) {
      let answer = try call.work()
      let isLate = try lock.withLock {
        if !call.isLate { call.answer = answer }
        workers.finish(me)
        answered.broadcast()
        return call.isLate
      }
      if isLate { try call.late?(answer) }
    }
  }

  private func notSent(_ why: UnsentReason) -> VenueError {
    VenueError(code: 0, text: "not sent: \(why.rawValue)", httpStatus: 0, kind: .notSent)
  }
}
