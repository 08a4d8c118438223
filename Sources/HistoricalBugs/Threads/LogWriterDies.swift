import Checks
import Trading
import TradingEngine

extension HistoricalBug {
  /// MD-4's sibling: the log's listener dies and nobody notices.
  static let logWriterDies = HistoricalBug(
    id: "MD-4-log", title: "the log's listener dies in silence", standing: .readInCode,
    story: """
      The fix of 9.5 put a queue and a listener between those who log and the files. The listener is one more thread that \
      nobody watches: an error in it ends all lines at once, callers go on handing their records to the queue, and a full \
      queue drops them without a word. For one release every record raised an error in the listener (the alarm that works on \
      the main thread only); the logging library caught those. The one place that would tell of a dead listener is the log.
      """,
    evidence: [
      "4d0ef46: QueueListener on a thread of its own, Thread-1(_monitor) in the dumps (HISTORY 1.4, 2.1)",
      "\"signal only works in main thread\" with every record until ec5460e",
      "queue full: the record is dropped silently (HISTORY 1.4)",
    ],
    inventions: ["that the thread ever ended"],
    provokedBy: ["log-writer-dies"],
    revisions: [
      Revision("original", "starts the listener once and never looks at it again") {
        $0.supervisor = { UnwatchedThreads($0, .logWriter) }
      },
      .fixed(
        "the listener is looked at in each cycle and started again; it goes on with the records that it had taken"),
    ],
    landmarks: [.threadGone], signature: .logComplete, consequences: [.shutdownBounded],
    effects: unwatched("MD-4-log", besides: ["MD-4", "MD-4-state"]),
    fieldSigns: "every log file ends at one moment while orders go on at the venue; no SHUTDOWN_COMPLETE",
    inTheField: FieldHypothesis(
      predicts: [.logEndsEarly, .fillUnseen], forbids: [.pollsAlone]),
    signs: { record in
      [("lines of the log", record.events.count), ("restarts", record.count(.threadRestarted))]
    },
    scenario: { logWriterMarket.scenario($0) })

  /// A drop every 2.5 s.
  private static let logWriterMarket = ProofMarket(
    name: "log-writer-dies", duration: .seconds(60),
    waves: [.init(from: .milliseconds(4001), every: .milliseconds(2500), count: 16)],
    settings: [(.maxConcurrentPositions, "100"), (.sl, "0.5")])
}
