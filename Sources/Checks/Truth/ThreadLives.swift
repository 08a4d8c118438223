import Basics
import Trading

extension RunFacts {
  /// When the threads of a name lived, as their runtime knows it; empty where that was not recorded.
  func lives(of name: ThreadName) -> [Range<Instant>] {
    threads.filter { $0.name == name.rawValue }.compactMap { thread in
      // One that ended as it began has lived, too.
      thread.started.map { .from($0, to: max(thread.ended ?? .distantFuture, $0 + .nanoseconds(1))) }
    }
  }

  /// When threads that look after one order ended before the engine was to end.
  var endedFollowUps: [Instant] {
    let ends = threads.filter { $0.name == ThreadName.orderFollowUp.rawValue }.compactMap(\.ended)
    return ends.filter { $0 < shutdownRequested ?? .distantFuture }
  }

  /// Between the lives of threads of a name, and behind the last one that ended: what such a thread has to do has to wait then,
  /// and `threads-live` says for how long at most.
  func absences(of names: ThreadName...) -> [Range<Instant>] {
    names.flatMap { name -> [Range<Instant>] in
      let lives = Stretches(lives(of: name))
      guard let first = lives.all.first, let last = lives.all.last else { return [] }
      return lives.gaps(in: first.lowerBound..<max(last.upperBound, shutdownRequested ?? last.upperBound))
    }
  }
}
