import Basics

/// "Orders failing silently": where the ERROR line was lost.
extension Diagnosis {
  static let silentFailures = Symptom(
    name: "Orders failing silently",
    sign: { record in
      let failures = Check.failures(record)
      guard !failures.silent.isEmpty else { return nil }
      return
        "\(failures.silent.count) of \(counted(failures.all.count, "failed order")) without an ERROR line that has "
        + "code and reason"
    }, causes: [routerSilent, levelHides, failuresLost, samplingHides, lineVague])

  /// No line of any level, and the metrics never counted the failure either: it was not told at all.
  static let routerSilent: Reader = { record in
    let untold = untold(record)
    let silentCount = untold.count - lostCount(record)
    return Cause(
      "router-silent", "the router reports nothing: \(counted(silentCount, "failure")) without any ORDER_FAILED",
      weight: silentCount, refusal(of: untold, record) + [record.metricLine(.ordersFailed)],
      next:
        "part router, Sources/TradingEngine/Orders/ReportingRouter.swift: fail(_:_:) logs ORDER_FAILED and publishes "
        + "order.failed; 'chaos show 9.1' has the story, 'chaos run --bug 9.1' proves the fix")
  }

  static let levelHides: Reader = { record in
    let hidden = record.events(.orderFailed).filter { $0.level != "ERROR" }
    return Cause(
      "level-hides-error",
      "the level hides them: \(counted(hidden.count, "ORDER_FAILED line")) below ERROR", weight: hidden.count,
      hidden.map { record.evidence($0) },
      next:
        "ORDER_FAILED is logged at ERROR: failed() in Sources/TradingEngine/Orders/EventLog+Orders.swift; part log "
        + "keeps the level, Sources/TradingEngine/Log/QueuedLog.swift")
  }

  static let failuresLost: Reader = { queueFull($0, counter: .ordersFailed, event: .orderFailed) }

  /// The metrics counted more failures than the log has lines, and no queue overflowed: something picks lines out.
  static let samplingHides: Reader = { record in
    let lost = record.count(.logRecordsDropped) == 0 ? lostCount(record) : 0
    return Cause(
      "sampling-hides-error",
      "sampling hides them: \(counted(lost, "failure")) counted, and no ORDER_FAILED line in the log", weight: lost,
      [record.metricLine(.ordersFailed)] + refusal(of: untold(record), record).prefix(1)
        + [record.settingLine(.traceSampleRate)],
      next:
        "TRACE_SAMPLE_RATE may thin TRACE_STEP alone: part log, Sources/TradingEngine/Log/QueuedLog.swift, drops no "
        + "other line")
  }

  static let lineVague: Reader = { record in
    let vague = Check.failures(record).silent.filter { order in
      let told = record.engineOrders[order.clientOrderId]
      return told?.failedAt != nil
    }
    let ids = Set(vague.map(\.clientOrderId))
    let lines = record.events(.orderFailed).filter {
      $0.level == "ERROR" && ids.contains($0.text(.clientOrderId) ?? "")
    }
    return Cause(
      "line-vague", "\(counted(lines.count, "ERROR line")) without code or reason", weight: lines.count,
      lines.map { record.evidence($0) },
      next:
        "error_code and exchange_error of ORDER_FAILED: failed() in Sources/TradingEngine/Orders/EventLog+Orders.swift"
    )
  }

  // MARK: Readers' helpers

  /// Silent failures without any ORDER_FAILED.
  private static func untold(_ record: SessionRecord) -> [OrderTruth] {
    Check.failures(record).silent.filter { record.engineOrders[$0.clientOrderId]?.failedAt == nil }
  }

  /// Untold failures that the metrics counted: the router records both at once, so their line was lost later.
  private static func lostCount(_ record: SessionRecord) -> Int {
    min(untold(record).count, lostCount(record, counter: .ordersFailed, event: .orderFailed))
  }

  /// The venue's word on the first of the orders.
  private static func refusal(of orders: [OrderTruth], _ record: SessionRecord) -> [Evidence?] {
    orders.prefix(evidenceMax - 1).map { order in
      record.venue.first { line in
        line.text(.clientOrderId) == order.clientOrderId
          && (line.text(.outcome) == "error" || ["CANCELED", "EXPIRED", "REJECTED"].contains(line.text(.type)))
      }.map { record.evidence($0) }
    }
  }
}
