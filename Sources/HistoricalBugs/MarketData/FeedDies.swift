import Basics
import Checks
import Trading
import TradingEngine

/// Threads were started once, and nobody looked at them again.
private final class UnwatchedThreads: ThreadSupervisor {
  private let context: EngineContext

  init(_ parts: EngineAssembly) { context = parts.context }

  func look() throws(Stopped) -> Bool {
    if context.threads.named(.marketData)?.isFinished == true { context.runtime.landmark(.threadGone) }
    return false
  }
}

extension HistoricalBug {
  /// MD-4: the market data thread dies and nobody notices.
  static let feedDies = HistoricalBug(
    id: "MD-4", title: "the market data thread dies in silence", standing: .observed,
    story: """
      A session's market data seemed to stop after ten rounds. Part of that was a mistake of the evidence: the debug file \
      that showed it was written for the first ten rounds only, by design. The stale snapshots were real, 13 to 26 at a time \
      from 70 s on, and so was the hole behind them: an error in the loop's thread ended it, nobody watched the thread, and \
      decisions went on with the prices of that moment. Later versions restart it, five times at most, after five seconds.
      """,
    evidence: [
      "552ee00: silent death after 10 iterations; (inferred) partly an artefact of a debug file limited to 10 iterations",
      "STALE_SNAPSHOTS_WARNING with stale_count 13 to 26, threshold 5, stale_ttl_s 30, from +70 s",
      "MD-2: a missing method raised an exception with each update on the market data thread",
      "auto-restart later: at most 5, delay 5 s (HISTORY 1.6)",
    ],
    provokedBy: ["feed-dies"],
    revisions: [
      Revision("original", "starts the thread once and never looks at it again") {
        $0.supervisor = { UnwatchedThreads($0) }
      },
      .fixed("the main loop looks at the thread in every cycle and starts it again"),
    ],
    landmarks: [.threadGone], signature: .feedAlive, isTimeSignature: true,
    fieldSigns: """
      no MD line any more and no new decision, while heartbeats go on; STALE_SNAPSHOTS_WARNING once, never followed by \
      SNAPSHOTS_FRESH
      """,
    inTheField: FieldHypothesis(
      predicts: [.pollsEnd, .staleForGood], allows: [.boughtOnOldQuotes], forbids: [.callUnanswered]),
    signs: { record in
      [
        ("feed restarts", record.events(.threadRestarted).count),
        ("stale warnings", record.events(.staleSnapshotsWarning).count),
        ("fresh again", record.events(.snapshotsFresh).count),
      ]
    },
    scenario: { feedDiesMarket.scenario($0) })

  /// A drop every 2.5 s.
  private static let feedDiesMarket = ProofMarket(
    name: "feed-dies", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(2500), count: 16)],
    settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
