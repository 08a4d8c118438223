/// The scheduling choices of a recording, looked up by (thread, site, occurrence).
///
/// A choice that cannot be made is left out and the run goes on: a recording that somebody edited, or that shrinking
/// cut, is a schedule all the same. What was left out is told, so that nobody takes the result for the recorded run.
final class ScheduleReplay {
  private struct Key: Hashable {
    let thread: String
    let site: String
    let occurrence: UInt32
  }

  private enum Fate { case waiting, applied, ignored }

  private var choices: [Key: Int] = [:]
  /// Threads named by the recording: most points are of other ones and cost no lookup of text.
  private var threads: Set<String> = []
  private let lines: [Recording.Line]
  private var fates: [Fate]
  /// Virtual nanoseconds since the run began after which a strategy decides; nil: to the end.
  let until: Int64?

  init(_ recording: Recording, until: Int64? = nil) {
    self.until = until
    lines = recording.lines.filter { $0.kind.isSchedule }
    fates = lines.map { _ in .waiting }
    for (index, line) in lines.enumerated() {
      choices[Key(thread: line.subject, site: line.site, occurrence: UInt32(clamping: line.occurrence))] = index
      threads.insert(line.subject)
    }
  }

  /// The lines that did not take effect, in the order of the recording, and why.
  var unapplied: [Recording.Unapplied] {
    lines.indices.compactMap { index in
      switch fates[index] {
      case .applied: nil
      case .waiting: Recording.Unapplied(line: lines[index], reason: .neverReached)
      case .ignored: Recording.Unapplied(line: lines[index], reason: .cannotRun)
      }
    }
  }

  func decision(in world: World, thread: SimThread, operation: Operation, object: Int, occurrence: UInt32) -> Decision {
    guard !choices.isEmpty, threads.contains(thread.path) else { return .proceed }
    let key = Key(
      thread: thread.path, site: world.siteName(operation: operation, object: object), occurrence: occurrence)
    guard let index = choices[key] else { return .proceed }
    let choice = lines[index]
    fates[index] = .applied
    // A blocked thread cannot be held up, and a thread that cannot run cannot be preferred.
    if choice.kind != .run {
      if let nanoseconds = Int64(choice.value), nanoseconds > 0, operation != .blocked { return .stall(nanoseconds) }
    } else if operation == .yield, choice.value == thread.path {
      return .stay
    } else if let target = world.runnable.firstIndex(where: { $0.thread.path == choice.value }) {
      return .run(target)
    }
    fates[index] = .ignored
    return .proceed
  }
}
