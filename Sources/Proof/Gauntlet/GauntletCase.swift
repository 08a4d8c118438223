public import Basics
public import Exploration

/// What a worker offers to the case it runs.
public struct CaseRun {
  /// Whether the gauntlet's time is over: the case ends with what it has.
  public let isOverBudget: () -> Bool
  private let announce: (String, RunRequest) -> Void

  /// What a case may ask and tell; a caller without a gauntlet says "never over budget" and drops the announcements.
  public init(isOverBudget: @escaping () -> Bool, announce: @escaping (String, RunRequest) -> Void) {
    self.isOverBudget = isOverBudget
    self.announce = announce
  }

  /// Tells which schedule runs next, so that a trap or an endless loop in it can be named; it also winds up the guard.
  public func begin(_ what: String, _ request: RunRequest) { announce(what, request) }
}

extension CaseRun {
  /// A sweep that names each of its schedules before it runs, and ends when the gauntlet's time is over.
  public func sweep<System: SystemUnderTest>(
    of type: System.Type, epoch: Instant, naming what: @escaping (_ index: Int) -> String
  ) -> Sweep<System> {
    var sweep = Sweep<System>(by: Executor(), epoch: epoch)
    sweep.isOverBudget = isOverBudget
    sweep.willRun = { index, request in begin(what(index), request) }
    return sweep
  }
}

/// One case of a gauntlet: what one worker runs at a stretch, and what a report names.
public struct GauntletCase {
  /// Where a case runs: live ones wait most of the time and have a worker of their own.
  public enum Lane: Sendable, CaseIterable {
    /// On the workers that compute all of the time.
    case simulated
    /// On a worker of its own, as it sleeps most of the time.
    case live
  }

  /// Group and what it is about, such as `proof/9.1/insufficient-balance`.
  public let id: String
  /// One line for reports.
  public let title: String
  /// Which workers run it.
  public let lane: Lane
  /// The command that runs the case again, alone and in its own process.
  public let replay: String
  /// About how many schedules it runs: what a progress bar counts with.
  public let weight: Int
  /// Runs the case to its end; called once, in whatever process the worker is.
  public let run: (CaseRun) -> CaseResult

  /// A case as given; its id says its group before the first slash.
  public init(
    id: String, title: String, lane: Lane = .simulated, replay: String, weight: Int,
    run: @escaping (CaseRun) -> CaseResult
  ) {
    self.id = id
    self.title = title
    self.lane = lane
    self.replay = replay
    self.weight = weight
    self.run = run
  }

  /// What the id begins with: the part of the report that it stands in.
  public var group: String { String(id.prefix { $0 != "/" }) }
}

/// A part of all cases, for one of several machines.
public struct GauntletShard: Sendable, Equatable {
  /// From 1.
  public let index: Int
  /// How many shards there are, 1 to 1000.
  public let count: Int

  /// Of `1/4`; nil when it is none.
  public init?(_ text: String) {
    let words = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard words.count == 2, let index = words[0], let count = words[1], count > 0, count <= 1000, index > 0,
      index <= count
    else { return nil }
    self.index = index
    self.count = count
  }

  /// Whether the case at that position of the list belongs to the shard: each belongs to exactly one.
  public func contains(_ position: Int) -> Bool { position % count == index - 1 }
}
