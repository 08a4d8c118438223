/// The scheduling choices of a recording, looked up by (thread, site, occurrence).
final class ScheduleReplay {
  private struct Key: Hashable {
    let thread: String
    let site: String
    let occurrence: UInt32
  }

  private var choices: [Key: (kind: Recording.Kind, value: String)] = [:]
  /// Sites named by the recording: most points are at other ones and cost no lookup of text.
  private var threads: Set<String> = []
  /// Choices whose target could not run, or whose value made no sense.
  private(set) var ignored = 0
  private(set) var used = 0

  var unused: Int { choices.count - used }

  init(_ recording: Recording) {
    for line in recording.lines where line.kind == .run || line.kind == .stall || line.kind == .wake {
      choices[Key(thread: line.subject, site: line.site, occurrence: UInt32(clamping: line.occurrence))] = (
        line.kind, line.value
      )
      threads.insert(line.subject)
    }
  }

  func decision(in world: World, thread: SimThread, operation: Operation, object: Int, occurrence: UInt32) -> Decision {
    guard !choices.isEmpty, threads.contains(thread.path) else { return .proceed }
    let key = Key(
      thread: thread.path, site: world.siteName(operation: operation, object: object), occurrence: occurrence)
    guard let choice = choices[key] else { return .proceed }
    used += 1
    if choice.kind != .run {
      if let nanoseconds = Int64(choice.value), nanoseconds > 0 { return .stall(nanoseconds) }
    } else if let index = world.runnable.firstIndex(where: { $0.thread.path == choice.value }) {
      return .run(index)
    }
    ignored += 1
    return .proceed
  }
}
