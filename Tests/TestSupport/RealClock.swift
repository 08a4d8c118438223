import Foundation
import Synchronization
import Testing

extension Tag {
  /// Runs on the real clock and real threads.
  @Tag public static var live: Self
}

/// Runs tests that wait for the real clock on threads of their own, six at a time.
///
/// Tests run on as many threads as the machine has cores. One that waits holds its thread though it needs no core, so that
/// two of them at once stop all others.
public struct RealClock: TestTrait, SuiteTrait, TestScoping {
  public let isRecursive = true

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    // A suite has no body; its tests come one by one.
    guard testCase != nil else { return try await function() }
    try await withTaskExecutorPreference(WaitingThreads.shared) { try await function() }
  }
}

extension Trait where Self == RealClock {
  /// On a thread of its own, since it waits for the real clock.
  public static var realClock: Self { RealClock() }
}

/// A few threads that take jobs in the order they come.
private final class WaitingThreads: TaskExecutor {
  static let shared = WaitingThreads(count: 6)

  private let jobs = Mutex<[UnownedJob]>([])
  private let waiting = DispatchSemaphore(value: 0)

  init(count: Int) {
    for number in 1...count {
      let thread = Thread { [self] in serve() }
      thread.name = "waiting-\(number)"
      // What the threads of the cooperative pool have is less than some tests need in debug builds.
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    waiting.signal()
  }

  private func serve() {
    while true {
      waiting.wait()
      let job = jobs.withLock { $0.removeFirst() }
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }
}
