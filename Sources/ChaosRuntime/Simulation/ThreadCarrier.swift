import CPlatform
import Glibc

/// OS threads: each simulated thread has one, and the one that runs wakes the next before it waits for its own turn.
final class ThreadCarrier: Carrier {
  private let pool: StackPool
  /// Where the OS thread that runs the simulation waits.
  private let outside: UnsafeMutablePointer<UInt32>

  init(pool: StackPool) {
    self.pool = pool
    outside = .allocate(capacity: 1)
    outside.initialize(to: 0)
  }

  deinit { outside.deallocate() }

  func prepare(_ thread: SimThread) {
    let worker = pool.takeWorker()
    StackPool.name(worker.stack, thread.path)
    worker.life = Unmanaged.passUnretained(thread).toOpaque()
    thread.worker = worker
    thread.context.pointee.baton = worker.baton
  }

  func transfer(from: ThreadReference, to: ThreadReference) {
    let (from, to) = (from.look { $0.context }, to.look { $0.context })
    if from.pointee.baton == nil { from.pointee.baton = outside }
    // Between these two lines two OS threads run. The one that has passed the baton touches nothing but its own word
    // until it has it back, so that the world still belongs to one thread at a time.
    cp_baton_pass(to.pointee.baton)
    cp_baton_wait(from.pointee.baton)
  }

  func stackBounds(of thread: SimThread) -> (low: UInt, high: UInt) {
    guard let worker = thread.worker else { return (0, 0) }
    return (UInt(bitPattern: worker.stack), worker.stackTop)
  }

  func reclaim(_ thread: SimThread) {
    if let worker = thread.worker { pool.give(worker) }
    thread.worker = nil
  }
}

/// An OS thread that lives one simulated life after another.
final class Worker: @unchecked Sendable {
  let stack: UnsafeMutableRawPointer
  /// Where it waits, between lives and within one.
  let baton: UnsafeMutablePointer<UInt32>
  /// The simulated thread whose life it lives at the next baton; nil: it ends.
  @exclusivity(unchecked) var life: UnsafeMutableRawPointer?
  /// Where the frames of a life begin.
  @exclusivity(unchecked) var stackTop: UInt = 0
  /// Number of the OS thread, as the kernel counts.
  @exclusivity(unchecked) var osThread: Int32?
  private var thread = pthread_t()

  init(stack: UnsafeMutableRawPointer, size: Int) {
    self.stack = stack
    baton = .allocate(capacity: 1)
    baton.initialize(to: 0)
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstack(&attributes, stack, size)
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Worker>.fromOpaque(argument).takeUnretainedValue().work()
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    if result != 0 { fatalError("no OS thread for a simulated one: errno \(result)") }
  }

  deinit { baton.deallocate() }

  /// Ends the OS thread; it is between two lives.
  func end() {
    life = nil
    cp_baton_pass(baton)
    pthread_join(thread, nil)
  }

  private func work() {
    cp_thread_show_name("simulated")
    cp_stack_watch()
    osThread = cp_gettid()
    while true {
      cp_baton_wait(baton)
      guard let life else { return }
      cp_call(
        { argument in
          guard let argument else { return }
          let last = World.live(Unmanaged<SimThread>.fromOpaque(argument))
          // From here on another thread may have ended the run: nothing of it is touched.
          cp_baton_pass(last.next)
        }, life, &stackTop)
    }
  }
}
