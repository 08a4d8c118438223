import Basics

/// The last steps of a run that reached its step limit: every thread gets its turn, and what they do is watched.
///
/// If some steps then repeat for ever and nothing that counts as progress happens in them, the run is a livelock and
/// the repeating steps are its report; else it is only too long.
///
/// Fair turns, because any other schedule may keep the one thread from its turn that would end the circle: what repeats
/// though all have had theirs has no thread left that could end it. Only the second half of the steps has to repeat, as
/// the first half may be the way into the circle.
struct LivelockDetector {
  private struct Step: Equatable {
    var thread: Int32
    var object: Int32
    var operation: Operation
  }

  /// Steps watched; the second half must repeat.
  static let length = 4096

  private var steps: [Step] = []
  private let progress: Int

  /// `progress` counts beats, landmarks and ends of threads so far.
  init(progress: Int) { self.progress = progress }

  var isComplete: Bool { steps.count >= Self.length }

  mutating func note(thread: Int, operation: Operation, object: Int) {
    steps.append(Step(thread: Int32(thread), object: Int32(object), operation: operation))
  }

  /// The steps that repeat; empty: none do, or something got on.
  func suffix(_ world: World) -> [String] {
    guard world.progress == progress, let period else { return [] }
    return steps.suffix(period).map { step in
      "\(world.threads[Int(step.thread)].name) \(world.siteName(operation: step.operation, object: Int(step.object)))"
    }
  }

  /// The shortest period of the second half.
  private var period: Int? {
    let half = steps.count / 2
    for period in 1...half where (half..<steps.count).allSatisfy({ steps[$0] == steps[$0 - period] }) { return period }
    return nil
  }
}

extension World {
  /// Beyond the step limit: fair turns, watched.
  func endgameStep(_ operation: Operation, object: Int) {
    isExploring = false
    if livelockDetector == nil { livelockDetector = LivelockDetector(progress: progress) }
    livelockDetector?.note(thread: current.id, operation: operation, object: object)
    if livelockDetector?.isComplete == true { return stepLimitReached() }
    guard !runnable.isEmpty else { return }
    current.state = .runnable
    current.operation = operation
    current.object = object
    runnable.append(ThreadReference(current))
    transfer(to: runnable.remove(at: 0))
  }

  func stepLimitReached() {
    let suffix = livelockDetector?.suffix(self) ?? []
    var incident = Incident(
      kind: suffix.isEmpty ? .stepLimit : .livelock, time: Instant(nanoseconds: now),
      summary: "\(stepsMax) scheduling points without an end: a livelock or an endless session", threads: [current.name]
    )
    if !suffix.isEmpty {
      let shown = suffix.prefix(8).joined(separator: ", ") + (suffix.count > 8 ? ", ..." : "")
      incident.summary =
        "\(stepsMax) scheduling points without an end, and \(suffix.count) of them repeat for ever: \(shown)"
      incident.threads = threads.filter { thread in suffix.contains { $0.hasPrefix(thread.name + " ") } }.map(\.name)
      incident.suffix = suffix
    }
    report(incident)
    stop()
  }
}
