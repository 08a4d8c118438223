import Basics
import ChaosRuntime
import Synchronization

/// Renders the messages of records on a thread of its own, each within a time limit.
///
/// A worker that hangs is abandoned and replaced, one at a time; while a second one hangs, records go without message.
final class MessageRenderer: @unchecked Sendable {
  /// Some records, and how far a worker has come with them.
  private final class Job: Sendable {
    struct Progress {
      var messages: [RenderedMessage] = []
      var startedAt: Instant
      var isAbandoned = false
    }
    let records: [LogRecord]
    let progress: Mutex<Progress>

    init(_ records: [LogRecord], at time: Instant) {
      self.records = records
      var initial = Progress(startedAt: time)
      initial.messages.reserveCapacity(records.count)
      progress = Mutex(initial)
    }

    /// The next record's index; nil when the job is done or given up.
    func next(after message: RenderedMessage?, at time: Instant) -> Int? {
      progress.withLock { state in
        if state.isAbandoned { return nil }
        if let message { state.messages.append(message) }
        state.startedAt = time
        return state.messages.count < records.count ? state.messages.count : nil
      }
    }
  }

  /// One worker's cycleReports; guarded by `lock`.
  private final class Worker: @unchecked Sendable {
    var job: Job?
    var isBusy = false
    var isAbandoned = false
  }

  private let context: EngineContext
  private let lock: Lock
  private let work: Condition
  private let finished: Condition
  private var worker: Worker?
  private var abandonedCount = 0
  private var isClosed = false

  init(_ context: EngineContext) {
    self.context = context
    lock = Lock(context.runtime, "log-format")
    work = Condition(lock, "format work")
    finished = Condition(lock, "format finished")
  }

  /// The messages of the records, in their order; takes at most the limit per record that hangs.
  func render(_ records: [LogRecord]) throws(Stopped) -> [RenderedMessage] {
    var messages: [RenderedMessage] = []
    while messages.count < records.count {
      let rest = messages.isEmpty ? records : Array(records[messages.count...])
      guard let job = try assign(rest) else {
        for _ in rest { context.metrics.recordLoggingTimeout() }
        messages.append(contentsOf: Array(repeating: .timedOut, count: rest.count))
        break
      }
      let some = try collect(job)
      if messages.isEmpty { messages = some } else { messages.append(contentsOf: some) }
    }
    return messages
  }

  func close() throws(Stopped) {
    try lock.withLock {
      isClosed = true
      work.broadcast()
    }
  }

  /// Gives the job to a worker; nil when both hang.
  private func assign(_ records: [LogRecord]) throws(Stopped) -> Job? {
    let job = Job(records, at: context.runtime.now)
    try lock.lock()
    if let current = worker, current.isBusy {
      guard abandonedCount == 0 else {
        lock.unlock()
        return nil
      }
      current.isAbandoned = true
      abandonedCount += 1
      worker = nil
    }
    let isNew = worker == nil
    let chosen = worker ?? Worker()
    worker = chosen
    chosen.job = job
    chosen.isBusy = true
    work.broadcast()
    lock.unlock()
    if isNew {
      try context.threads.start(.formatWorker) { [self] () throws(Stopped) in try serve(chosen) }
    }
    return job
  }

  /// Waits for the job while it makes progress; what it has when a record's time is up, that record included.
  private func collect(_ job: Job) throws(Stopped) -> [RenderedMessage] {
    let limit = context.settings.formatterTimeout
    let isDone = try context.runtime.activity("log.format") { () throws(Stopped) in
      try lock.lock()
      defer { lock.unlock() }
      while job.progress.withLock({ $0.messages.count < job.records.count }) {
        let due = job.progress.withLock { $0.startedAt } + limit
        if try !finished.wait(until: due), context.runtime.now >= job.progress.withLock({ $0.startedAt }) + limit {
          return false
        }
        context.runtime.beat()
      }
      return true
    }
    let messages = job.progress.withLock { state in
      if !isDone, state.messages.count < job.records.count {
        state.isAbandoned = true
        state.messages.append(.timedOut)
      }
      return state.messages
    }
    if messages.last == .timedOut {
      context.runtime.landmark(.formatLimitPassed)
      context.metrics.recordLoggingTimeout()
    }
    return messages
  }

  private func serve(_ me: Worker) throws(Stopped) {
    let formatter = context.formatter
    func message(_ job: Job, _ index: Int) throws(Stopped) -> RenderedMessage {
      try formatter.message(for: job.records[index]).map { .text($0) } ?? RenderedMessage.none
    }
    while let job = try take(me) {
      var index = job.next(after: nil, at: context.runtime.now)
      while let current = index, current + 1 < job.records.count {
        index = job.next(after: try message(job, current), at: context.runtime.now)
      }
      let last = try index.map { current throws(Stopped) in try message(job, current) }
      // The last message and the end of the work become known together: a worker that has finished is never taken for one
      // that hangs.
      try lock.withLock { () throws(Stopped) in
        if let last { _ = job.next(after: last, at: context.runtime.now) }
        me.isBusy = false
        if me.isAbandoned { abandonedCount -= 1 }
        finished.broadcast()
      }
    }
  }

  /// The worker's next job; nil once it was abandoned or everything is closed.
  private func take(_ me: Worker) throws(Stopped) -> Job? {
    try lock.lock()
    defer { lock.unlock() }
    while me.job == nil, !isClosed, !me.isAbandoned { try work.wait() }
    if me.isAbandoned { return nil }
    let job = me.job
    me.job = nil
    return job
  }
}
