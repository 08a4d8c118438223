import Basics
public import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// Watches simulated runs in real time: a simulated thread that computes without end, or really blocks, stops its whole
/// world, and no virtual clock can tell.
public final class StuckRunMonitor: Sendable {
  /// A thread that runs for too long without a scheduling point.
  public struct Finding: Sendable {
    /// One sentence: who, for how long, in which run, and whether it computes or blocks.
    public var summary: String
    /// Like a stack dump; its symbols may take a second.
    public var dump: SimulatedDump
  }

  private let pulse = RunProgress()
  private let limit: Duration
  private let onStuck: @Sendable (Finding) -> Void
  /// The process that has a watching thread: a forked one needs its own.
  private let process = Atomic<Int32>(0)

  /// Looks at the pulse in a limit.
  private static let looks = 10

  /// `onStuck` is called once, on the guard's own thread; the run cannot be ended from outside, so it should end the process.
  public init(limit: Duration = .seconds(10), onStuck: @escaping @Sendable (Finding) -> Void) {
    self.limit = limit
    self.onStuck = onStuck
  }

  /// The pulse for a run that begins; the watching thread starts with the first one of a process.
  public func enter(_ label: String) -> RunProgress {
    pulse.label(label)
    let me = getpid()
    if process.exchange(me, ordering: .relaxed) != me { start() }
    return pulse
  }

  private func start() {
    // Primes the unwinder, which takes locks the first time.
    _ = cp_capture_install()
    cp_capture_accept()
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<StuckRunMonitor>.fromOpaque(argument).takeRetainedValue().watch()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    if result != 0 { fatalError("the guard of simulated runs cannot be started: errno \(result)") }
    pthread_detach(thread)
  }

  /// Looks are counted, not time: a process that was stopped for a while has not been looked at either.
  private func watch() {
    let pause = UInt64(max(1, limit.nanoseconds)) / UInt64(Self.looks)
    var word: UInt32 = 0
    var last: Int?
    var unchanged = 0
    while true {
      let wake = cp_monotonic_ns() &+ pause
      while cp_monotonic_ns() < wake { _ = cp_futex_wait(&word, 0, wake) }
      let beats = pulse.beats
      unchanged = beats != nil && beats == last ? unchanged + 1 : 0
      last = beats
      guard unchanged >= Self.looks, let holder = pulse.holder() else { continue }
      return onStuck(finding(holder))
    }
  }

  private func finding(_ holder: RunProgress.Holder) -> Finding {
    let arena = DumpArena()
    let capture = arena.captures
    cp_thread_status_read(holder.osThread, arena.statuses)
    let isBlocked = arena.statuses.pointee.syscall_number >= 0 && arena.statuses.pointee.state != 0x52
    _ = cp_capture_reset(capture, holder.osThread)
    capture.pointee.stack_low = UInt64(holder.stackLow)
    capture.pointee.stack_high = UInt64(holder.stackHigh)
    capture.pointee.syscall_number = isBlocked ? UInt32(arena.statuses.pointee.syscall_number) : 0
    capture.pointee.syscall_pc = isBlocked ? arena.statuses.pointee.syscall_pc : 0
    _ = cp_capture_ask(capture)
    cp_capture_wait(capture, 1, cp_monotonic_ns() &+ 2_000_000_000, 0)
    var threads = holder.threads
    if cp_capture_state(capture) == UInt32(CP_CAPTURE_DONE),
      let index = threads.firstIndex(where: { $0.state == .running }), let frames = cp_capture_frames(capture)
    {
      // A dump of a simulation takes all of them for return addresses; the first is none.
      threads[index].frames = (0..<Int(capture.pointee.count)).map { frames[$0] &+ ($0 == 0 ? 1 : 0) }
    }
    let what = isBlocked ? "it blocks in the kernel, out of the simulation's sight" : "it computes"
    let summary =
      "\(holder.thread) has run for \(limit.seconds) s of real time without a scheduling point (\(what)); "
      + "\(holder.label), step \(holder.steps)"
    let incident = Incident(kind: .stuck, time: holder.virtualTime, summary: summary, threads: [holder.thread])
    return Finding(summary: summary, dump: SimulatedDump(incident: incident, threads: threads, notes: []))
  }
}
