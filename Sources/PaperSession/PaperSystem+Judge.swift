import Basics
import Checks
public import Exploration
import FakeExchange
import FaultInjection
import Trading
import TradingEngine

extension PaperSystem {
  /// Writes what the session left behind as its files, reads them back as a record, and lets every check judge it.
  public func judge(_ session: PaperSessionState, _ end: RunEnd) -> Judgement {
    var state = session.state.withLock { $0 }
    state.venueEnd = state.venue.map { self.end(of: $0) }
    var files = SessionFiles(end.files)
    if let front = state.front { files.set("logs/exchange.jsonl", front.finish()) }
    if let venue = state.venueEnd { files.set("logs/exchange.jsonl", venue.lines) }
    if files[Self.eventsPath] == nil { files.set(Self.eventsPath, []) }
    if !end.crashImages.isEmpty {
      let appends = end.appends.filter { $0.path == Self.eventsPath }
      files.set("logs/disk.jsonl", DiskLines.text(end.crashImages, appends))
    }
    files.set("config.json", config(session))
    let counts = isFaultArmed ? faultCounts(state) : []
    let run = RunJSON(system: self, session: session, state: state, end: end, counts: counts)
    files.set("run.json", Array(run.value(verdicts: []).text.utf8))
    if let trouble = state.venueEnd?.trouble {
      let verdict = Verdict(check: CheckName.noCrash.rawValue, outcome: .inconclusive, reason: trouble)
      files.set("run.json", Array(run.value(verdicts: [verdict]).pretty().utf8))
      return Judgement(verdicts: [verdict], faultCounts: counts, landmarks: end.landmarks, files: files.files)
    }
    do throws(RecordError) {
      let record = try SessionRecord(files: files)
      let checks = Check.all.filter { judgedBy?.contains($0.name) ?? true }
      let verdicts = checks.map { Check.verdict(of: $0, on: record) }
      files.set("run.json", Array(run.value(verdicts: verdicts).pretty().utf8))
      var judgement = Judgement(
        verdicts: verdicts, faultCounts: counts, landmarks: end.landmarks, files: files.files,
        tallies: tallies(record) + (bug?.signs(record) ?? []))
      judgement.deeds = Self.deeds(record)
      if session.request.wantsReport {
        judgement.reportExitCode = PaperReport(record, verdicts: verdicts).exitCode
        judgement.record = record
      }
      if session.request.wantsCoverage {
        (judgement.coverage, judgement.coverageExpected) = Self.coverage(
          record, firings: state.firings, faults: isFaultArmed ? faults : [])
        judgement.coverage += end.landmarks.filter { $0.count > 0 }.map {
          Coverage.Item(.sometimes, "landmark \($0.name)")
        }
        judgement.coverageExpected += (bug?.landmarks ?? []).map { Coverage.Item(.sometimes, "landmark \($0)") }
      }
      return judgement
    } catch {
      let verdict = Verdict(
        check: CheckName.noCrash.rawValue, outcome: .fail, reason: "the session's own files cannot be read: \(error)")
      return Judgement(verdicts: [verdict], faultCounts: counts, landmarks: end.landmarks, files: files.files)
    }
  }

  /// What was asked for in the words of whoever asked: what the engine made of them is judged by these.
  func config(_ session: PaperSessionState) -> [UInt8] {
    let asked = session.scenario.settings + baseSettings
    let members = session.settings.values.map { name, value in
      (key: name, value: JSON.string(asked.last { $0.name == name }?.value ?? value))
    }
    return Array(JSON.object(members).pretty().utf8)
  }

  func faultCounts(_ state: PaperSessionState.State) -> [FaultCount] {
    Self.merged(
      (state.injector?.counts ?? []).map {
        FaultCount(
          fault: $0.fault, inject: $0.inject, site: $0.site, hits: $0.hits, eligible: $0.eligible, fired: $0.fired)
      }, state.venueEnd?.counts ?? [])
  }

  /// Name of the deed of an order that reached the venue or was refused by it.
  static let orders = "orders at the venue"
  /// Names of the deeds of which a healthy engine does some of each.
  static let trades = [orders, "purchases that filled", "sales that filled"]

  /// Read from the venue's truth alone.
  private static func deeds(_ record: SessionRecord) -> [(name: String, count: Int)] {
    let filled = record.orders.filter { $0.filledQuantity.isPositive }
    let purchases = filled.count { $0.side == "buy" }
    return Array(zip(trades, [record.orders.count, purchases, filled.count - purchases])).map { ($0, $1) }
  }

  /// The field's figures, from the engine's log: of the orders that were sent in the chaos phase.
  private func tallies(_ record: SessionRecord) -> [(name: String, value: Int)] {
    let chaos = record.run.phases.first { $0.name == "chaos" }
    let start = chaos?.start ?? record.run.start
    let end = chaos?.end ?? record.end
    let sent = record.events(.orderSent).filter { $0.time >= start && $0.time <= end }
    let ids = Set(sent.compactMap { $0.text(.intentId) })
    func count(_ type: EventName, until last: Instant) -> Int {
      Set(record.events(type).filter { $0.time <= last }.compactMap { $0.text(.intentId) }).intersection(ids).count
    }
    func cleared(_ reason: String) -> Int {
      record.events(.intentCleared).reduce(0) { $0 + ($1.text(.reason) == reason ? 1 : 0) }
    }
    return [
      ("SENT", sent.count), ("FILLED", count(.orderFilled, until: end)),
      ("FAILED", count(.orderFailed, until: record.lastWord)),
      ("ERROR lines", record.events.reduce(0) { $0 + ($1.level == "ERROR" ? 1 : 0) }),
      ("cleared by order_failed", cleared("order_failed")),
      (
        "cleared by the stale cron",
        record.events(.staleIntentCleanup).reduce(0) { $0 + ($1.integer(.count) ?? 0) }
      ),
      ("pending at end", record.state?[.pendingBuyIntents]?.members?.count ?? 0),
      ("longest refresh ms", Int(Check.longestRefreshMs(record))),
    ]
  }
}
