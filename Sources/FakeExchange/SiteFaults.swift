import ChaosRuntime
import FaultInjection
import Trading

/// Fault sites of one run as the seam in front of the venue.
public final class SiteFaults: ExchangeFaults {
  private let injector: FaultInjector
  private let placeOrder: Site?
  private let cancelOrder: Site?
  private let queryOrder: Site?
  private let openOrders: Site?
  private let fetchBalance: Site?
  private let fetchTickers: Site?
  private let marketRules: Site?
  private let userStream: Site?

  /// Takes the sites of `ExchangeSites.definitions` that the run's catalogue has; the injector waits for sleeps and hangs.
  public init(catalogue: SiteCatalogue, injector: FaultInjector) {
    func site(_ call: VenueCall) -> Site? { catalogue[ExchangeSites.name(call)] }
    self.injector = injector
    placeOrder = site(.placeOrder)
    cancelOrder = site(.cancelOrder)
    queryOrder = site(.queryOrder)
    openOrders = site(.openOrders)
    fetchBalance = site(.fetchBalance)
    fetchTickers = site(.fetchTickers)
    marketRules = site(.marketRules)
    userStream = catalogue[ExchangeSites.userStream]
  }

  public func decide(_ request: VenueRequest) -> ExchangeFault? {
    let action: FaultAction?
    switch request {
    case .place(let order):
      action = placeOrder?.decide([
        SiteValue(order.symbol.description), SiteValue(order.side.wireName), SiteValue(order.type.wireName),
        SiteValue(order.clientOrderId),
      ])
    case .cancel(let symbol, let id):
      action = cancelOrder?.decide([SiteValue(symbol.description), SiteValue(id)])
    case .query(let symbol, let id): action = queryOrder?.decide([SiteValue(symbol.description), SiteValue(id)])
    case .openOrders: action = openOrders?.decide([])
    case .balances: action = fetchBalance?.decide([])
    case .quotes(let symbols): action = fetchTickers?.decide([SiteValue(symbols.count)])
    case .marketRules: action = marketRules?.decide([])
    }
    return action.flatMap(SiteFaults.fault)
  }

  public func decide(_ event: VenueEvent) -> ExchangeFault? {
    guard let report = event.report else { return nil }
    let action = userStream?.decide([
      SiteValue(event.type), SiteValue(report.symbol.description), SiteValue(report.side.wireName),
      SiteValue(report.clientOrderId),
    ])
    return action.flatMap(SiteFaults.fault)
  }

  public func hold(_ fault: ExchangeFault) throws(Stopped) {
    switch fault {
    case .sleep(let duration): try injector.perform(.sleep(duration))
    case .hang: try injector.perform(.hang)
    case .refuse, .drop: return
    }
  }

  private static func fault(_ action: FaultAction) -> ExchangeFault? {
    switch action {
    case .sleep(let duration): .sleep(duration)
    case .hang: .hang
    case .drop: .drop
    case .returnError(let code): .refuse(code: code)
    case .pass: nil
    }
  }
}
