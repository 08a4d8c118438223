import Basics
import ChaosRuntime

/// The worker of one kind of job, and the one that was abandoned, if any.
///
/// A job may hang in code that is not the engine's (a venue's client, a formatter). Its worker is then abandoned and replaced,
/// once: a second one that hangs too is kept, so that no more than two threads are ever lost to a kind of job. Everything here is
/// guarded by the owner's lock; the methods say whether the caller holds it.
final class SpareWorker<Job>: @unchecked Sendable {
  /// One thread's side; guarded by the owner's lock.
  final class Worker: @unchecked Sendable {
    fileprivate(set) var job: Job?
    fileprivate(set) var isBusy = false
    fileprivate(set) var isAbandoned = false
    /// Nobody waits for its job any more.
    var isOverdue = false
  }

  private let lock: Lock
  private let work: Condition
  private var abandonedCount = 0
  private(set) var current: Worker?
  private(set) var isClosed = false

  /// - Parameter work: the name of the condition on which idle workers wait.
  init(_ lock: Lock, work: String) {
    self.lock = lock
    self.work = Condition(lock, work)
  }

  /// Gives up a worker that is busy; false: the one before it hangs still, and this one stays. Holding the lock.
  func abandonBusy() -> Bool {
    guard let busy = current, busy.isBusy else { return true }
    guard abandonedCount == 0 else { return false }
    busy.isAbandoned = true
    abandonedCount += 1
    current = nil
    return true
  }

  /// Gives the job to the idle worker, or to a new one whose thread the caller has to start. Holding the lock.
  func give(_ job: Job) -> (worker: Worker, isNew: Bool) {
    let isNew = current == nil
    let worker = current ?? Worker()
    worker.job = job
    worker.isBusy = true
    worker.isOverdue = false
    current = worker
    if !isNew { work.signal() }
    return (worker, isNew)
  }

  /// Takes back a worker's job that is done. Holding the lock.
  func finish(_ worker: Worker) {
    worker.isBusy = false
    if worker.isAbandoned { abandonedCount -= 1 }
  }

  /// Takes note of a worker whose thread ends with its job undone. Holding the lock.
  func forget(_ worker: Worker) {
    if current === worker { current = nil }
    finish(worker)
  }

  /// No more jobs: idle workers end. Holding the lock.
  func close() {
    isClosed = true
    work.broadcast()
  }

  /// A worker's next job; nil once it was abandoned, or everything is closed and nothing is left. Takes the lock.
  ///
  /// A worker whose thread ends here is forgotten: the next job gets another one.
  func take(_ worker: Worker) throws(Stopped) -> Job? {
    try lock.lock()
    defer { lock.unlock() }
    do throws(Stopped) {
      while worker.job == nil, !isClosed, !worker.isAbandoned { try work.wait() }
    } catch {
      forget(worker)
      throw error
    }
    if worker.isAbandoned { return nil }
    let job = worker.job
    worker.job = nil
    return job
  }
}
