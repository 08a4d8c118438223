public import Basics
public import Exploration

/// A finished gauntlet as the reports need it: cases, results, and what they add up to.
public struct GauntletReport {
  /// The cases that were selected, in their order.
  public let cases: [GauntletCase]
  /// What came of them, in the same order.
  public let result: Gauntlet.Result
  /// The run seed of every case.
  public let seed: UInt64
  /// Workers of the simulated lane; 0: the process itself.
  public let jobs: Int
  /// Seconds after which nothing was begun any more; nil: no limit.
  public let budgetSeconds: Double?
  /// The command that runs the same gauntlet.
  public let command: String
  /// Which part of all cases this is, such as `1/4`; nil: all that were selected.
  public var shard: String?
  /// Identity of the program that ran it.
  public var build: String?
  /// Shards that were never reported: their cases are not in this report, and it is not whole without them.
  public var missingShards: [String] = []

  /// A report; shard, build and missing shards are set afterwards.
  public init(
    cases: [GauntletCase], result: Gauntlet.Result, seed: UInt64, jobs: Int, budgetSeconds: Double?, command: String
  ) {
    self.cases = cases
    self.result = result
    self.seed = seed
    self.jobs = jobs
    self.budgetSeconds = budgetSeconds
    self.command = command
  }

  /// Groups in the order in which they first occur.
  public var groups: [String] {
    var names: [String] = []
    for item in cases where !names.contains(item.group) { names.append(item.group) }
    return names
  }

  /// The cases of a group with their results.
  public func members(_ group: String) -> [(item: GauntletCase, result: CaseResult)] {
    zip(cases, result.results).filter { $0.0.group == group }.map { ($0.0, $0.1) }
  }

  /// Names of the figures of a group's cases, in the order in which they first occur.
  public func figureNames(_ group: String) -> [String] {
    var names: [String] = []
    for (_, result) in members(group) {
      for figure in result.figures where !names.contains(figure.name) { names.append(figure.name) }
    }
    return names
  }

  /// How many cases ended so.
  public func count(_ outcome: CaseOutcome) -> Int { result.results.count { $0.outcome == outcome } }

  /// The worst outcome of all cases; a missing shard counts as inconclusive.
  public var outcome: CaseOutcome {
    .worst(result.results.map(\.outcome) + (missingShards.isEmpty ? [] : [.inconclusive]))
  }

  /// 5 when nothing was selected; otherwise the worst case, or a missing shard, decides.
  public var exitCode: Int32 { cases.isEmpty && missingShards.isEmpty ? 5 : outcome.exitCode }

  /// Schedules and live runs of all cases.
  public var schedules: Int { result.results.reduce(0) { $0 + $1.schedules } }

  /// Processor seconds of all cases.
  public var cpuSeconds: Double { result.results.reduce(0) { $0 + $1.cpuSeconds } }

  /// Most memory that one worker held; 0: not measured.
  public var peakMemoryBytes: Int { result.results.map(\.peakMemoryBytes).max() ?? 0 }

  /// What the searches of all cases left out.
  public var cuts: SearchCuts { result.results.reduce(into: SearchCuts()) { $0 += $1.cuts } }

  /// One word for the whole.
  public var statement: String {
    switch outcome {
    case _ where cases.isEmpty && missingShards.isEmpty: "NOTHING SELECTED"
    case .passed: "GREEN"
    case .failed, .crashed: "RED"
    case .inconclusive: "INCONCLUSIVE"
    }
  }

  /// The report as JSON; the article ContinuousIntegration has the schema.
  public var json: JSON {
    .object([
      ("format", .int(1)), ("statement", .string(statement)), ("exit_code", .int(Int(exitCode))),
      ("seed", .number("\(seed)")), ("jobs", .int(jobs)),
      ("shard", shard.map { .string($0) } ?? .null), ("build", build.map { .string($0) } ?? .null),
      ("missing_shards", .array(missingShards.map { .string($0) })),
      ("budget_seconds", budgetSeconds.map { .double($0) } ?? .null), ("command", .string(command)),
      ("interrupted", .bool(result.wasInterrupted)), ("seconds", .double(result.seconds)),
      ("cpu_seconds", .double(cpuSeconds)), ("schedules", .int(schedules)),
      ("peak_memory_bytes", .int(peakMemoryBytes)), ("cuts", .array(cuts.texts.map { .string($0) })),
      ("counts", .object(CaseOutcome.allCases.map { ($0.rawValue, .int(count($0))) })),
      (
        "cases",
        .array(
          zip(cases, result.results).map { item, result in
            var members = result.json.members ?? []
            members.insert(("group", .string(item.group)), at: 1)
            members.insert(("title", .string(item.title)), at: 2)
            members.insert(("replay", .string(item.replay)), at: 3)
            return .object(members)
          })
      ),
    ])
  }
}
