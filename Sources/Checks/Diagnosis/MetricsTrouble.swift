import Basics

/// "Metrics Not Working": endpoints that cannot be reached, and an export that cannot be written.
extension Diagnosis {
  static let prometheusMissing = Symptom(
    name: "Prometheus metrics not exposed",
    sign: { record in
      let failed = endpointFailures(record, "prometheus")
      return failed.isEmpty ? nil : "the endpoint failed \(counted(failed.count, "time"))"
    }, causes: [portInUse, addressUnusable])

  static let statsDMissing = Symptom(
    name: "StatsD metrics not received",
    sign: { record in
      let failed = unreachable(record)
      return failed.isEmpty ? nil : "sending failed \(counted(failed.count, "time"))"
    }, causes: [serverUnreachable])

  static let exportMissing = Symptom(
    name: "JSON export missing",
    sign: { record in
      let failed = record.count(.metricsExportFailed)
      if record.summaryFile == nil {
        return "there is no metrics/summary.json" + (failed > 0 ? "; writing it failed \(counted(failed, "time"))" : "")
      }
      if record.summary == nil { return "metrics/summary.json is not JSON" }
      return failed > 0 ? "writing metrics/summary.json failed \(counted(failed, "time"))" : nil
    }, causes: [directoryUnwritable, diskFull, exportTorn, exportNotCalled, exportCutShort])

  // MARK: Endpoints

  static let portInUse: Reader = { record in
    let failed = endpointFailures(record, "prometheus").filter(isInUse)
    let address = failed.first?.text(.address) ?? "the address"
    return Cause(
      "port-in-use", "the port is in use: \(address)", weight: failed.count, failed.map { record.evidence($0) },
      next: "'ss -ltnp' names who holds it; or another port: chaos paper --live --prometheus [HOST:]PORT")
  }

  static let addressUnusable: Reader = { record in
    let failed = endpointFailures(record, "prometheus").filter { !isInUse($0) }
    let address = failed.first?.text(.address) ?? "the address"
    return Cause(
      "address-unusable", "nothing can listen at \(address)", weight: failed.count, failed.map { record.evidence($0) },
      next: "an address of this machine and a port above 1023: chaos paper --live --prometheus [HOST:]PORT")
  }

  static let serverUnreachable: Reader = { record in
    let failed = unreachable(record)
    let address = failed.first?.text(.address) ?? "the address"
    return Cause(
      "server-unreachable", "the StatsD server is unreachable: \(address)", weight: failed.count,
      failed.map { record.evidence($0) },
      next: "start it, or chaos paper --live --statsd HOST:PORT; test with "
        + "'echo \"test.metric:1|c\" | nc -u -w0 HOST PORT'")
  }

  // MARK: Export

  static let directoryUnwritable: Reader = { record in
    let failed = record.events(.metricsExportFailed).filter { !isFull($0) }
    return Cause(
      "directory-not-writable", "the session's directory is not writable", weight: failed.count,
      failed.map { record.evidence($0) },
      next: "the rights, the mount and the parents of the session's metrics/; or another place: chaos paper --out DIR")
  }

  static let diskFull: Reader = { record in
    let failed = record.events(.metricsExportFailed).filter(isFull)
    return Cause(
      "disk-full", "the disk is full", weight: failed.count, failed.map { record.evidence($0) },
      next: "free space on the disk of the session ('df -h'), or another place: chaos paper --out DIR")
  }

  static let exportTorn: Reader = { record in
    guard record.summary == nil, let file = record.summaryFile else { return nil }
    let first = file.bytes.prefix { $0 != 0x0A }.prefix(60)
    return Cause(
      "export-torn", "the file was cut off, or another program writes it", weight: 1,
      [Evidence(place: "\(file.path):1", text: String(decoding: first, as: UTF8.self))],
      next: "Metrics.exportJSON replaces the file by a rename and cannot tear it: look for another writer")
  }

  /// The engine ended as it should, and nobody wrote or failed to write.
  static let exportNotCalled: Reader = { record in
    guard record.summaryFile == nil, record.count(.metricsExportFailed) == 0 else { return nil }
    return Cause(
      "export-not-called", "exportJSON is not called: the engine ended without it", weight: 1,
      record.events(.shutdownComplete).map { record.evidence($0) },
      next: "Metrics.exportJSON: part shutdown calls it, Sources/TradingEngine/Lifecycle/BoundedShutdown.swift")
  }

  static let exportCutShort: Reader = { $0.summaryFile == nil ? cutShort($0) : nil }

  private static func endpointFailures(_ record: SessionRecord, _ kind: String) -> [SessionRecord.Event] {
    record.events(.metricsEndpointFailed).filter { $0.text(.kind) == kind }
  }

  /// Values that were too many to be sent are no sign of an unreachable server.
  private static func unreachable(_ record: SessionRecord) -> [SessionRecord.Event] {
    endpointFailures(record, "statsd").filter { !says($0, "too many") }
  }

  private static func isInUse(_ event: SessionRecord.Event) -> Bool { says(event, "in use") }

  private static func isFull(_ event: SessionRecord.Event) -> Bool { says(event, "no space") }

  private static func says(_ event: SessionRecord.Event, _ words: String) -> Bool {
    event.text(.reason)?.lowercased().contains(words) ?? false
  }
}
