import Basics
import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import Trading
import TradingEngine

/// Writes run.json: inputs, seeds, phases, firings, incidents, limits, verdicts.
struct RunJSON {
  let system: PaperSystem
  let session: PaperSessionState
  let state: PaperSessionState.State
  let end: RunEnd
  let counts: [FaultCount]

  func value(verdicts: [Verdict]) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("format", .int(1)), ("tool", .string("chaos \(PaperSystem.version)")), ("system", .string("paper")),
      ("scenario", .string(session.scenario.name)),
      ("scenario_seed", .number("\(session.request.scenarioSeed)")),
      ("schedule_seed", .number("\(session.request.scheduleSeed)")),
      ("inputs", system.inputs.json), ("faults_armed", .bool(system.isFaultArmed)),
      ("faults", .array(system.faults.map { .string($0.id) })), ("expectations", .array(expectations)),
      ("carrier", .string(end.carrier)), ("stall_free", .bool(end.isStallFree)),
    ]
    if let venue = system.venue { members.append(("exchange", .string(venue.name))) }
    if !system.putBack.isEmpty { members.append(("put_back", .array(system.putBack.map(\.json)))) }
    members.append(("phases", .array(phases)))
    members.append(
      (
        end.carrier == "live" ? "real_seconds" : "virtual_seconds",
        .double(((state.shutdownRequested ?? end.ended) - (state.phases.first?.start ?? end.ended)).seconds)
      ))
    members.append(("fault_counts", .array(counts.map(count))))
    members.append(("firings", .array(state.firings.map(firing))))
    members.append(("landmarks", .object(end.landmarks.map { ($0.name, .int($0.count)) })))
    members.append(("incidents", .array(end.incidents.map(incident))))
    if !end.standstills.isEmpty { members.append(("standstills", .array(end.standstills.map(standstill)))) }
    if let unwatched = end.unwatched { members.append(("unwatched", .string(unwatched))) }
    members.append(("overdue_activities", .array(overdue)))
    members.append(
      (
        "threads",
        .array(end.threads.map(thread))
      ))
    if !end.unresponsiveThreads.isEmpty {
      members.append(("swallowed_stop", .array(end.unresponsiveThreads.map { .string($0) })))
    }
    members.append(("crash", .null))
    if let interruption = state.interruption { members.append(("interrupted", interruption.json)) }
    members.append(("shutdown", shutdown))
    members.append(("limits", limits))
    members.append(("verdicts", .array(verdicts.map(\.json))))
    return .object(members)
  }

  /// Of the faults that are armed, what their files expect.
  private var expectations: [JSON] {
    guard system.isFaultArmed else { return [] }
    return system.faults.filter { $0.expect.detect != nil || $0.expect.recover != nil }.map { fault in
      .object([
        ("fault", .string(fault.id)), ("detected_by", .array(fault.expect.detectedBy.map { .string($0) })),
        ("detect_ms", fault.expect.detect.map { .double($0.milliseconds) } ?? .null),
        ("recover_ms", fault.expect.recover.map { .double($0.milliseconds) } ?? .null),
      ])
    }
  }

  private var phases: [JSON] {
    state.phases.map {
      .object([("name", .string($0.name)), ("start", time($0.start)), ("end", time($0.end))])
    }
  }

  private func count(_ count: FaultCount) -> JSON {
    .object([
      ("fault", .string(count.fault)), ("inject", .int(count.inject)), ("site", .string(count.site)),
      ("hits", .int(count.hits)), ("eligible", .int(count.eligible)), ("fired", .int(count.fired)),
      ("fired_min", .int(system.faults.first { $0.id == count.fault }?.expect.firedMin ?? 1)),
    ])
  }

  private func firing(_ firing: Firing) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("fault", .string(firing.fault)), ("inject", .int(firing.inject)), ("site", .string(firing.site)),
      ("per", .string(firing.per)), ("hit", .int(firing.hit)), ("timestamp", time(firing.time)),
      ("action", .string(firing.action.kind.rawValue)), ("thread", .string(firing.thread)),
    ]
    if case .sleep(let length) = firing.action { members.append(("sleep_ms", .double(length.milliseconds))) }
    return .object(members)
  }

  private func thread(_ thread: ThreadState) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("name", .string(thread.name)), ("finished", .bool(thread.isFinished)), ("started", time(thread.startedAt)),
    ]
    if let ended = thread.endedAt { members.append(("ended", time(ended))) }
    return .object(members)
  }

  private func incident(_ incident: Incident) -> JSON {
    .object([
      ("kind", .string(incident.kind.rawValue)), ("timestamp", time(incident.time)),
      ("summary", .string(incident.summary)), ("threads", .array(incident.threads.map { .string($0) })),
      ("locks", .array(incident.locks.map { .string($0) })),
      ("activity", incident.activity.map { .string($0) } ?? .null),
      ("waited_ms", incident.waited.map { .double($0.milliseconds) } ?? .null),
      (
        "cycle",
        .array(
          incident.cycle.map {
            .object([
              ("thread", .string($0.thread)), ("waits_for", .string($0.lock)), ("waits_at", .string($0.waitsAt)),
              ("held_by", .string($0.holder)), ("taken_at", .string($0.takenAt)),
            ])
          })
      ),
    ])
  }

  private func standstill(_ one: RunEnd.Standstill) -> JSON {
    .object([
      ("timestamp", time(one.start)), ("seconds", .double(one.length.seconds, places: 3)),
      ("cause", .string(one.cause.rawValue)),
    ])
  }

  private var overdue: [JSON] {
    end.overdueActivities.map {
      .object([
        ("thread", .string($0.thread)), ("activity", .string($0.activity)),
        ("limit_ms", .double($0.limit.milliseconds)),
        ("took_ms", .double($0.took.milliseconds)), ("timestamp", time($0.time)),
      ])
    }
  }

  private var shutdown: JSON {
    let own = ownEnd
    return .object([
      ("requested", (own?.startedAt ?? state.shutdownRequested).map(time) ?? .null),
      ("completed", (own == nil ? state.shutdownCompleted : own?.endedAt).map(time) ?? .null),
      ("main_loop_lost", .bool(state.hasLostMainLoop || own != nil)),
      ("limit_ms", .double(session.settings.shutdownTimeout.milliseconds)),
      ("leaked", .array((state.report?.leaked ?? []).map { .string($0) })),
    ])
  }

  /// The thread with which an engine ended itself before anybody asked it to.
  private var ownEnd: ThreadState? {
    guard let asked = state.shutdownRequested else { return nil }
    return end.threads.first { $0.name == ThreadName.engineEnd.rawValue && $0.startedAt < asked }
  }

  private var limits: JSON {
    let settings = session.settings
    // So many positions and entries at a time, each within its own limit.
    let total = try? settings.maxPerSymbol.multiplied(by: Decimal(settings.maxConcurrentPositions), rounding: .up)
    return .object([
      (LimitName.heartbeatMs.rawValue, .double(settings.heartbeatInterval.milliseconds)),
      (LimitName.refreshMs.rawValue, .double(settings.budgetRefreshTimeout.milliseconds)),
      (LimitName.formatMs.rawValue, .double(settings.formatterTimeout.milliseconds)),
      (LimitName.callMs.rawValue, .double(settings.exchangeTimeout.milliseconds)),
      (LimitName.quotesMs.rawValue, .double(settings.quoteAgeMax.milliseconds)),
      (LimitName.shutdownMs.rawValue, .double(settings.shutdownTimeout.milliseconds)),
      (LimitName.perSymbolQuoteMax.rawValue, .number(settings.maxPerSymbol.description)),
      (LimitName.totalQuoteMax.rawValue, total.map { .number($0.description) } ?? .null),
    ])
  }

  private func time(_ instant: Instant) -> JSON { .string(instant.iso8601()) }
}

extension PaperSessionState.State {
  /// Firings in the process and at the venue, by time.
  var firings: [Firing] {
    let own = injector?.firings ?? []
    guard let others = venueEnd?.firings, !others.isEmpty else { return own }
    return (own + others).sorted { $0.time < $1.time }
  }
}

extension PaperSystem {
  /// The tool's version; 0 while interfaces may change.
  public static let version = "0.1.0"
}
