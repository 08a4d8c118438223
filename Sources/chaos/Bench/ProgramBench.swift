import Basics
import ClassicPrograms
import Exploration
import FaultInjection
import Proof

/// `chaos bench programs`: schedules to the first bug of the classic programs, per strategy; `twins`: that their correct
/// twins never fail.
enum ProgramBench {
  static let options = [
    Option("campaigns", "N", "programs: searches per program and strategy (default 20; 60 with --portfolio)"),
    Option("schedules", "N", "programs, twins: schedules of a search at most (default 10000)"),
    Option("portfolio", nil, "programs: the portfolio alone"),
    Option("only", "NAME", "programs, twins: one program alone"),
  ]

  /// A strategy alone gives up earlier: where it finds nothing it costs most.
  private static let aloneMax = 2000

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let isPortfolioOnly = arguments.has("portfolio")
    let campaigns = try arguments.int("campaigns", in: 1...10_000) ?? (isPortfolioOnly ? 60 : 20)
    let max = try arguments.int("schedules", in: 1...1_000_000) ?? 10_000
    let seed = try CommonOptions.seed(arguments)
    var columns: [(name: String, portfolio: Portfolio, max: Int)] = []
    if !isPortfolioOnly {
      columns = Portfolio.Member.allCases.filter { $0 != .mutation }.map {
        ($0.rawValue, Portfolio.only($0), min(max, aloneMax))
      }
    }
    columns.append(("portfolio", .standard, max))
    let isJSON = arguments.has("json")
    if !isJSON {
      Terminal.print(
        "Schedules to the first bug, mean / median of \(campaigns) searches of at most \(max) schedules (one strategy "
          + "alone: \(min(max, aloneMax)))\nPreempted: in the smallest failing recording, and the runs to find it\nSeed \(seed)\n"
      )
      Terminal.print(header(columns.map(\.name)))
    }
    var rows: [Row] = []
    for program in try selected(arguments, from: ClassicProgram.all) {
      if Interruption.isRequested { break }
      var row = Row(name: program.name)
      for (index, column) in columns.enumerated() {
        row.cells.append(
          cell(
            program, column.portfolio, campaigns, column.max, seed, arm: index + 1,
            shrinks: index == columns.count - 1))
      }
      if let reason = row.cells.lazy.compactMap(\.reason).first { return diverged(program.name, reason) }
      if !isJSON { Terminal.print(line(row)) }
      rows.append(row)
    }
    let missed = rows.filter { $0.portfolio.found < campaigns }.map(\.name)
    if isJSON {
      Terminal.print(JSON.array(rows.map { json($0, columns.map(\.name)) }).pretty(), newline: false)
    } else {
      Terminal.print(
        missed.isEmpty
          ? "\nbench: the portfolio found the bug of all \(rows.count) programs in every search"
          : "\nbench: the portfolio missed \(missed.joined(separator: ", "))")
    }
    return Interruption.exitCode(missed.isEmpty ? ExitCode.pass : ExitCode.failed)
  }

  static func runTwins(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let count = try arguments.int("schedules", in: 1...100_000_000) ?? 10_000
    let seed = try CommonOptions.seed(arguments)
    var failed = 0
    for twin in try selected(arguments, from: ClassicProgram.twins) {
      if Interruption.isRequested { break }
      let started = WallClock.processor
      var sweep = Sweep<ClassicProgram>(by: executor)
      let campaign = sweep.run(twin, Search(Seeds(seed), arm: 1), until: CampaignGoal(ran: count, failed: 1))
      if let reason = sweep.reason { return diverged(twin.name, reason) }
      let rate = Double(campaign.ran) / (WallClock.processor - started)
      let verdict = campaign.failure?.verdict
      if verdict != nil { failed += 1 }
      Terminal.print(
        "  \(Verbs.pad(twin.name, 22))"
          + (verdict.map { "FAILED in schedule \(campaign.ran): \($0.reason)" } ?? "clean")
          + ", \(campaign.ran) schedules (\(sweep.repeated) of them twice), \(JSON.double(rate, places: 0).text)/s")
    }
    Terminal.print("bench: \(failed) of the bug-free versions failed")
    return Interruption.exitCode(failed == 0 ? ExitCode.pass : ExitCode.failed)
  }

  private static func diverged(_ name: String, _ reason: String) -> Int32 {
    Terminal.print("bench: \(name): \(reason)")
    return ExitCode.internalError
  }

  // MARK: Measuring

  struct Cell {
    /// Why the figures are worth nothing.
    var reason: String?
    var mean: Double
    var median: Int
    var found: Int
    var campaigns: Int
    /// Of the smallest failing recordings, on average, and the runs that it took to shrink them.
    var preemptions: Double
    var executions: Double
    var rate: Double
  }

  struct Row {
    var name: String
    var cells: [Cell] = []

    var portfolio: Cell { cells[cells.count - 1] }
  }

  private static var executor: Executor {
    let executor = Executor()
    executor.stepsMax = 100_000
    return executor
  }

  private static func cell(
    _ program: ClassicProgram, _ portfolio: Portfolio, _ campaigns: Int, _ max: Int, _ seed: UInt64, arm: Int,
    shrinks: Bool
  ) -> Cell {
    let executor = executor
    var sweep = Sweep<ClassicProgram>(by: executor)
    // Only the schedules are counted; the shrinker runs a failure again.
    sweep.confirmsFailures = false
    var counts: [Int] = []
    var failures: [RunReport] = []
    var ran = 0
    let started = WallClock.processor
    for index in 0..<campaigns {
      let search = Search(Seeds(Mixing.mix(seed, UInt64(index))), arm: arm, portfolio: portfolio)
      let campaign = sweep.run(program, search, until: CampaignGoal(ran: max, failed: 1))
      ran += campaign.ran
      guard let failure = campaign.failure else { continue }
      counts.append(campaign.ran)
      if failures.count < shrunkMax { failures.append(failure.report) }
    }
    let seconds = WallClock.processor - started
    counts.sort()
    let shrunk = shrinks ? failures.compactMap { shrink(program, $0, by: executor) } : []
    func average(_ value: (Shrinker<ClassicProgram>.Result) -> Int) -> Double {
      shrunk.isEmpty ? 0 : Double(shrunk.reduce(0) { $0 + value($1) }) / Double(shrunk.count)
    }
    let found = Double(Swift.max(1, counts.count))
    return Cell(
      reason: sweep.reason, mean: Double(counts.reduce(0, +)) / found,
      median: counts.isEmpty ? 0 : counts[counts.count / 2],
      found: counts.count, campaigns: campaigns,
      preemptions: average { ChoiceCounts($0.recording).preemptions }, executions: average { $0.executions },
      rate: Double(ran) / seconds)
  }

  /// Failures per program that are shrunk.
  private static let shrunkMax = 10

  private static func shrink(
    _ program: ClassicProgram, _ failure: RunReport, by executor: Executor
  ) -> Shrinker<ClassicProgram>.Result? {
    do throws(Shrinker<ClassicProgram>.Problem) {
      return try Shrinker(
        program, failure.recording, request: failure.request,
        checks: failure.judgement.verdicts.filter { $0.outcome == .fail }.map(\.check), executor: executor
      ).shrink()
    } catch {
      return nil
    }
  }

  private static func selected(
    _ arguments: Arguments, from programs: [ClassicProgram]
  ) throws(UsageError) -> [ClassicProgram] {
    guard let name = arguments["only"] else { return programs }
    if let program = programs.first(where: { $0.name == name }) { return [program] }
    let near = Suggestion.closest(to: name, in: programs.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
    throw UsageError(text: "bench: no program is called '\(name)'\(near)")
  }

  // MARK: Screen

  private static let width = 14

  private static func header(_ names: [String]) -> String {
    "  " + Verbs.pad("program", 18) + names.map { Verbs.pad($0, width) }.joined() + Verbs.pad("preempted", 11)
      + Verbs.pad("runs", 6)
      + "schedules/s and core"
  }

  private static func line(_ row: Row) -> String {
    "  " + Verbs.pad(row.name, 18) + row.cells.map { Verbs.pad(text($0), width) }.joined()
      + Verbs.pad(JSON.double(row.portfolio.preemptions, places: 1).text, 11)
      + Verbs.pad(JSON.double(row.portfolio.executions, places: 0).text, 6)
      + JSON.double(row.portfolio.rate, places: 0).text
  }

  /// Means of searches that found nothing do not count; a cell says how many there are.
  private static func text(_ cell: Cell) -> String {
    if cell.found == 0 { return "-" }
    let mean = JSON.double(cell.mean, places: cell.mean < 100 ? 1 : 0).text
    return "\(mean)/\(cell.median)" + (cell.found < cell.campaigns ? " \(cell.found)of\(cell.campaigns)" : "")
  }

  private static func json(_ row: Row, _ names: [String]) -> JSON {
    .object(
      [("program", .string(row.name))]
        + zip(names, row.cells).map { name, cell in
          (
            name,
            .object([
              ("mean", .double(cell.mean, places: 2)), ("median", .int(cell.median)),
              ("found", .int(cell.found)), ("campaigns", .int(cell.campaigns)),
              ("preemptions", .double(cell.preemptions, places: 2)),
              ("shrink_executions", .double(cell.executions, places: 1)),
              ("schedules_per_s", .double(cell.rate, places: 0)),
            ])
          )
        })
  }
}
