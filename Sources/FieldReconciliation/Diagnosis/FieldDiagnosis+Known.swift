import HistoricalBugs

/// Hypotheses besides the bugs of the catalogue.
extension FieldDiagnosis {
  /// Every bug, every mechanism that is known and has no exhibit here, every cause that `chaos doctor` knows.
  static var hypotheses: [Hypothesis] {
    AllBugs.all.map { bug in
      Hypothesis(id: bug.id, aliases: bug.aliases, title: bug.title, origin: .catalogue, field: bug.inTheField)
    } + outside + surroundings
  }

  /// Mechanisms that are known and have no exhibit here.
  static let outside: [Hypothesis] = [
    known(
      "FILL-2", "an event of a canceled order that the bot's states do not know",
      FieldHypothesis(predicts: [.unknownCancelEvent])),
    known(
      "FILL-3-residue", "the order id is wiped as before, and found again a tick later",
      FieldHypothesis(predicts: [.orderIdRestored])),
    known(
      "DUP-1", "the name of an order is made of its decision, so that no second one is held back",
      FieldHypothesis(predicts: [.nameOfEachDecision], allows: [.buysByRound, .boughtAgain])),
    known(
      "killed", "the process was killed, or the files were copied while it ran",
      FieldHypothesis(predicts: [.everythingStops], allows: [.fillUnseen], forbids: [.lockCycle, .hang])),
  ]

  private static func known(_ id: String, _ title: String, _ field: FieldHypothesis) -> Hypothesis {
    Hypothesis(id: id, aliases: [], title: title, origin: .known, field: field)
  }

  /// Causes of `chaos doctor` that are one with a hypothesis of another name.
  static let doctorAliases = [
    "order-failed-not-subscribed": "9.2", "router-silent": "9.1", "cut-short": "killed",
    "inconclusive": "unknown, which is no hypothesis",
  ]

  /// Causes of `chaos doctor` that lie in settings, the venue, the disk or the network as often as in the code. Their ids are
  /// the doctor's; `*` stands for any word.
  static let surroundings: [Hypothesis] = [
    cause("trading-off", "trading is switched off", [.tradingOff]),
    cause("spread-guard", "markets are wider than the limit on the spread", [.spreadBlocks], forbids: [.tradingOff]),
    cause(
      "slippage-guard", "asks lie further above the last price than is allowed", [.slippageBlocks],
      forbids: [.tradingOff]),
    cause("*-guard", "a limit of the settings keeps entries back", [.limitBlocks], forbids: [.tradingOff]),
    cause("no-signal", "no price came to the entry trigger", [.noTrigger], forbids: [.tradingOff]),
    cause("connectivity", "the venue does not answer", oneOf: [.venueSilent, .ordersGivenUp]),
    cause("balances-unknown", "the venue never told the balances, so that there was no budget", [.balancesUntold]),
    cause("refused", "the venue refuses most orders", [.ordersRefused]),
    cause("thin-book", "orders find nobody to trade with at their limit", [.nobodyToTradeWith]),
    cause("fills-unheard", "no fill of the venue reaches the bot", [.fillUnseen, .noFillHeard]),
    cause("log-queue-full", "the queue of the log was full, and lines of orders were lost in it", [.logLinesDropped]),
    cause(
      "clear-not-called", "the end of an order is known, and its intent stays", [.filledStaysPending],
      forbids: [.fillUnseen]),
    cause("cron-starved", "nobody sweeps intents that are too old", [.neverSwept], forbids: [.staleSweep]),
    cause("settled-late", "intents end long after their order", [.settledLate]),
    cause("level-hides-error", "failures are logged below the level ERROR", [.failuresBelowError]),
    cause("sampling-hides-error", "failures are counted, and their lines are left out", [.failuresCountedOnly]),
    cause("line-vague", "failures are logged without code and reason", [.failuresVague]),
    cause("port-in-use", "the port of the metrics is taken", [.portTaken]),
    cause("address-unusable", "nothing can listen at the address of the metrics", [.addressUnusable]),
    cause("server-unreachable", "the StatsD server is unreachable", [.statsDUnreachable]),
    cause("directory-not-writable", "the session's directory cannot be written", [.exportUnwritable]),
    cause("disk-full", "the disk is full", [.diskFull]),
    cause("export-torn", "the export of the metrics was cut off, or another program writes it", [.exportTorn]),
    cause("export-not-called", "the engine ended without an export of its metrics", [.exportMissing]),
    cause("lock-cycle", "threads wait for each other", [.lockCycle]),
    cause("dump", "a thread does not go on, and the dump says where it stands", [.hang]),
  ]

  private static func cause(
    _ id: String, _ title: String, _ predicts: [FieldSign] = [], oneOf: [FieldSign] = [], forbids: [FieldSign] = []
  ) -> Hypothesis {
    Hypothesis(
      id: id, aliases: [], title: title, origin: .doctor,
      field: FieldHypothesis(predicts: predicts, oneOf: oneOf, forbids: forbids))
  }
}
