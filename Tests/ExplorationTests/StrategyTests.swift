import Basics
import ChaosRuntime
import Exploration
import Synchronization
import Testing

/// A few threads that each write their number twice; the order is what a strategy decides.
struct Writers: SystemUnderTest {
  var threads = 4
  /// They begin in one instant.
  var isTogether = false

  final class Session: Sendable {
    let order = Mutex<[Int]>([])
  }

  func makeSession(_ request: RunRequest) -> Session { Session() }

  func drive(_ session: Session, in runtime: Runtime) throws(Stopped) {
    let value = Shared(runtime, "value", 0)
    var handles: [ThreadHandle] = []
    for number in 0..<threads {
      handles.append(
        try runtime.spawn("writer") { () throws(Stopped) in
          if isTogether { try runtime.sleep(.milliseconds(1)) }
          for _ in 0..<2 {
            try value.set(number)
            session.order.withLock { $0.append(number) }
          }
        })
    }
    for handle in handles { try handle.join() }
  }

  func judge(_ session: Session, _ end: RunEnd) -> Judgement {
    let order = session.order.withLock { $0 }
    return Judgement(verdicts: [], files: [("order", order.map { UInt8($0) })])
  }
}

@Suite struct StrategyTests {
  static let kinds: [StrategyPlan.Kind] = [
    .randomWalk, .pct(depth: 2, steps: 20), .pct(depth: 3, steps: 20), .pos, .delayBounded(delays: 2, steps: 20),
    .roundRobin(quantum: 1), .nonPreemptive(.longestWaiting), .nonPreemptive(.newest), .nonPreemptive(.any),
    .directed([]), .slowThreads, .holdAndWait,
  ]

  static func run(_ kind: StrategyPlan.Kind, _ seed: UInt64, threads: Int = 4) -> RunReport {
    Executor().run(
      Writers(threads: threads),
      RunRequest(
        scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(StrategyPlan(kind, noise: .latencies))))
  }

  static func order(_ report: RunReport) -> [UInt8] { report.judgement.files.first?.bytes ?? [] }

  @Test(arguments: kinds.indices)
  func `A plan and a seed give one schedule and its recording the same`(index: Int) throws {
    for seed in 1...10 as ClosedRange<UInt64> {
      let a = Self.run(Self.kinds[index], seed)
      let b = Self.run(Self.kinds[index], seed)
      #expect(a.recording == b.recording)
      #expect(Self.order(a) == Self.order(b))
      let again = Executor().run(
        Writers(),
        RunRequest(
          scenarioSeed: seed, scheduleSeed: 0, schedule: .replay(try Recording(parsing: a.recording.text))))
      #expect(Self.order(again) == Self.order(a))
      #expect(again.unusedLines == 0)
    }
  }

  @Test func `Threads that are not preempted run in one of their orders`() {
    #expect(Self.order(Self.run(.nonPreemptive(.longestWaiting), 1)) == [0, 0, 1, 1, 2, 2, 3, 3])
    #expect(Self.order(Self.run(.nonPreemptive(.newest), 1)) == [3, 3, 2, 2, 1, 1, 0, 0])
    let orders = (1...30 as ClosedRange<UInt64>).map { Self.order(Self.run(.nonPreemptive(.any), $0)) }
    #expect(orders.allSatisfy { order in stride(from: 0, to: 8, by: 2).allSatisfy { order[$0] == order[$0 + 1] } })
    #expect(Set(orders).count > 10)
  }

  @Test func `Round robin lets every thread take one step`() {
    let plan = StrategyPlan(.roundRobin(quantum: 1), noise: .none)
    let report = Executor().run(
      Writers(isTogether: true), RunRequest(scenarioSeed: 1, scheduleSeed: 1, schedule: .explore(plan)))
    #expect(Self.order(report) == [0, 1, 2, 3, 0, 1, 2, 3])
  }

  /// Without changes of priority a thread that has begun ends before a lower one begins.
  @Test func `Pct of depth one is an order of threads`() {
    let orders = (1...60 as ClosedRange<UInt64>).map { Self.order(Self.run(.pct(depth: 1, steps: 30), $0)) }
    #expect(orders.allSatisfy { order in stride(from: 0, to: 8, by: 2).allSatisfy { order[$0] == order[$0 + 1] } })
    #expect(Set(orders).count > 15, "of the 24 orders \(Set(orders).count) were seen")
  }

