import Basics
import Trading

extension Check {
  /// Threads that an engine has as long as it runs; the workers behind them come and go.
  private static let standing: [ThreadName] = [
    .engineMain, .marketData, .orderRouter, .userStream, .reconciler, .budgetRefresh, .stateWriter, .logWriter,
    .heartbeat,
  ]

  /// Reads `threads` of run.json, which the runtime writes, the queries for balances and market rules of the venue's truth,
  /// and ENGINE_CYCLE_MS, BUDGET_REFRESH_TIMEOUT_S and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// A thread that ended is replaced by another of its name, or the engine is asked to end, within one cycle and a second, not
  /// counting the time in which the main loop, which looks after the others, waits for balances or rules, or is itself gone.
  public static let threadsLive = Check(
    .threadsLive, "every thread of the engine lives until the engine is asked to end; one that dies is replaced at once"
  ) { record throws(Unjudged) in
    let name = CheckName.threadsLive
    let known = standing.filter { !record.run.lives(of: $0).isEmpty }
    if known.isEmpty { return .open(name, "run.json does not say when threads began and ended") }
    let limit = try record.settingTime(.engineCycleMs) + reactionSlack
    let blocks = try EngineBlocks(record)
    var wrong: [String] = []
    for wanted in known {
      let lives = record.run.lives(of: wanted)
      guard let first = lives.map(\.lowerBound).min() else { continue }
      let blocked = Stretches(blocks.unattended(but: wanted))
      for gap in Stretches(lives).gaps(in: .from(first, to: record.end)) where blocked.uncovered(in: gap) > limit {
        wrong.append(
          "\(wanted) ended at \(gap.lowerBound.iso8601()), nothing took its place for \(seconds(gap.length.seconds))")
      }
    }
    if !record.run.isStallFree { return .stalled(name, wrong) }
    if wrong.isEmpty { return .pass(name, "\(known.count) threads lived until the end") }
    return .fail(name, "\(wrong.count) threads ended and were not replaced", wrong)
  }
}
