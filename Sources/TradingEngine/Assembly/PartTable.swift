/// The engine's parts, one line each: the name by which a part is reached and replaced, what it is, and the engine's own.
///
/// The order of the lines is the order in which parts are made, hear of the same event, and start their threads (those that
/// serve the others start first). A part that another one asks for while it is made is made before it, wherever its line stands.
///
/// Scheduling draws depend on the order in which locks are made: a line that changes its place changes every schedule.
public struct PartTable: Sendable {
  /// Renders the messages of warnings and errors.
  public let formatter = Part<any LogFormatter> { _ in PlainFormatter() }
  /// Takes log records and writes them.
  public let log = Part<any LogPipeline>(startsFirst: true) { QueuedLog($0) }
  /// What the other parts log with: events with their fields.
  public let events = Part<EventLog> { EventLog($0) }
  /// Carries intents to the router, and ends of orders to those who keep books.
  public let bus = Part<any EventBus> { QueuedBus($0) }
  /// The way to the venue: every call ends in time for its caller.
  public let gate = Part<any ExchangeGate> { DeadlineGate($0) }
  /// The gate as the other parts call it.
  public let exchange = Part<any ExchangeGate> { TimedGate($0) }
  /// What may be spent.
  public let budget = Part<any BudgetLedger> { ReservationLedger($0) }
  /// Keeps the state file in step.
  public let state = Part<any StateStore>(startsFirst: true) { SnapshotStore($0) }
  /// Who is pending; what every intent book keeps its intents in.
  public let intentTable = Part<IntentTable> { IntentTable($0.context) }
  let lostOrders = Part<LostOrders> { _ in LostOrders() }
  // The guards hear of a failure before the intent book: no symbol is free between its intent and its cooldown.
  /// Says when a position may be sold.
  public let exitGuard = Part<any ExitGuard> { InsistentExits($0) }
  /// Says which signals may become orders.
  public let entryGuard = Part<any EntryGuard> { ExposureGuard($0) }
  let firstFill = Part<FirstFillReport> { FirstFillReport($0) }
  /// Decides who clears an intent, and when.
  public let intents = Part<any IntentBook> { SettlingBook($0) }
  /// Names the orders.
  public let clientIds = Part<any ClientIdMaker> { _ in NumberedIds() }
  /// Makes quantities and prices that the venue takes.
  public let quantizer = Part<any Quantizer> { _ in DecimalQuantizer() }
  /// Places orders and tells of every failure.
  public let router = Part<any OrderRouter>(connect: { $0.listen(on: $1.bus) }) { ReportingRouter($0) }
  /// Books what the venue says was filled.
  public let fills = Part<any FillHandler> { CumulativeFills($0) }
  let userStream = Part<UserStream> { UserStream($0) }
  /// Asks the venue about orders that are silent.
  public let reconciler = Part<any Reconciler> { QueryingReconciler($0) }
  /// Asks the venue for the balances.
  public let refresher = Part<any BudgetRefresher>(startsFirst: true) { ThreadedRefresher($0) }
  /// Polls the quotes.
  public let feed = Part<any MarketFeed> { PollingFeed($0) }
  /// Starts threads again that have ended.
  public let supervisor = Part<any ThreadSupervisor> { RestartingSupervisor($0) }
  let mainLoop = Part<MainLoop> { MainLoop($0) }
  /// Logs that the engine lives.
  public let heartbeat = Part<any HeartbeatLogger> { SteadyHeartbeat($0) }
  /// Ends the engine within its limit.
  public let shutdown = Part<any Shutdown> { BoundedShutdown($0) }
}

/// A line of `PartTable`.
public final class Part<Made: Sendable>: Sendable {
  let startsFirst: Bool
  let make: EngineParts.Factory<Made>
  let connect: @Sendable (Made, EngineAssembly) -> Void

  /// - Parameters:
  ///   - startsFirst: whether its threads serve other parts, and start before theirs.
  ///   - connect: what is done with any part that stands in this place, the engine's own or another.
  ///   - make: makes the engine's own.
  init(
    startsFirst: Bool = false,
    connect: @escaping @Sendable (Made, EngineAssembly) -> Void = { _, _ in },
    _ make: @escaping EngineParts.Factory<Made>
  ) {
    self.startsFirst = startsFirst
    self.make = make
    self.connect = connect
  }
}
