import Basics
import Checks
import Trading
import TradingEngine

extension HistoricalBug {
  /// MD-4's sibling: the state writer dies and nobody notices.
  static let stateWriterDies = HistoricalBug(
    id: "MD-4-state", title: "the state writer dies in silence", standing: .readInCode,
    story: """
      What made MD-4 possible was no property of the feed: none of the bot's threads was watched. The restart that came later \
      was for market data alone. The debounced writer of engine_transient.json ran on a thread like any other; one error in a \
      save that nobody caught would have ended it, and the bot would have traded on with a file that grows older with every \
      order. A restart would have found intents that were over, and none of those that were not.
      """,
    evidence: [
      "threads of the bot: DebouncedStateWriter twice, neither watched by anybody (HISTORY 2.1)",
      "auto-restart for the market data thread alone: at most 5, delay 5 s (HISTORY 1.6)",
      "HeartbeatMonitor: warns only, and of the engine's own loop only",
    ],
    inventions: ["that the thread ever ended"],
    provokedBy: ["state-writer-dies"],
    revisions: [
      Revision("original", "starts the thread once and never looks at it again") {
        $0.supervisor = { UnwatchedThreads($0, .stateWriter) }
      },
      .fixed("every thread is looked at in each cycle and started again; one that does not stay alive ends the engine"),
    ],
    landmarks: [.threadGone], signature: .stateRecoverable, isTimeSignature: true, consequences: [.positionsAgree],
    effects: unwatched("MD-4-state", besides: ["MD-4", "MD-4-log"]),
    fieldSigns: "last_update of state/engine_transient.json stands still while the log goes on; no line tells of it",
    inTheField: FieldHypothesis(predicts: [.stateOld, .stateNeverAgain]),
    signs: { record in
      let lag = record.events(.heartbeat).map { beat in
        (beat.time - (beat.text(.stateSavedAt).flatMap { Instant(iso8601: $0) } ?? record.run.start)).milliseconds
      }
      return [("oldest state on disk ms", Int(lag.max() ?? 0)), ("restarts", record.count(.threadRestarted))]
    },
    scenario: { stateWriterMarket.scenario($0) })

  /// What a supervisor that looks after nobody does to the proofs of its siblings.
  static func unwatched(_ bug: String, besides siblings: [String]) -> [PartEffect] {
    siblings.map { PartEffect("\(bug)/supervisor", turns: $0, .red, why: "nobody looks after any thread") }
  }

  /// A drop every 1.25 s.
  private static let stateWriterMarket = ProofMarket(
    name: "state-writer-dies", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(1250), count: 28)],
    pollInterval: .milliseconds(1250),
    settings: [(.mdPollMs, "1250"), (.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
