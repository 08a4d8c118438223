import Basics
import FaultInjection
import Synchronization
import Trading

/// Fault sites of one run as the seam in front of the venue.
///
/// A refusal that is final stays with its order while the fault is armed: asked again for the same client order id the
/// venue says the same, as a real one does, and the repeated request is no new hit.
public final class SiteFaults: ExchangeFaults {
  private let injector: FaultInjector
  private let placeOrder: Site?
  private let cancelOrder: Site?
  private let queryOrder: Site?
  private let openOrders: Site?
  private let fetchBalance: Site?
  private let fetchTickers: Site?
  private let marketRules: Site?
  private let serverTime: Site?
  private let openStream: Site?
  private let renewStream: Site?
  private let orderTrades: Site?
  private let userStream: Site?
  private let match: Site?
  private let clock: Site?
  private let limits: Site?
  private let acts: Site?
  private let connection: Site?
  private let profile: VenueProfile
  /// Orders that were refused for good, by client order id; at most 10,000, later ones are asked again.
  private let refused = Mutex<[String: ExchangeFault]>([:])
  private static let refusedMax = 10_000

  /// Takes the sites of `ExchangeSites.definitions` that the run's catalogue has; the injector waits for sleeps and hangs.
  public init(catalogue: SiteCatalogue, injector: FaultInjector, profile: VenueProfile = .mexc) {
    func site(_ call: VenueCall) -> Site? { catalogue[ExchangeSites.name(call)] }
    self.injector = injector
    self.profile = profile
    placeOrder = site(.placeOrder)
    cancelOrder = site(.cancelOrder)
    queryOrder = site(.queryOrder)
    openOrders = site(.openOrders)
    fetchBalance = site(.fetchBalance)
    fetchTickers = site(.fetchTickers)
    marketRules = site(.marketRules)
    serverTime = site(.serverTime)
    openStream = site(.openStream)
    renewStream = site(.renewStream)
    orderTrades = site(.orderTrades)
    userStream = catalogue[ExchangeSites.userStream]
    match = catalogue[ExchangeSites.match]
    clock = catalogue[ExchangeSites.clock]
    limits = catalogue[ExchangeSites.limits]
    acts = catalogue[ExchangeSites.acts]
    connection = catalogue[ExchangeSites.connection]
  }

  /// Asks the site of the call; for an order that was refused for good it says the same again, without a hit.
  public func decide(_ request: VenueRequest) -> ExchangeFault? {
    let action: FaultAction?
    switch request {
    case .place(let order), .cancelReplace(_, _, let order): return place(order)
    case .cancel(let symbol, let id):
      action = cancelOrder?.decide([SiteValue(symbol.description), SiteValue(id)])
    case .query(let symbol, let id): action = queryOrder?.decide([SiteValue(symbol.description), SiteValue(id)])
    case .openOrders: action = openOrders?.decide([])
    case .balances: action = fetchBalance?.decide([])
    case .quotes(let symbols): action = fetchTickers?.decide([SiteValue(symbols.count)])
    case .marketRules: action = marketRules?.decide([])
    case .serverTime: action = serverTime?.decide([])
    case .openStream: action = openStream?.decide([])
    case .renewStream: action = renewStream?.decide([])
    case .trades(let symbol, _, let id): action = orderTrades?.decide([SiteValue(symbol.description), SiteValue(id)])
    }
    return action.flatMap(SiteFaults.fault)
  }

  private func place(_ order: OrderRequest) -> ExchangeFault? {
    guard injector.isArmed else { return nil }
    if let earlier = refused.withLock({ $0[order.clientOrderId] }) { return earlier }
    let action = placeOrder?.decide(SiteFaults.values(order))
    guard let fault = action.flatMap(SiteFaults.fault) else { return nil }
    if case .refuse(let code) = fault, Int(code) != nil, profile.error(code: code).isPermanent {
      refused.withLock { if $0.count < Self.refusedMax { $0[order.clientOrderId] = fault } }
    }
    return fault
  }

