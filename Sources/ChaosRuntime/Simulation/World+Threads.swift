import Basics
import CPlatform

/// Births and deaths of simulated threads.
extension World {
  func makeThread(name: String, body: @escaping @Sendable () throws(Stopped) -> Void) -> SimThread {
    var path = threads.isEmpty ? name : threads[0] === current ? name : "\(current.path)/\(name)"
    let count = pathCounts[path, default: 0] + 1
    pathCounts[path] = count
    if count > 1 { path += "#\(count)" }
    let thread = SimThread(name: name, path: path, id: threads.count, world: self, body: body)
    thread.since = now
    thread.born = now
    threads.append(thread)
    lockOrder?.spawned(thread, by: current.id)
    carrier.prepare(thread)
    if held.contains(path) {
      thread.state = .notStarted
    } else {
      thread.state = .runnable
      runnable.append(ThreadReference(thread))
    }
    return thread
  }

  /// The whole life of a thread. It returns raw contexts, so that the last switch is made from a frame without references.
  static func live(_ reference: Unmanaged<SimThread>) -> FinalSwitch {
    let thread = reference.takeUnretainedValue()
    guard let world = thread.world else { fatalError("a simulated thread without a world") }
    thread.hasStarted = true
    if let body = thread.body, !world.isStopping {
      do throws(Stopped) { try body() } catch {}
    }
    thread.body = nil
    return world.finish(thread)
  }

  private func finish(_ thread: SimThread) -> FinalSwitch {
    thread.state = .finished
    thread.since = now
    progress &+= 1
    thread.timerToken &+= 1
    thread.doing.pointee.removeAll()
    for joiner in thread.joiners { wake(ThreadReference(joiner)) }
    thread.joiners.removeAll()
    let next = threadAfterCurrent()
    return FinalSwitch(from: thread.context, to: next.context, next: next.context.pointee.baton)
  }

  /// Who runs when the current thread never runs again.
  func threadAfterCurrent() -> SimThread {
    while runnable.isEmpty, !isEverythingFinished {
      if !advanceClock() { nothingCanRun() }
    }
    let next = runnable.isEmpty ? outside : runnable.remove(at: pickWhenBlocked()).thread
    next.state = .running
    current = next
    switches &+= 1
    return next
  }

  private var isEverythingFinished: Bool { threads.allSatisfy { $0.state == .finished } }

  struct FinalSwitch {
    let from: UnsafeMutablePointer<cp_context>
    let to: UnsafeMutablePointer<cp_context>
    /// Of an OS thread that is to run next.
    let next: UnsafeMutablePointer<UInt32>?
  }
}
