/// The parts an engine is put together from; replace a factory to replace the part.
///
/// A factory is called once per engine. It may keep the context, but must not use other parts before `wire`.
public struct EngineParts: Sendable {
  /// Makes one part.
  public typealias Factory<Part> = @Sendable (EngineContext) -> Part

  @Replaceable public var formatter: Factory<any LogFormatter> = { _ in PlainFormatter() }
  @Replaceable public var log: Factory<any LogPipeline> = { QueuedLog($0) }
  @Replaceable public var bus: Factory<any EventBus> = { QueuedBus($0) }
  @Replaceable public var gate: Factory<any ExchangeGate> = { DeadlineGate($0) }
  @Replaceable public var budget: Factory<any BudgetLedger> = { ReservationLedger($0) }
  @Replaceable public var state: Factory<any StateStore> = { SnapshotStore($0) }
  @Replaceable public var intents: Factory<any IntentBook> = { SettlingBook($0) }
  @Replaceable public var entryGuard: Factory<any EntryGuard> = { ExposureGuard($0) }
  @Replaceable public var clientIds: Factory<any ClientIdMaker> = { _ in NumberedIds() }
  @Replaceable public var quantizer: Factory<any Quantizer> = { _ in DecimalQuantizer() }
  @Replaceable public var router: Factory<any OrderRouter> = { ReportingRouter($0) }
  @Replaceable public var fills: Factory<any FillHandler> = { CumulativeFills($0) }
  @Replaceable public var reconciler: Factory<any Reconciler> = { QueryingReconciler($0) }
  @Replaceable public var refresher: Factory<any BudgetRefresher> = { ThreadedRefresher($0) }
  @Replaceable public var feed: Factory<any MarketFeed> = { SupervisedFeed($0) }
  @Replaceable public var heartbeat: Factory<any HeartbeatLogger> = { SteadyHeartbeat($0) }
  @Replaceable public var shutdown: Factory<any Shutdown> = { BoundedShutdown($0) }

  /// The good parts.
  public init() {}
}

extension EngineParts {
  /// A place for a part, by name.
  public struct Slot: Sendable {
    /// The name of the property, such as `router`.
    public let name: String
    /// Whether something was put in the place of the good part.
    public let isReplaced: @Sendable (EngineParts) -> Bool
    /// Puts the part of `from` in its place.
    public let take: @Sendable (_ from: EngineParts, _ into: inout EngineParts) -> Void
  }

  /// Every slot, in the order of the properties.
  public static let slots: [Slot] = [
    slot("formatter", { $0.$formatter }, { $0.$formatter = $1 }),
    slot("log", { $0.$log }, { $0.$log = $1 }),
    slot("bus", { $0.$bus }, { $0.$bus = $1 }),
    slot("gate", { $0.$gate }, { $0.$gate = $1 }),
    slot("budget", { $0.$budget }, { $0.$budget = $1 }),
    slot("state", { $0.$state }, { $0.$state = $1 }),
    slot("intents", { $0.$intents }, { $0.$intents = $1 }),
    slot("entryGuard", { $0.$entryGuard }, { $0.$entryGuard = $1 }),
    slot("clientIds", { $0.$clientIds }, { $0.$clientIds = $1 }),
    slot("quantizer", { $0.$quantizer }, { $0.$quantizer = $1 }),
    slot("router", { $0.$router }, { $0.$router = $1 }),
    slot("fills", { $0.$fills }, { $0.$fills = $1 }),
    slot("reconciler", { $0.$reconciler }, { $0.$reconciler = $1 }),
    slot("refresher", { $0.$refresher }, { $0.$refresher = $1 }),
    slot("feed", { $0.$feed }, { $0.$feed = $1 }),
    slot("heartbeat", { $0.$heartbeat }, { $0.$heartbeat = $1 }),
    slot("shutdown", { $0.$shutdown }, { $0.$shutdown = $1 }),
  ]

  /// The slots in which something other than the good part lies.
  public var replaced: [Slot] { Self.slots.filter { $0.isReplaced(self) } }

  private static func slot<Value>(
    _ name: String, _ get: @escaping @Sendable (EngineParts) -> Replaceable<Value>,
    _ set: @escaping @Sendable (inout EngineParts, Replaceable<Value>) -> Void
  ) -> Slot {
    Slot(name: name, isReplaced: { get($0).isReplaced }, take: { set(&$1, get($0)) })
  }
}