  /// Asks the site `exchange.venue_acts`.
  public func venueAct(_ call: VenueCall) -> VenueAct? {
    guard case .replace("act", let act)? = acts?.decide([SiteValue(call.rawValue)]) else { return nil }
    return VenueAct(rawValue: act)
  }

  /// Asks the site of the connection.
  public func connection(_ call: VenueCall) -> ConnectionFault? {
    switch connection?.decide([SiteValue(call.rawValue)]) {
    case .close: .cut
    case .drop: .silence
    case .replace: .keyGone
    default: nil
    }
  }

  /// Asks the site `exchange.clock`.
  public func clockSkew(_ call: VenueCall) -> Duration {
    guard case .skew(let offset, let drift)? = clock?.decide([SiteValue(call.rawValue)]) else { return .zero }
    return injector.offset(by: offset, perSecond: drift)
  }

  /// Asks the site `exchange.limits`.
  public func limitShare(_ call: VenueCall) -> Int {
    guard case .quota(let millionths)? = limits?.decide([SiteValue(call.rawValue)]) else { return 1_000_000 }
    return millionths
  }

  /// Asks the site `exchange.match`: later, a share of the quantity, or not at all.
  public func terms(_ order: OrderRequest) -> MatchTerms {
    switch match?.decide(SiteFaults.values(order)) {
    case .sleep(let duration): MatchTerms(wait: duration)
    case .quota(let millionths): MatchTerms(shareMillionths: millionths)
    case .replace("type", _): MatchTerms(isMakerOnly: true)
    case .replace("parts", let count): MatchTerms(parts: Int(count) ?? 1)
    case .returnError(let code): MatchTerms(rejection: profile.error(code: code))
    default: MatchTerms()
    }
  }

  private static func values(_ order: OrderRequest) -> [SiteValue] {
    [
      SiteValue(order.symbol.description), SiteValue(order.side.wireName), SiteValue(order.type.wireName),
      SiteValue(order.clientOrderId),
    ]
  }

  /// Asks the site of the user stream; events of balances have none.
  public func decide(_ event: VenueEvent) -> ExchangeFault? {
    guard let report = event.report else { return nil }
    let action = userStream?.decide([
      SiteValue(event.type), SiteValue(report.symbol.description), SiteValue(report.side.wireName),
      SiteValue(report.clientOrderId),
    ])
    return action.flatMap(SiteFaults.fault)
  }

  /// Waits in the injector, so that disarming ends the wait.
  public func hold(_ fault: ExchangeFault) throws(Stopped) {
    switch fault {
    case .sleep(let duration): try injector.perform(.sleep(duration))
    case .hang: try injector.perform(.hang)
    case .meet(let action): try injector.perform(action)
    case .refuse, .late, .drop, .dup, .nullFee, .executed, .quotes, .reorder, .page, .unreadable, .falseReply, .replay,
      .unknownStatus, .pause:
      return
    }
  }

  private static func fault(_ action: FaultAction) -> ExchangeFault? {
    switch action {
    case .sleep(let duration): .sleep(duration)
    case .delay(let duration): .late(duration)
    case .hang: .hang
    case .drop: .drop
    case .returnError(let code): .refuse(code: code)
    case .dup: .dup
    case .replace("reply", let code): .executed(code: code)
    case .replace("pause", let seconds): Int(seconds).map { .pause(.seconds($0)) }
    case .replace("quotes", let flaw): QuotesFlaw(rawValue: flaw).map { .quotes($0) }
    case .replace("fee", _): .nullFee
    case .replace("status", _): .unknownStatus
    case .replace("replay", let what): StreamReplay(rawValue: "replay=\(what)").map { .replay($0) }
    case .refuse: .refuse(code: "503")
    case .replace(let field, let value): FalseReply(rawValue: "\(field)=\(value)").map { .falseReply($0) }
    case .reorder(let window): .reorder(window)
    case .corrupt: .unreadable
    case .http(let status): .page(status: status)
    case .barrier, .wait, .signal: .meet(action)
    case .pass, .quota, .kill, .skew, .close: nil
    }
  }
}
