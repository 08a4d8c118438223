import Glibc

/// Runs cases in the order given, strongest evidence first, on workers and within a budget.
public struct Gauntlet {
  /// What the screen shows while it runs.
  public struct Progress: Sendable {
    /// Cases that have ended.
    public var done: Int
    /// Cases altogether.
    public var total: Int
    /// Share of the schedules, 0 to 1.
    public var share: Double
    /// Ids of the cases that run now.
    public var running: [String]
  }

  /// Everything that was asked for and what came of it.
  public struct Result {
    /// One per case, in the order of the cases.
    public var results: [CaseResult]
    /// Wall seconds of the whole.
    public var seconds: Double
    /// Whether the user stopped it.
    public var wasInterrupted: Bool

    /// 5 when nothing was selected; otherwise the worst case decides.
    public var exitCode: Int32 {
      results.isEmpty ? 5 : CaseOutcome.worst(results.map(\.outcome)).exitCode
    }
  }

  /// Workers for live cases at most: they sleep nearly all of the time, and one after the other they outlast the rest.
  private static let liveMax = 3

  private let cases: [GauntletCase]
  private let options: GauntletOptions

  /// A gauntlet of those cases; nothing runs before `run`.
  public init(_ cases: [GauntletCase], options: GauntletOptions) {
    self.cases = cases
    self.options = options
  }

  /// `finished` hears of each case as it ends; `isInterrupted` is asked a few times a second.
  public func run(
    progress: (Progress) -> Void = { _ in }, finished: (CaseResult) -> Void = { _ in },
    isInterrupted: () -> Bool = { false }
  ) -> Result {
    let started = options.now()
    let deadline = options.budgetSeconds.map { started + $0 }
    var book = Book(cases, options: options, deadline: deadline)
    if options.jobs > 0, !cases.isEmpty {
      let lanes =
        Array(repeating: GauntletCase.Lane.simulated, count: options.jobs)
        + Array(repeating: .live, count: min(Self.liveMax, cases.count { $0.lane == .live }))
      if let pool = WorkerPool(cases, lanes: lanes, options: options, deadline: deadline) {
        runForked(pool, &book, progress: progress, finished: finished, isInterrupted: isInterrupted)
        pool.end()
      } else {
        for item in cases {
          book.add(CaseResult(id: item.id, .inconclusive, "no worker can be forked: this process has other threads"))
        }
      }
    } else {
      runHere(&book, progress: progress, finished: finished, isInterrupted: isInterrupted)
    }
    return Result(
      results: book.complete(), seconds: options.now() - started, wasInterrupted: book.wasInterrupted)
  }

  private func runForked(
    _ pool: WorkerPool, _ book: inout Book, progress: (Progress) -> Void, finished: (CaseResult) -> Void,
    isInterrupted: () -> Bool
  ) {
    while !book.isStopped {
      if isInterrupted() {
        book.wasInterrupted = true
        return
      }
      for position in book.waiting where !book.isOverBudget {
        if pool.start(position) { book.begun.insert(position) }
      }
      if pool.running.isEmpty { return }
      progress(book.progress(pool.begun))
      let result: CaseResult
      switch pool.wait(milliseconds: 200) {
      case .finished(let value): result = value
      case .died(let position, let how): result = CaseResult(id: cases[position].id, .crashed, how)
      case .none: continue
      }
      book.add(result)
      finished(result)
    }
  }

  private func runHere(
    _ book: inout Book, progress: (Progress) -> Void, finished: (CaseResult) -> Void, isInterrupted: () -> Bool
  ) {
    let runner = CaseRunner(options: options, deadline: book.deadline)
    for position in cases.indices where !book.isStopped && !book.isOverBudget {
      if isInterrupted() {
        book.wasInterrupted = true
        return
      }
      book.begun.insert(position)
      progress(book.progress([(position, 0)]))
      let item = cases[position]
      var begun = 0
      let result = runner.run(item) { what, request in
        guard options.isGuardedHere else { return }
        CrashNote.begin("\(item.id), \(what)", begun, request, replay: item.replay)
        begun += 1
        alarm(UInt32(options.guardSeconds))
      }
      if options.isGuardedHere { alarm(0) }
      book.add(result)
      finished(result)
    }
  }
}

extension Gauntlet {
  /// Which cases are done, and what is said of those that never ran.
  struct Book {
    private let cases: [GauntletCase]
    private let options: GauntletOptions
    private var results: [CaseResult?]
    let deadline: Double?
    /// Positions of cases that were started.
    var begun: Set<Int> = []
    var wasInterrupted = false
    private var hasFailed = false

    init(_ cases: [GauntletCase], options: GauntletOptions, deadline: Double?) {
      self.cases = cases
      self.options = options
      self.deadline = deadline
      results = Array(repeating: nil, count: cases.count)
    }

    var isOverBudget: Bool { deadline.map { options.now() > $0 } ?? false }
    var isStopped: Bool { options.isFailFast && hasFailed }
    /// Positions not started yet, in order.
    var waiting: [Int] { cases.indices.filter { !begun.contains($0) } }

    mutating func add(_ result: CaseResult) {
      guard let position = cases.firstIndex(where: { $0.id == result.id }) else { return }
      results[position] = result
      if result.outcome == .failed || result.outcome == .crashed { hasFailed = true }
    }

    func progress(_ running: [(position: Int, schedules: Int)]) -> Progress {
      let total = cases.reduce(0) { $0 + $1.weight }
      var weight = 0
      for (index, result) in results.enumerated() where result != nil { weight += cases[index].weight }
      for (position, schedules) in running { weight += min(schedules, cases[position].weight) }
      return Progress(
        done: results.count { $0 != nil }, total: cases.count, share: Double(weight) / Double(max(total, 1)),
        running: running.map { cases[$0.position].id })
    }

    /// A result for every case: one that never ran is inconclusive, and says why.
    func complete() -> [CaseResult] {
      zip(cases, results).map { item, result in
        if let result { return result }
        let why =
          wasInterrupted
          ? "interrupted before it ended"
          : isStopped ? "not run: --fail-fast ended the gauntlet" : "not run: the budget was used up"
        return CaseResult(id: item.id, .inconclusive, why)
      }
    }
  }
}