  @Test func `Pct of depth two preempts at most once`() {
    for seed in 1...60 as ClosedRange<UInt64> {
      let order = Self.order(Self.run(.pct(depth: 2, steps: 30), seed))
      let broken = (0...3 as ClosedRange<UInt8>).count { writer in
        guard let first = order.firstIndex(of: writer) else { return true }
        return first + 1 >= order.count || order[first + 1] != writer
      }
      #expect(broken <= 1, "seed \(seed): \(order)")
    }
  }

  @Test func `Pct ends in a random walk that starves nobody`() {
    let strategy = PCT(depth: 3, steps: 1, noise: .none)
    strategy.begin(seed: 1)
    let orders = (1...40 as ClosedRange<UInt64>).map { Self.order(Self.run(.pct(depth: 2, steps: 1), $0)) }
    #expect(orders.contains { order in (0..<7).count { order[$0] != order[$0 + 1] } > 4 })
  }

  @Test func `Delays are at most as many as asked`() {
    for seed in 1...40 as ClosedRange<UInt64> {
      for delays in 0...3 {
        let lines = Self.run(.delayBounded(delays: delays, steps: 20), seed).recording.lines.filter { $0.kind == .run }
        #expect(lines.count <= delays)
      }
    }
  }

  @Test func `Pos and the walk reach many orders`() {
    for kind in [StrategyPlan.Kind.pos, .randomWalk] {
      let orders = Set((1...60 as ClosedRange<UInt64>).map { Self.order(Self.run(kind, $0, threads: 2)) })
      // Two writers of two steps have six orders.
      #expect(orders.count == 6, "\(kind)")
    }
  }
}

@Suite struct SearchTests {
  private func schedules(_ count: Int, _ portfolio: Portfolio = .standard) -> (texts: [String], search: Search) {
    let search = Search(Seeds(7), arm: 1, portfolio: portfolio)
    let executor = Executor()
    let texts = (0..<count).map { index in
      let report = executor.run(Writers(), search.request(index))
      search.note(report)
      return report.recording.text
    }
    return (texts, search)
  }

  @Test func `A search is a function of its seed`() {
    let a = schedules(60)
    let b = schedules(60)
    #expect(a.texts == b.texts)
    #expect(a.search.choicesMax == b.search.choicesMax)
    #expect(a.search.choicesMax > 5)
  }

  @Test func `Every second schedule is stall free and the first ones are plain`() {
    let search = Search(Seeds(1), arm: 1)
    var summaries: [String] = []
    for index in 0..<8 {
      let request = search.request(index)
      #expect(request.isStallFree == (index % 2 == 0))
      guard case .explore(let plan) = request.schedule else { continue }
      let strategy = plan.makeStrategy()
      strategy.begin(seed: request.scheduleSeed)
      summaries.append(String(strategy.summary.prefix { $0 != "," }))
    }
    #expect(
      summaries == [
        "non-preemptive", "hold and wait", "round robin", "POS", "non-preemptive", "PCT", "non-preemptive",
        "random walk",
      ])
  }

  @Test func `Shares are kept and spread`() {
    let portfolio = Portfolio(shares: [(.pos, 1), (.randomWalk, 2), (.pct2, 1)], startsPlain: false)
    #expect(portfolio.turns == [.randomWalk, .pos, .pct2, .randomWalk])
    #expect(Portfolio.only(.pos).turns == [.pos])
    for member in Portfolio.Member.allCases {
      #expect(Portfolio.only(member).turns == [member])
    }
  }

  @Test func `Campaigns and arms do not share what they learn`() {
    let search = Search(Seeds(7), arm: 1, portfolio: .only(.pct2))
    guard case .explore(let before) = search.request(0).schedule, case .pct(_, let steps) = before.kind else {
      Issue.record("the only strategy is PCT")
      return
    }
    #expect(steps == 1)
    search.note(Executor().run(Writers(), search.request(1)))
    guard case .explore(let after) = search.request(2).schedule, case .pct(_, let learned) = after.kind else { return }
    #expect(learned == search.choicesMax)
    #expect(learned > 1)
    #expect(Search(Seeds(7), arm: 1).choicesMax == 1)
  }
}
