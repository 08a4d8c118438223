import Basics
import Trading

/// The report's four tests; each bug turns only its own red.
extension PaperReport {
  /// More pending than this draws a warning, or fails; the guide's thresholds.
  static let pendingWarnMax = 10
  static let pendingMax = 50

  static func ordersTest(_ record: SessionRecord) -> Test {
    let count = OrderCounts(record)
    let rate = percent(count.filled, of: count.sent)
    let verdict = Check.verdict(of: Check.ordersFilled, on: record)
    let finding: Finding
    if count.sent == 0 {
      finding = Finding(rank: .open, says: "No orders sent during session")
    } else if verdict.outcome == .notApplicable {
      finding = Finding(rank: .notApplicable, says: verdict.reason)
    } else if verdict.outcome == .inconclusive {
      finding = Finding(rank: .open, says: verdict.reason)
    } else if count.filled == 0, verdict.outcome == .fail {
      finding = Finding(rank: .fail, says: "No ORDER_FILLED events (100% failure rate)")
    } else if verdict.outcome == .fail {
      finding = Finding(rank: .fail, says: verdict.reason)
    } else if count.filled == 0 {
      finding = Finding(rank: .pass, says: "Orders are being filled (\(verdict.reason))")
    } else if count.filled * 10 < count.sent {
      finding = Finding(rank: .warn, says: "Very low fill rate (\(rate))")
    } else {
      finding = Finding(rank: .pass, says: "Orders are being filled (\(rate) fill rate)")
    }
    return Test(
      title: "Checking ORDER_FILLED events",
      figures: [
        "ORDER_SENT:   \(count.sent)", "ORDER_FILLED: \(count.filled)", "ORDER_FAILED: \(count.failed)",
        "Fill Rate:    \(count.sent == 0 ? "n/a" : rate)",
      ], findings: [finding])
  }

  static func intentsTest(_ record: SessionRecord) -> Test {
    let title = "Checking for stale pending_buy_intents"
    let kept = record.state?[.pendingBuyIntents]?.members
    let positions = record.state?[.positions]?.members
    let pending = kept?.count ?? 0
    // What is pending while a session runs is not what is pending at its end.
    let excess = max(record.run.isUnfinished ? 0 : pending, staleCount(record))
    let unsettled = Check.unsettledCount(record.run.isUnfinished ? record.known : record)
    var findings: [Finding] = []
    if excess > pendingMax { findings.append(Finding(rank: .fail, says: "Excessive stale intents (\(excess))")) }
    if unsettled > 0, record.stoodStill == nil {
      findings.append(Finding(rank: .fail, says: "Intents of finished orders never cleared (\(unsettled))"))
    }
    if findings.isEmpty {
      if kept == nil {
        findings.append(Finding(rank: .open, says: "No state file to count pending intents in"))
      } else if pending > pendingWarnMax {
        findings.append(Finding(rank: .warn, says: "Many pending intents (\(pending))"))
      } else {
        findings.append(Finding(rank: .pass, says: "Pending intents under control (\(pending))"))
      }
    }
    return Test(
      title: title,
      figures: [
        "Pending Intents: \(kept.map { String($0.count) } ?? "n/a")",
        "Positions:       \(positions.map { String($0.count) } ?? "n/a")",
      ], findings: findings)
  }

  static func errorsTest(_ record: SessionRecord) -> Test {
    let isSilent = Check.verdict(of: Check.errorsObservable, on: record).outcome == .fail
    return Test(
      title: "Checking for ERROR-level observability",
      figures: [
        "ERROR logs:       \(record.events.count { $0.level == "ERROR" })",
        "ORDER_FAILED logs: \(OrderCounts(record).failed)",
      ],
      findings: [
        isSilent
          ? Finding(rank: .fail, says: "Orders failing silently (no ERROR logs)")
          : Finding(rank: .pass, says: "Error logging is working")
      ])
  }

  static func crashTest(_ record: SessionRecord, directory: String?) -> Test {
    var findings = incidents(record, directory: directory)
    let crash = Check.noCrash.judge(record)
    if crash.outcome == .fail { findings.append(Finding(rank: .fail, says: "Crash (\(crash.reason))")) }
    if Check.verdict(of: Check.budgetRefreshBounded, on: record).outcome == .fail {
      let blocked = seconds(Check.longestRefreshMs(record) / 1000)
      findings.append(Finding(rank: .fail, says: "Budget refresh blocked its caller (\(blocked))"))
    }
    if findings.isEmpty { findings.append(Finding(rank: .pass, says: "No crashes detected")) }
    return Test(title: "Checking for crashes", figures: [], findings: findings + absences(record))
  }

  /// What decides any run, whatever it was judged by: a proven incident, an end that is missing, a fault that stayed away.
  static func certainties(_ record: SessionRecord, directory: String?) -> [Finding] {
    incidents(record, directory: directory) + absences(record)
  }

  private static func incidents(_ record: SessionRecord, directory: String?) -> [Finding] {
    var findings: [Finding] = []
    if let reason = record.stackdump {
      let place = (directory.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? "") + "stackdump.txt"
      findings.append(Finding(rank: .incident, says: "Stackdump found (\(reason)): \(place)"))
    } else if let incident = record.run.incidents.first(where: { $0.kind != "step-limit" }) {
      findings.append(Finding(rank: .incident, says: "Session stopped by the watchdog (\(incident.summary))"))
    }
    if let stoodStill = record.stoodStill { findings.append(Finding(rank: .open, says: stoodStill)) }
    if record.run.isUnfinished { findings.append(Finding(rank: .open, says: SessionRecord.unfinished)) }
    if let interrupted = record.interrupted { findings.append(Finding(rank: .open, says: interrupted)) }
    return findings
  }

  /// A session whose fault stayed away has shown nothing about it, however well it went.
  private static func absences(_ record: SessionRecord) -> [Finding] {
    unfired(record).map {
      Finding(rank: .open, says: "Fault \($0.fault) fired \($0.fired) times, it asks for \($0.wanted)")
    }
  }

  /// Armed faults that fired less often than they ask for, all their injects together.
  private static func unfired(_ record: SessionRecord) -> [(fault: String, fired: Int, wanted: Int)] {
    var sums: [(fault: String, fired: Int, wanted: Int)] = []
    for inject in record.run.injectCounts {
      if let index = sums.firstIndex(where: { $0.fault == inject.fault }) {
        sums[index].fired += inject.fired
      } else {
        sums.append((inject.fault, inject.fired, inject.firedMin))
      }
    }
    return sums.filter { $0.fired < $0.wanted }
  }

  /// Intents that were counted stale, by the metrics or by the engine's own word.
  static func staleCount(_ record: SessionRecord) -> Int {
    let counted = record.summary?["counters"]?["intents_stale"]?.int ?? 0
    let told = record.events(.staleIntentCleanup).reduce(0) { $0 + ($1.integer(.count) ?? 0) }
    return max(counted, told)
  }

  /// One digit behind the point, rounded; a rate below 10 % never reads 10.0 %.
  private static func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "0.0%" }
    var tenths = (part * 1000 * 2 + whole) / (2 * whole)
    if part * 10 < whole { tenths = min(tenths, 99) }
    return "\(tenths / 10).\(tenths % 10)%"
  }
}
