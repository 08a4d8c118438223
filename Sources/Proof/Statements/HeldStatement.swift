import Basics
import ChaosRuntime

/// What repeated live runs of one program say, where nothing can schedule it: HELD in N of N, never PROVEN.
///
/// The machine decides the schedules, so the bound speaks of runs on such a machine under the same faults.
public struct HeldStatement: Sendable, Equatable {
  /// How one live run ended.
  public enum Run: Sendable, Equatable {
    /// Every check held, and the run tested what it was to test.
    case held
    /// Why it is red: the check and its reason, or the incident.
    case failed(String)
    /// Why it tested nothing, such as a fault that never fired.
    case open(String)
  }

  /// In the order in which they ended.
  public private(set) var runs: [Run] = []
  /// Runs that were asked for.
  public let wanted: Int

  /// A statement of runs so far; `wanted` is how many were asked for.
  public init(wanted: Int, runs: [Run] = []) {
    self.wanted = wanted
    self.runs = runs
  }

  /// Takes up the next run.
  public mutating func add(_ run: Run) { runs.append(run) }

  /// Runs in which everything held.
  public var heldCount: Int { runs.count { $0 == .held } }

  /// Whether a run failed; further ones cannot mend that.
  public var isRefuted: Bool { failure != nil }

  /// Any failure is red; green are `Evidence.liveRunsMin` runs or more that all held, and all that were asked for.
  public var outcome: CaseOutcome {
    if isRefuted { return .failed }
    return heldCount == runs.count && heldCount >= max(wanted, Evidence.liveRunsMin) ? .passed : .inconclusive
  }

  /// Exact upper bound of the failure rate at 95 %; nil where nothing HELD.
  public var bound: Double? { outcome == .passed ? Statistics.bound(clean: heldCount) : nil }

  private var failure: String? {
    runs.lazy.compactMap { if case .failed(let why) = $0 { why } else { nil } }.first
  }

  /// One line: `HELD in 3 of 3 (rate below 64 %, 95 %)`, `FAILED in 1 of 2: ...`, or `INCONCLUSIVE  ...`.
  public var text: String {
    if let failure {
      let count = runs.count { if case .failed = $0 { true } else { false } }
      return "FAILED in \(count) of \(runs.count): \(failure)"
    }
    if let bound {
      return "HELD in \(heldCount) of \(runs.count) (rate below \(Statistics.percentAbove(bound)) %, 95 %)"
    }
    let open = runs.lazy.compactMap { if case .open(let why) = $0 { why } else { nil } }.first
    let why =
      open.map { "; \(runs.count - heldCount) tested nothing, the first because \($0)" }
      ?? (runs.count < wanted
        ? "; \(wanted) were asked for" : "; HELD needs \(Evidence.liveRunsMin) runs")
    return "INCONCLUSIVE  held in \(heldCount) of \(runs.count)\(why)"
  }

  /// The figures and the sentence, for reports.
  public var json: JSON {
    .object([
      ("runs_wanted", .int(wanted)), ("runs", .int(runs.count)), ("held", .int(heldCount)),
      ("outcome", .string(outcome.rawValue)), ("bound_95", bound.map { .double($0, places: 6) } ?? .null),
      ("statement", .string(text)),
    ])
  }
}
