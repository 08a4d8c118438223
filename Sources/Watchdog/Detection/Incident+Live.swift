import Basics
import ChaosRuntime

extension DumpSite {
  var string: String {
    guard file.count > 0 else { return "?" }
    return line == 0 ? file.string : "\(file.string):\(line)"
  }
}

extension Incident {
  /// The value of a live dump's model.
  init(_ model: DumpModel) {
    let edges = (0..<model.edges.count).map { i in
      let edge = model.edges[i]
      return Edge(
        thread: edge.thread.name.string, lock: edge.lock.string, waitsAt: edge.waits.string,
        holder: edge.holder.name.string, takenAt: edge.taken.string, waited: Duration(nanoseconds: edge.waited))
    }
    let header = model.header
    let time = Instant(nanoseconds: header.time)
    guard header.reason == .hang else {
      self.init(
        kind: .deadlock, time: time, summary: Self.cycleText(edges), cycle: edges, threads: edges.map(\.thread),
        locks: edges.map(\.lock))
      return
    }
    let stuck = header.stuck.name.string
    let waiter = header.waiter.name.string
    let quiet = Duration(nanoseconds: header.quiet)
    var summary = "\(waiter) has been in '\(header.activity.string)' for \(quiet.seconds) s without progress"
    if header.isCircle { summary = "whoever could end these waits waits itself: \(Self.cycleText(edges))" }
    if stuck != waiter, !header.isCircle { summary += ": at the end of its chain of locks stands \(stuck)" }
    var locks: [String] = []
    for i in 0..<model.threads.count where model.threads[i].label.tid == header.stuck.tid {
      if model.threads[i].state == .joining { summary += ", waiting for the end of \(model.threads[i].object.string)" }
      locks = model.threads[i].held.map(\.lock.string)
    }
    self.init(
      kind: .hang, time: time, summary: summary, threads: header.isCircle ? edges.map(\.thread) : [stuck],
      locks: locks, activity: header.activity.string,
      waited: quiet)
  }
}
