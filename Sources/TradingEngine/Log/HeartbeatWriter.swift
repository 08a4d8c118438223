import Basics
import Trading

/// Writes HEARTBEAT, as every heartbeat logger does.
public struct HeartbeatWriter: Sendable {
  private let context: EngineContext
  private let log: EventLog
  private let state: any StateStore
  private let intents: any IntentBook

  /// A writer of lines; nothing is logged before `write`.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    log = parts.events
    state = parts.state
    intents = parts.intents
  }

  /// - Parameter sequence: the heartbeat's number, from 1.
  public func write(_ sequence: Int) throws(Stopped) {
    let overview = try state.overview()
    var open = 0
    for position in overview.positions where position.isOpen { open += 1 }
    let uptime = context.runtime.now - context.startedAt
    try log(
      .info, .heartbeat,
      [
        LogField(.seq, .integer(sequence)), LogField(.uptimeS, .number(uptime.seconds)),
        LogField(.positionsCount, .integer(open)), LogField(.pendingIntents, .integer(intents.count)),
        LogField(.budgetFree, .decimal(overview.budget.free)),
        LogField(.budgetReserved, .decimal(overview.budget.reserved)),
        LogField(.stateSavedAt, state.savedAt.map { .time($0) } ?? .null),
      ])
  }
}
