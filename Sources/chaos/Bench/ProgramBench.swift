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
    Interruption.beginAsking()
    if !isJSON {
      Terminal.print(
        "Schedules to the first bug, mean / median of \(campaigns) searches of at most \(max) schedules (one strategy "
          + "alone: \(min(max, aloneMax)))\nSearches that found nothing count with their schedules: mean, and in how many one was "
          + "found\n95 %: interval of the portfolio's mean\n"
          + "Preempted: in the smallest failing recording, and the runs to find it\nSeed \(seed)\n"
      )
    }
    let layout = Layout(ClassicProgram.all.map(\.name), columns.map { ($0.name, $0.max) }, campaigns)
    if !isJSON { Terminal.print(layout.header) }
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
      if !isJSON { Terminal.print(layout.line(row)) }
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
    /// With its interval at 95 %; infinite when nothing was found.
    var mean: Statistics.Mean
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
    let missed = [Int?](repeating: nil, count: campaigns - counts.count)
    let mean = Statistics.mean(of: counts.map { Optional($0) } + missed, cap: max)
    return Cell(
      reason: sweep.reason, mean: mean ?? Statistics.Mean(value: .infinity, low: 1, high: .infinity),
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

  /// Widths of the columns, for the longest texts that may stand in them.
  struct Layout {
    private let names: [String]
    private let name: Int
    private let cells: [Int]
    private let interval = 17

    init(_ programs: [String], _ columns: [(name: String, max: Int)], _ campaigns: Int) {
      names = columns.map(\.name)
      name = (programs.map(\.count).max() ?? 0) + 2
      cells = columns.map { column in
        let texts = [
          column.name, "\(column.max)/\(column.max)", "\(column.max * campaigns).5 \(campaigns)of\(campaigns)",
        ]
        return (texts.map(\.count).max() ?? 0) + 2
      }
    }

    var header: String {
      line("program", names, "95 %", "preempted", "runs", "schedules/s and core")
    }

    func line(_ row: Row) -> String {
      let mean = row.portfolio.mean
      return line(
        row.name, row.cells.map(text), mean.high.isFinite ? "\(figure(mean.low)) to \(figure(mean.high))" : "-",
        JSON.double(row.portfolio.preemptions, places: 1).text, JSON.double(row.portfolio.executions, places: 0).text,
        JSON.double(row.portfolio.rate, places: 0).text)
    }

    private func line(
      _ name: String, _ cells: [String], _ interval: String, _ preempted: String, _ runs: String, _ rate: String
    ) -> String {
      "  " + Verbs.pad(name, self.name) + zip(cells, self.cells).map { Verbs.pad($0, $1) }.joined()
        + Verbs.pad(interval, self.interval) + Verbs.pad(preempted, 11) + Verbs.pad(runs, 6) + rate
    }

    private func text(_ cell: Cell) -> String {
      if cell.found == 0 { return "-" }
      let mean = figure(cell.mean.value)
      return cell.found < cell.campaigns ? "\(mean) \(cell.found)of\(cell.campaigns)" : "\(mean)/\(cell.median)"
    }

    private func figure(_ value: Double) -> String { JSON.double(value, places: value < 100 ? 1 : 0).text }
  }

  private static func json(_ row: Row, _ names: [String]) -> JSON {
    .object(
      [("program", .string(row.name))]
        + zip(names, row.cells).map { name, cell in
          (
            name,
            .object([
              ("mean", number(cell.mean.value)), ("mean_low", number(cell.mean.low)),
              ("mean_high", number(cell.mean.high)),
              ("median", .int(cell.median)),
              ("found", .int(cell.found)), ("campaigns", .int(cell.campaigns)),
              ("preemptions", .double(cell.preemptions, places: 2)),
              ("shrink_executions", .double(cell.executions, places: 1)),
              ("schedules_per_s", .double(cell.rate, places: 0)),
            ])
          )
        })
  }

  /// Null: beyond all counting.
  private static func number(_ value: Double) -> JSON { value.isFinite ? .double(value, places: 2) : .null }
}
