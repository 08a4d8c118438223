import Checks
import Trading
import TradingEngine

extension HistoricalBug {
  /// MD-4: the market data thread dies and nobody notices.
  static let feedDies = HistoricalBug(
    id: "MD-4", title: "the market data thread dies in silence", standing: .readInCode,
    story: """
      A session's market data seemed to stop after ten rounds. Part of that was a mistake of the evidence: the debug file \
      that showed it was written for the first ten rounds only, by design. The stale snapshots were real, 13 to 26 at a time \
      from 70 s on: a poll of 30 s under a limit of 30 s makes every late batch stale. The hole behind them was real as well: an \
      error in the loop's thread would have ended it, nobody watched the thread, and decisions would have gone on with the \
      prices of that moment. Later versions restart it, five times at most, after five seconds.
      """,
    evidence: [
      "552ee00: silent death after 10 iterations; (inferred) partly an artefact of a debug file limited to 10 iterations",
      "STALE_SNAPSHOTS_WARNING with stale_count 13 to 26, threshold 5, stale_ttl_s 30, from +70 s",
      "MD-2: a missing method raised an exception with each update on the market data thread",
      "auto-restart later: at most 5, delay 5 s (HISTORY 1.6)",
    ],
    inventions: ["that the thread ever ended: the file that showed it stopped after 10 rounds by design"],
    provokedBy: ["feed-dies"],
    revisions: [
      Revision("original", "polls in batches on a thread that is started once and never looked at again") {
        $0.feed = { BatchedFeed($0) }
        $0.supervisor = { UnwatchedThreads($0, .marketData) }
      },
      .fixed("every thread is looked at in each cycle and started again; one that does not stay alive ends the engine"),
    ],
    landmarks: [.threadGone], signature: .feedAlive, isTimeSignature: true,
    effects: [
      PartEffect("MD-4/feed", turns: "MD-4", .green, why: "today's supervisor looks after whatever feed it is"),
      PartEffect("MD-4/feed", turns: "MD-1", .red, why: "the same feed"),
    ] + unwatched("MD-4", besides: ["MD-4-state", "MD-4-log"]),
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
