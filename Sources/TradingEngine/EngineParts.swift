/// The parts an engine is put together from; replace a factory to replace the part.
///
/// A factory is called once per engine. It may keep the context, but must not use other parts before `wire`.
public struct EngineParts: Sendable {
  /// Makes one part.
  public typealias Factory<Part> = @Sendable (EngineContext) -> Part

  public var formatter: Factory<any LogFormatter> = { _ in PlainFormatter() }
  public var log: Factory<any LogPipeline> = { QueuedLog($0) }
  public var bus: Factory<any EventBus> = { QueuedBus($0) }
  public var gate: Factory<any ExchangeGate> = { DeadlineGate($0) }
  public var budget: Factory<any BudgetLedger> = { ReservationLedger($0) }
  public var state: Factory<any StateStore> = { SnapshotStore($0) }
  public var intents: Factory<any IntentBook> = { SettlingBook($0) }
  public var entryGuard: Factory<any EntryGuard> = { ExposureGuard($0) }
  public var clientIds: Factory<any ClientIdMaker> = { _ in NumberedIds() }
  public var quantizer: Factory<any Quantizer> = { _ in DecimalQuantizer() }
  public var router: Factory<any OrderRouter> = { ReportingRouter($0) }
  public var fills: Factory<any FillHandler> = { CumulativeFills($0) }
  public var reconciler: Factory<any Reconciler> = { QueryingReconciler($0) }
  public var refresher: Factory<any BudgetRefresher> = { ThreadedRefresher($0) }
  public var feed: Factory<any MarketFeed> = { SupervisedFeed($0) }
  public var heartbeat: Factory<any HeartbeatLogger> = { SteadyHeartbeat($0) }
  public var shutdown: Factory<any Shutdown> = { BoundedShutdown($0) }

  /// The good parts.
  public init() {}
}
