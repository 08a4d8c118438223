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

  private let context: EngineContext
  private let formatter: any LogFormatter
  private let lock: Lock
  private let finished: Condition
  /// Guarded by `lock`.
  private let workers: SpareWorker<Job>

  init(_ parts: EngineAssembly) {
    context = parts.context
    formatter = parts.formatter
    lock = Lock(context.runtime, "log-format")
    workers = SpareWorker(lock, work: "format work")
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
    try lock.withLock { workers.close() }
  }

  /// Gives the job to a worker; nil when both hang.
  private func assign(_ records: [LogRecord]) throws(Stopped) -> Job? {
    let job = Job(records, at: context.runtime.now)
    try lock.lock()
    guard workers.abandonBusy() else {
      lock.unlock()
      return nil
    }
    let (worker, isNew) = workers.give(job)
    lock.unlock()
    if isNew { try context.threads.start(.formatWorker) { [self] () throws(Stopped) in try serve(worker) } }
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

  private func serve(_ me: SpareWorker<Job>.Worker) throws(Stopped) {
    func message(_ job: Job, _ index: Int) throws(Stopped) -> RenderedMessage {
      try formatter.message(for: job.records[index]).map { .text($0) } ?? RenderedMessage.none
    }
    while let job = try workers.take(me) {
      var index = job.next(after: nil, at: context.runtime.now)
      while let current = index, current + 1 < job.records.count {
        index = job.next(after: try message(job, current), at: context.runtime.now)
      }
      let last = try index.map { current throws(Stopped) in try message(job, current) }
      // The last message and the end of the work become known together: a worker that has finished is never taken for one
      // that hangs.
      try lock.withLock { () throws(Stopped) in
        if let last { _ = job.next(after: last, at: context.runtime.now) }
        workers.finish(me)
        finished.broadcast()
      }
    }
  }
}
