import Basics
import ChaosRuntime
import Exploration
import Glibc
import HistoricalBugs
import PaperSession

/// `chaos bench determinism`: every run in two processes, and one in 50 on OS threads too.
struct DeterminismBench {
  static let options = [
    Option("runs", "N", "determinism: runs in two processes (default 10000)"),
    Option("against", "PROGRAM", "determinism: another build of chaos as the second process"),
    Option("witness", "FIRST:N", "determinism: print the digests of N runs, compare nothing"),
    Option("block", "RUN:A:B", "determinism: print checkpoints and steps A to B of a run"),
  ]

  /// Largest number of a run or a step.
  private static let numberMax = 1_000_000_000
  /// One run in so many is repeated on the other carrier: a session takes 20 times as long there.
  private static let threadsEvery = 50
  /// Seconds without a line after which the second process counts as hung.
  private static let silenceMax = 120.0

  private let seeds: Seeds
  private let programs: [(name: String, system: PaperSystem, isPaper: Bool)]
  private let fibers: Executor
  private let threads = Executor(carrier: .threads, shownAs: .fibers)

  /// Both revisions of every bug under its fault, and the paper session.
  private init(seed: UInt64) throws(UsageError) {
    seeds = Seeds(seed)
    let selection = try FaultSelection(directory: nil)
    let plans = try ProofPlans.plans(
      faults: [], bugWord: nil, selection: selection, options: ProofOptions(seed: seed))
    let everyday = try selection.source("everyday").source
    var programs: [(name: String, system: PaperSystem, isPaper: Bool)] = []
    for plan in plans {
      programs.append(("\(plan.bug.id) original", plan.system(.originalOn), false))
      programs.append(("\(plan.bug.id) fixed", plan.system(.fixedOn), false))
    }
    do throws(PaperError) {
      programs.append(("paper", try PaperSystem(PaperInputs(kind: .paper, faults: [everyday])), true))
    } catch {
      throw UsageError(text: error.description)
    }
    self.programs = programs
    fibers = Executor()
    fibers.stuckRunMonitor = StuckRun.stuckRunMonitor
  }

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let seed = try CommonOptions.seed(arguments)
    let bench = try DeterminismBench(seed: seed)
    if let words = arguments["witness"] {
      let numbers = try numbers(words, count: 2, option: "witness")
      for index in numbers[0]..<(numbers[0] + numbers[1]) { Terminal.print(bench.digest(index, bench.fibers).text) }
      return ExitCode.pass
    }
    if let words = arguments["block"] {
      let numbers = try numbers(words, count: 3, option: "block")
      let trace = bench.trace(numbers[0], .lines(numbers[1]..<numbers[2] + 1), bench.fibers)
      Terminal.print(trace.checkpoints.map { String($0, radix: 16) }.joined(separator: " "))
      for line in trace.lines { Terminal.print(line) }
      return ExitCode.pass
    }
    let runs = try arguments.int("runs", in: 1...10_000_000) ?? 10_000
    return try bench.compare(runs, with: arguments["against"] ?? "/proc/self/exe", seed: seed, arguments.has("json"))
  }

  private static func numbers(_ words: String, count: Int, option: String) throws(UsageError) -> [Int] {
    let numbers = words.split(separator: ":").compactMap { Int($0) }.filter { (0...numberMax).contains($0) }
    guard numbers.count == count, option != "block" || numbers[1] <= numbers[2] else {
      throw UsageError(
        text: "--\(option) expects \(count) whole numbers up to \(numberMax) with colons"
          + "\(option == "block" ? ", the last two in order" : ""), not '\(InputError.shown(words))'")
    }
    return numbers
  }

  // MARK: Runs

  private func request(_ index: Int, _ detail: ScheduleTrace.Detail) -> RunRequest {
    let isPaper = programs[index % programs.count].isPaper
    var request = isPaper ? PaperSystem.paperRequest(seed: UInt64(index)) : seeds.request(arm: 1, index)
    request.tracing = detail
    return request
  }

  private func run(_ index: Int, _ detail: ScheduleTrace.Detail, _ executor: Executor) -> RunReport {
    let system = programs[index % programs.count].system
    return executor.run(system, request(index, detail), epoch: system.epoch)
  }

  private func digest(_ index: Int, _ executor: Executor) -> RunDigest { RunDigest(run(index, .hash, executor)) }

  private func trace(_ index: Int, _ detail: ScheduleTrace.Detail, _ executor: Executor) -> ScheduleTrace {
    run(index, detail, executor).trace ?? ScheduleTrace()
  }

  // MARK: Comparison

  private func compare(_ runs: Int, with program: String, seed: UInt64, _ isJSON: Bool) throws(UsageError) -> Int32 {
    let started = WallClock.monotonic
    let common = ["bench", "determinism", "--seed", "\(seed)"]
    guard let witness = ChildProcess.elsewhere(program, common + ["--witness", "0:\(runs)"]) else {
      throw UsageError(text: "bench: '\(program)' cannot be started as the second process")
    }
    let progress = Progress("determinism")
    var onThreads = 0
    var found: (index: Int, Difference)?
    var sweep = Sweep<PaperSystem>(by: fibers)
    sweep.isOverBudget = { Interruption.isRequested }
    // Every run is run again here, in another place.
    sweep.repeatsEvery = nil
    sweep.confirmsFailures = false
    let campaign = sweep.run(
      until: CampaignGoal(ran: runs, failed: 1), of: { programs[$0 % programs.count].system },
      request: { request($0, .hash) },
      judge: { report, index in
        progress.show(index, of: runs)
        onThreads += index % Self.threadsEvery == 0 ? 1 : 0
        guard let difference = difference(index, report, witness) else { return .counts }
        found = (index, difference)
        return .fails(Verdict(check: "determinism", outcome: .fail, reason: "the runs differ"), counts: true)
      })
    progress.finish()
    switch found {
    case (let index, .silence)?:
      Terminal.note("bench: the second process ended or hung before it printed run \(index)")
      return ExitCode.internalError
    case (let index, .elsewhere(let digest, let other))?:
      return diverged(index, locate(index, digest, other, program, common), in: "another process", isJSON)
    case (let index, .onThreads(let divergence))?: return diverged(index, divergence, in: "OS threads", isJSON)
    case nil: break
    }
    if campaign.isCut || Interruption.isRequested { return Interruption.exitCode(ExitCode.inconclusive) }
    finish(runs, onThreads, seconds: WallClock.monotonic - started, isJSON)
    return ExitCode.pass
  }

  /// How two runs of one seed differ.
  private enum Difference {
    /// The second process ended, hung, or printed something else.
    case silence
    case elsewhere(RunDigest, RunDigest)
    case onThreads(Divergence)
  }

  private func difference(_ index: Int, _ report: RunReport, _ witness: ChildProcess) -> Difference? {
    let digest = RunDigest(report)
    guard let line = witness.line(silence: Self.silenceMax), let other = RunDigest(line) else { return .silence }
    if digest != other { return .elsewhere(digest, other) }
    guard index % Self.threadsEvery == 0 else { return nil }
    let system = programs[index % programs.count].system
    let check = DeterminismCheck(system, first: fibers, second: threads, epoch: system.epoch)
    return check.repetition(of: report).map { .onThreads($0) }
  }

  private func finish(_ runs: Int, _ onThreads: Int, seconds: Double, _ isJSON: Bool) {
    if isJSON {
      let members: [(String, JSON)] = [
        ("double_runs", .int(runs)), ("on_threads", .int(onThreads)), ("differences", .int(0)),
        ("seconds", .double(seconds, places: 1)),
      ]
      return Terminal.print(JSON.object(members).pretty(), newline: false)
    }
    let names = programs.map(\.name).joined(separator: ", ")
    Terminal.print("  programs    \(ListCommand.wrapped(names, indent: 14, width: 64))")
    Terminal.print("  compared    steps, times, threads, runnable sets, choices, recordings, files")
    Terminal.print("  processes   2: other directory, time zone, language, malloc fill, hash seed")
    let took = JSON.double(seconds, places: 1).text
    Terminal.print("bench: determinism \(runs) double runs and \(onThreads) on OS threads, 0 differences, \(took) s")
  }

  private func diverged(_ index: Int, _ divergence: Divergence, in place: String, _ isJSON: Bool) -> Int32 {
    let name = programs[index % programs.count].name
    if isJSON {
      let members: [(String, JSON)] = [
        ("run", .int(index)), ("program", .string(name)), ("place", .string(place)),
        ("what", .string(divergence.what)), ("first", .string(divergence.first)),
        ("second", .string(divergence.second)),
      ]
      Terminal.print(JSON.object(members).pretty(), newline: false)
    } else {
      Terminal.print("DIVERGED run \(index) (\(name)) in \(place): \(divergence)")
    }
    return ExitCode.internalError
  }

  /// Asks both processes for the steps of the first block that differs.
  private func locate(
    _ index: Int, _ digest: RunDigest, _ other: RunDigest, _ program: String, _ common: [String]
  ) -> Divergence {
    func ask(_ steps: Range<Int>) -> (checkpoints: [UInt64], lines: [String]) {
      let block = ["--block", "\(index):\(steps.lowerBound):\(steps.upperBound - 1)"]
      guard let witness = ChildProcess.elsewhere(program, common + block) else { return ([], []) }
      let checkpoints = (witness.line(silence: Self.silenceMax) ?? "").split(separator: " ").compactMap {
        UInt64($0, radix: 16)
      }
      var lines: [String] = []
      while let line = witness.line(silence: Self.silenceMax) { lines.append(line) }
      return (checkpoints, lines)
    }
    guard digest.steps != other.steps || digest.stepCount != other.stepCount else {
      let what = digest.recording != other.recording ? "the recordings differ" : "the files differ"
      return Divergence(what: "\(what), the steps do not", first: digest.text, second: other.text)
    }
    let mine = trace(index, .hash, fibers)
    let equal = zip(mine.checkpoints, ask(1..<2).checkpoints).prefix { $0 == $1 }.count
    let block = equal * ScheduleTrace.blockSize + 1..<(equal + 1) * ScheduleTrace.blockSize + 1
    return DeterminismCheck<PaperSystem>.locate(
      block, first: trace(index, .lines(block), fibers).lines, second: ask(block).lines)
  }
}
