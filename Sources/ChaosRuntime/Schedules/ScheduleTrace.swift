import Basics

/// What a run did step by step, as one number with checkpoints, so that two runs are compared without their logs.
public struct ScheduleTrace: Sendable, Equatable {
  /// What is kept of a run's steps. Off costs nothing.
  public enum Detail: Sendable, Equatable {
    /// Nothing; the run has no trace.
    case off
    /// The rolling hash.
    case hash
    /// The rolling hash, and these steps as text.
    case lines(Range<Int>)
    /// The rolling hash, and these steps as values.
    case steps(Range<Int>)
  }

  /// One scheduling point.
  public struct Step: Sendable, Equatable {
    /// Its number, from 1.
    public var step: Int
    /// Virtual time since the run began.
    public var elapsed: Duration
    /// Path of the thread.
    public var thread: String
    /// Operation and object, as in recordings.
    public var site: String
    /// Choices made here and until the next point: who runs, and stalls.
    public var choices: Int
  }

  /// Steps between two checkpoints.
  public static let blockSize = 1024

  /// Rolling hash over step, virtual time, thread, operation, object, runnable threads and the choices so far.
  public internal(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  /// The hash after each full block.
  public internal(set) var checkpoints: [UInt64] = []
  /// Scheduling points that the trace has seen.
  public internal(set) var steps = 0
  /// One line a step, of the steps that were asked for.
  public internal(set) var lines: [String] = []
  /// The steps that were asked for as values.
  public internal(set) var kept: [Step] = []

  /// The trace of a run without steps.
  public init() {}

  /// The first block in which two runs differ; nil: they are equal.
  public func firstDifferentBlock(from other: ScheduleTrace) -> Range<Int>? {
    if hash == other.hash, steps == other.steps { return nil }
    let equal = zip(checkpoints, other.checkpoints).prefix { $0 == $1 }.count
    return equal * Self.blockSize + 1..<(equal + 1) * Self.blockSize + 1
  }
}

/// Keeps the trace of one world.
struct Tracer {
  private let detail: ScheduleTrace.Detail
  private(set) var trace = ScheduleTrace()
  private var choicesSeen = 0
  private var isKeeping = false

  /// Nil when nothing is to be kept.
  init?(_ detail: ScheduleTrace.Detail) {
    if detail == .off { return nil }
    self.detail = detail
  }

  /// A scheduling point, before its decision.
  mutating func note(_ world: World, _ operation: Operation, _ object: Int) {
    trace.steps = world.steps
    mix(UInt64(world.steps))
    mix(UInt64(bitPattern: world.now))
    mix(world.current.hash)
    mix(UInt64(object) << 8 | UInt64(operation.rawValue))
    for index in 0..<world.runnable.count { mix(world.runnable[index].thread.hash) }
    mixLastChoice(world)
    if world.steps % ScheduleTrace.blockSize == 0 { trace.checkpoints.append(trace.hash) }
    if case .lines(let steps) = detail, steps.contains(world.steps) {
      trace.lines.append(line(world, operation, object))
    }
    guard case .steps(let steps) = detail else { return }
    countChoices(world)
    isKeeping = steps.contains(world.steps)
    guard isKeeping else { return }
    trace.kept.append(
      ScheduleTrace.Step(
        step: world.steps, elapsed: Duration(nanoseconds: world.now - world.start), thread: world.current.path,
        site: world.siteName(operation: operation, object: object), choices: 0))
  }

  /// The end of the run, with the choices that no point has seen.
  mutating func finish(_ world: World) {
    mix(UInt64(bitPattern: world.now))
    mixLastChoice(world)
    countChoices(world)
  }

  /// What was chosen since the last point belongs to that.
  private mutating func countChoices(_ world: World) {
    if isKeeping, let last = trace.kept.indices.last { trace.kept[last].choices = world.recorded.count - choicesSeen }
    choicesSeen = world.recorded.count
  }

  private mutating func mixLastChoice(_ world: World) {
    guard let choice = world.recorded.last else { return }
    mix(UInt64(world.recorded.count))
    mix(UInt64(bitPattern: choice.value))
  }

  private mutating func mix(_ value: UInt64) { trace.hash = Mixing.mix(trace.hash ^ value) }

  private func line(_ world: World, _ operation: Operation, _ object: Int) -> String {
    let site = world.siteName(operation: operation, object: object)
    let runnable = world.runnable.array.map(\.thread.path).joined(separator: ", ")
    var line =
      "step \(world.steps)  \(world.now - world.start) ns  \(world.current.path)  \(site)  runnable [\(runnable)]"
    if let choice = world.recorded.last {
      let value = choice.kind == .run ? world.threads[Int(choice.value)].path : "\(choice.value)"
      line += "  choices \(world.recorded.count), last: \(choice.kind.rawValue) \(value)"
    }
    return line
  }
}
