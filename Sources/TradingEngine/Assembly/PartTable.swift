/// The engine's parts, one line each: the name by which a part is reached and replaced, what it is, and the engine's own.
///
/// The order of the lines is the order in which parts are made, hear of the same event, and start their threads (those that
/// serve the others start first). A part that another one asks for while it is made is made before it, wherever its line stands.
///
/// Scheduling draws depend on the order in which locks are made: a line that changes its place changes every schedule.
public struct PartTable: Sendable {
  /// Renders the messages of warnings and errors.
  public let formatter = Part<any LogFormatter>({ $0 }) { _ in PlainFormatter() }
  /// Takes log records and writes them.
  public let log = Part<any LogPipeline>({ $0 }, startsFirst: true) { QueuedLog($0) }
  /// What the other parts log with: events with their fields.
  public let events = Part<EventLog> { EventLog($0) }
  /// Carries intents to the router, and ends of orders to those who keep books.
  public let bus = Part<any EventBus>({ $0 }) { QueuedBus($0) }
  /// The way to the venue: every call ends in time for its caller.
  public let gate = Part<any ExchangeGate>({ $0 }) { DeadlineGate($0) }
  /// The gate as the other parts call it.
  public let exchange = Part<any ExchangeGate>({ $0 }) { TimedGate($0) }
  /// What may be spent.
  public let budget = Part<any BudgetLedger>({ $0 }) { ReservationLedger($0) }
  /// Keeps the state file in step.
  public let state = Part<any StateStore>({ $0 }, startsFirst: true) { SnapshotStore($0) }
  /// Who is pending; what every intent book keeps its intents in.
  public let intentTable = Part<IntentTable> { IntentTable($0.context) }
  let lostOrders = Part<LostOrders> { _ in LostOrders() }
  // The guards hear of a failure before the intent book: no symbol is free between its intent and its cooldown.
  /// Says when a position may be sold.
  public let exitGuard = Part<any ExitGuard>({ $0 }) { InsistentExits($0) }
  /// Says which signals may become orders.
  public let entryGuard = Part<any EntryGuard>({ $0 }) { ExposureGuard($0) }
  let firstFill = Part<FirstFillReport>({ $0 }) { FirstFillReport($0) }
  /// Decides who clears an intent, and when.
  public let intents = Part<any IntentBook>({ $0 }) { SettlingBook($0) }
  /// Names the orders.
  public let clientIds = Part<any ClientIdMaker>({ $0 }) { _ in NumberedIds() }
  /// Makes quantities and prices that the venue takes.
  public let quantizer = Part<any Quantizer>({ $0 }) { _ in DecimalQuantizer() }
  /// Places orders and tells of every failure.
  public let router = Part<any OrderRouter>({ $0 }, connect: { $0.listen(on: $1.bus) }) { ReportingRouter($0) }
  /// Books what the venue says was filled.
  public let fills = Part<any FillHandler>({ $0 }) { CumulativeFills($0) }
  let userStream = Part<UserStream>({ $0 }) { UserStream($0) }
  /// Asks the venue about orders that are silent.
  public let reconciler = Part<any Reconciler>({ $0 }) { QueryingReconciler($0) }
  /// Asks the venue for the balances.
  public let refresher = Part<any BudgetRefresher>({ $0 }, startsFirst: true) { ThreadedRefresher($0) }
  /// Polls the quotes.
  public let feed = Part<any MarketFeed>({ $0 }) { PollingFeed($0) }
  /// Starts threads again that have ended.
  public let supervisor = Part<any ThreadSupervisor>({ $0 }) { RestartingSupervisor($0) }
  let mainLoop = Part<MainLoop>({ $0 }) { MainLoop($0) }
  /// Logs that the engine lives.
  public let heartbeat = Part<any HeartbeatLogger>({ $0 }) { SteadyHeartbeat($0) }
  /// Ends the engine within its limit.
  public let shutdown = Part<any Shutdown>({ $0 }) { BoundedShutdown($0) }
}

/// A line of `PartTable`.
public final class Part<Made: Sendable>: Sendable {
  /// The part as one that may have threads to start; nil: parts of this line have none.
  let starting: (@Sendable (Made) -> any EnginePart)?
  let startsFirst: Bool
  let make: EngineParts.Factory<Made>
  let connect: @Sendable (Made, EngineAssembly) -> Void

  /// - Parameters:
  ///   - starting: the part as an `EnginePart`, which every type in this place is: a cast would look through all types of
  ///     the program.
  ///   - startsFirst: whether its threads serve other parts, and start before theirs.
  ///   - connect: what is done with any part that stands in this place, the engine's own or another.
  ///   - make: makes the engine's own.
  init(
    _ starting: (@Sendable (Made) -> any EnginePart)? = nil, startsFirst: Bool = false,
    connect: @escaping @Sendable (Made, EngineAssembly) -> Void = { _, _ in },
    _ make: @escaping EngineParts.Factory<Made>
  ) {
    self.starting = starting
    self.startsFirst = startsFirst
    self.make = make
    self.connect = connect
  }
}
