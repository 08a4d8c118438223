public import Basics

/// Runs a request again and says where the two runs part: a run that cannot be run again proves nothing.
public struct DeterminismCheck<System: SystemUnderTest> {
  /// Of a sweep one schedule in so many is run twice.
  public static var sampleEvery: Int { 50 }

  private let system: System
  private let epoch: Instant
  private let first: Executor
  private let second: Executor

  /// `second` runs the repetition; one with another carrier checks the runtime itself.
  public init(_ system: System, first: Executor, second: Executor, epoch: Instant = .simulationEpoch) {
    self.system = system
    self.first = first
    self.second = second
    self.epoch = epoch
  }

  /// Runs the report's request once more; nil: every byte was the same. When a trace was kept, every step as well.
  public func repetition(of report: RunReport) -> Divergence? {
    let again = second.run(system, report.request, epoch: epoch)
    if let a = report.trace, let b = again.trace, let block = a.firstDifferentBlock(from: b) {
      return locate(block, in: report.request)
    }
    guard let difference = Self.difference(report, again) else { return nil }
    if report.trace == nil, let found = search(report.request) { return found }
    return difference
  }

  /// Two traced runs, for a difference that showed in what an untraced one left behind.
  private func search(_ request: RunRequest) -> Divergence? {
    var traced = request
    traced.tracing = .hash
    guard let a = first.run(system, traced, epoch: epoch).trace, let b = second.run(system, traced, epoch: epoch).trace,
      let block = a.firstDifferentBlock(from: b)
    else { return nil }
    return locate(block, in: request)
  }

  /// Both runs once more, with the steps of the block as text.
  private func locate(_ block: Range<Int>, in request: RunRequest) -> Divergence {
    var detailed = request
    detailed.tracing = .lines(block)
    return Self.locate(
      block, first: first.run(system, detailed, epoch: epoch).trace?.lines ?? [],
      second: second.run(system, detailed, epoch: epoch).trace?.lines ?? [])
  }

  /// The first two steps that differ, of the text of one block.
  public static func locate(_ block: Range<Int>, first: [String], second: [String]) -> Divergence {
    let what = "the schedule differs in steps \(block.lowerBound) to \(block.upperBound - 1)"
    return Divergence.between(first, second, what: what)
      ?? Divergence(
        what: what, first: "(run again, the block is the same)", second: "(run again, the block is the same)")
  }

  /// What two reports show of a difference.
  private static func difference(_ a: RunReport, _ b: RunReport) -> Divergence? {
    let recordings = [a, b].map { $0.recording.text.split(separator: "\n", omittingEmptySubsequences: false) }
    if let found = Divergence.between(recordings[0], recordings[1], what: "the recording differs") { return found }
    let (left, right) = (a.judgement.files, b.judgement.files)
    if let found = Divergence.between(left.map(\.path), right.map(\.path), what: "the files differ") { return found }
    for (x, y) in zip(left, right) {
      if let found = Divergence.between(x.bytes, y.bytes, what: "\(x.path) differs") { return found }
    }
    func numbers(_ report: RunReport) -> String {
      "\(report.steps) steps, \(report.switches) switches, \(report.virtualTime.nanoseconds) ns"
    }
    return Divergence.between([numbers(a)], [numbers(b)], what: "the run differs")
  }
}
