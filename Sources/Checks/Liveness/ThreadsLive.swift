import Basics
import Trading

extension Check {
  /// Threads that an engine has as long as it runs; the workers behind them come and go.
  private static let standing: [ThreadName] = [
    .engineMain, .marketData, .orderRouter, .userStream, .reconciler, .budgetRefresh, .stateWriter, .logWriter,
    .heartbeat,
  ]

  /// Reads `threads` and firings of run.json, which the runtime writes, the calls of the venue's truth, THREAD_GIVEN_UP of the
  /// log, and ENGINE_CYCLE_MS, HEARTBEAT_INTERVAL_S, BUDGET_REFRESH_TIMEOUT_S and EXCHANGE_TIMEOUT_S of config.json.
  ///
  /// A thread that ended is replaced by another of its name, or the engine is asked to end, within one cycle and a second, not
  /// counting the time in which the main loop, which looks after the others, waits for balances or rules, or is itself gone.
  /// With the main loop the engine ends, at its next heartbeat where nobody else sees to it; without a reason it does not.
  /// Workers of calls are replaced when a call keeps them too long, and then only; see `CallWorkers`.
  public static let threadsLive = Check(
    .threadsLive,
    "every thread of the engine lives until the engine is asked to end; one that dies is replaced at once",
    log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.threadsLive
    let known = standing.filter { !record.run.lives(of: $0).isEmpty }
    if known.isEmpty { return .open(name, "run.json does not say when threads began and ended") }
    let cycle = try record.settingTime(.engineCycleMs) + reactionSlack
    // Nobody waits for a main loop that is gone but the heartbeat.
    let beat = record.run.hasLostMainLoop ? try record.settingTime(.heartbeatIntervalS) + reactionSlack : cycle
    let blocks = try EngineBlocks(record)
    var wrong = needlessEnds(record) + untoldEnd(record)
    wrong += try CallWorkers.trouble(record)
    for wanted in known {
      let lives = record.run.lives(of: wanted)
      guard let first = lives.map(\.lowerBound).min() else { continue }
      let blocked = Stretches(blocks.unattended(but: wanted))
      let limit = wanted == .engineMain ? beat : cycle
      for gap in Stretches(lives).gaps(in: .from(first, to: record.end)) where blocked.uncovered(in: gap) > limit {
        wrong.append(
          "\(wanted) ended at \(gap.lowerBound.iso8601()), nothing took its place for \(seconds(gap.length.seconds))")
      }
    }
    if !record.run.isStallFree { return .stalled(name, wrong) }
    if wrong.isEmpty { return .pass(name, "\(known.count) threads lived until the end") }
    return .fail(name, "\(wrong.count) threads ended and were not replaced, or without need", wrong)
  }

  private static func wasMainLoopKilled(_ record: SessionRecord) -> Bool {
    record.run.firings.contains { $0.thread == ThreadName.engineMain.rawValue && $0.action == "kill" }
  }

  /// A main loop that ended by itself and was not told of as the reason for the end, or one that lived and was.
  private static func untoldEnd(_ record: SessionRecord) -> [String] {
    let told = record.count(.mainLoopGone)
    guard let asked = record.run.shutdownRequested,
      let ended = record.run.lives(of: .engineMain).map(\.upperBound).max()
    else { return [] }
    // Whoever waits for it asks for the end in the same moment.
    let isByItself = ended < asked || record.run.hasLostMainLoop && wasMainLoopKilled(record)
    if isByItself, told == 0, record.count(.shutdownStarted) > 0, record.count(.logRecordsDropped) == 0 {
      return ["the main loop ended at \(ended.iso8601()) by itself, and no \(EventName.mainLoopGone) says so"]
    }
    // One that a fault ends while the end is being asked for may be told.
    let most = isByItself || wasMainLoopKilled(record) ? 1 : 0
    return told > most ? ["\(told) times \(EventName.mainLoopGone), \(most) would be true"] : []
  }

  /// A thread that was started again so often within the window is given up when it ends once more, and the engine with it.
  private static let restartsMax = 5
  private static let restartWindow = Duration.seconds(300)

  /// Ends of an engine that nobody asked for, whose main loop no fault ended, and none of whose threads ended too often.
  private static func needlessEnds(_ record: SessionRecord) -> [String] {
    var wrong: [String] = []
    for event in record.events(.threadGivenUp) {
      let thread = event.text(.thread) ?? ""
      let ends = record.run.threads.count { fact in
        guard fact.name == thread, let ended = fact.ended, ended <= event.time,
          fact.started.map({ $0 < event.time }) ?? true
        else { return false }
        return event.time - ended <= restartWindow + reactionSlack
      }
      if ends > restartsMax { continue }
      wrong.append(
        "\(record.place(event)): \(thread) was given up, it had ended \(counted(ends, "time")) in the last "
          + seconds(restartWindow.seconds))
    }
    if record.run.hasLostMainLoop, record.count(.threadGivenUp) == 0, !wasMainLoopKilled(record) {
      wrong.append("the main loop ended by \(record.end.iso8601()), though nobody had asked for it")
    }
    return wrong
  }
}
