import Basics
import ChaosRuntime
import FakeExchange
public import FaultInjection
import Trading

/// The faults of a served exchange: those in front of the venue, and those that only a wire can have.
final class WireFaults {
  private let runtime: Runtime
  private let profile: VenueProfile
  private var injector: FaultInjector
  private var venue: SiteFaults
  private var request: Site
  private var frame: Site
  private var subscribe: Site
  private var ping: Site
  private(set) var faults: [Fault]
  /// Firings of faults that were replaced.
  private var firedBefore = 0

  /// - Throws: `InjectionError` for a fault that does not fit the sites.
  init(runtime: Runtime, faults: [Fault], profile: VenueProfile) throws(InjectionError) {
    (self.runtime, self.profile, self.faults) = (runtime, profile, faults)
    let catalogue = SiteCatalogue(WireSites.definitions)
    injector = try FaultInjector(runtime: runtime, catalogue: catalogue, faults: faults)
    venue = SiteFaults(catalogue: catalogue, injector: injector, profile: profile)
    request = catalogue.required(WireSites.request)
    frame = catalogue.required(WireSites.frame)
    subscribe = catalogue.required(WireSites.subscribe)
    ping = catalogue.required(WireSites.ping)
  }

  /// Puts other faults in the place of these, which are taken back; nothing is armed.
  ///
  /// - Throws: `InjectionError` for a fault that does not fit the sites: the old ones stay then.
  func replace(_ faults: [Fault]) throws(InjectionError) {
    let other = try WireFaults(runtime: runtime, faults: faults, profile: profile)
    do throws(Stopped) { try disarm() } catch { return }
    firedBefore += injector.counts.reduce(0) { $0 + $1.fired }
    (injector, venue, self.faults) = (other.injector, other.venue, faults)
    (request, frame, subscribe, ping) = (other.request, other.frame, other.subscribe, other.ping)
  }

  var isArmed: Bool { injector.isArmed }
  func arm() { injector.arm() }
  func disarm() throws(Stopped) { try injector.disarm() }
  var firings: [Firing] { injector.firings }
  var counts: [(fault: String, inject: Int, site: String, hits: Int, eligible: Int, fired: Int)] { injector.counts }
  var firedCount: Int { firedBefore + injector.counts.reduce(0) { $0 + $1.fired } }

  func decide(_ request: VenueRequest) -> ExchangeFault? { isArmed ? venue.decide(request) : nil }
  func decide(_ event: VenueEvent) -> ExchangeFault? { isArmed ? venue.decide(event) : nil }
  func terms(_ order: OrderRequest) -> MatchTerms? { isArmed ? venue.terms(order) : nil }

  func venueAct(_ call: VenueCall) -> VenueAct? { isArmed ? venue.venueAct(call) : nil }
  func connection(_ call: VenueCall) -> ConnectionFault? { isArmed ? venue.connection(call) : nil }
  /// How far the clients' clocks are ahead of the venue's.
  func clockSkew(_ call: VenueCall) -> Duration { isArmed ? venue.clockSkew(call) : .zero }
  /// The share of the limits that is left, in millionths.
  func limitShare(_ call: VenueCall) -> Int { isArmed ? venue.limitShare(call) : 1_000_000 }

  /// What becomes of a request on the wire.
  func decide(method: String, path: String, symbol: String, side: String) -> FaultAction? {
    isArmed
      ? request.decide([SiteValue(method), SiteValue(path), SiteValue(symbol), SiteValue(side)]) : nil
  }

  /// What becomes of a frame to a stream's client.
  func decide(stream: String, event: String) -> FaultAction? {
    isArmed ? frame.decide([SiteValue(stream), SiteValue(event)]) : nil
  }

  /// Whether a SUBSCRIBE goes unanswered.
  func dropsSubscribe(_ stream: String) -> Bool { isArmed && subscribe.decide([SiteValue(stream)]) == .drop }

  /// Whether the server stops to ping a client.
  func dropsPing() -> Bool { isArmed && ping.decide([]) == .drop }
}

/// The places where fault files can act on the wire, besides those of `ExchangeSites`.
public enum WireSites {
  static let request = "wire.request"
  static let frame = "wire.frame"
  static let subscribe = "wire.subscribe"
  static let ping = "wire.ping"

  /// What a request can meet that no venue answers.
  enum RequestFault: String, CaseIterable {
    /// The connection is reset before the request has any effect, or after it.
    case resetBefore = "reset-before"
    case resetAfter = "reset-after"
    /// A page of the gateway instead of an answer; the request has no effect, and with `late-` it had it.
    case html502 = "html-502"
    case html503 = "html-503"
    case html403 = "html-403"
    case late502 = "late-502"
    /// The answer's JSON is cut off, with a length that fits the rest.
    case truncated
    /// The answer is no JSON.
    case malformed
    /// The answer promises more bytes than it has, then the connection ends.
    case wrongLength = "wrong-length"
    /// The head of the answer comes, and nothing after it.
    case stall
    /// The answer comes a byte at a time, ten a second.
    case dribble
    /// 429 with Retry-After; 418 with a ban of two minutes; -1021.
    case tooMany = "429"
    case ban = "418"
    case skew
  }

  /// What a frame can meet.
  enum FrameFault: String, CaseIterable {
    /// The connection ends without a close frame; or with a reset.
    case cut
    case reset
    /// The frame's JSON is cut off.
    case truncated
    /// The frame comes after the next one of its stream.
    case reorder
  }

  /// What a site of the exchange cannot do here, so that a fault which asks for it is refused: callers do not wait for each other,
  /// and the stream has one order and one form. `wire.frame` has the rest.
  private static func onWire(_ site: SiteDefinition) -> SiteDefinition {
    let isStream = site.name == ExchangeSites.userStream
    return site.without(
      [.barrier, .wait, .signal] + (isStream ? [.reorder, .corrupt] : []),
      fields: isStream || site.name == ExchangeSites.name(.openStream) ? site.fields : [])
  }

  /// Every site of a served exchange.
  public static let definitions: [SiteDefinition] =
    ExchangeSites.definitions.map(onWire) + [
      SiteDefinition(
        name: request, keys: ["method", "path", "symbol", "side"], actions: [.sleep, .hang, .drop, .replace],
        fields: RequestFault.allCases.map { "wire=\($0.rawValue)" },
        values: [
          "method": .words(["GET", "POST", "PUT", "DELETE"]),
          "path": .containing("/", example: "/api/v3/order"),
        ],
        summary:
          "a request has come over the wire; symbol and side as the client writes them; sleep and hang hold the answer back, "
          + "drop never answers, replace(wire=reset-before|reset-after|html-502|html-503|html-403|late-502|truncated|"
          + "malformed|wrong-length|stall|dribble|429|418|skew) answers as broken networks and gateways do"),
      SiteDefinition(
        name: frame, keys: ["stream", "event"], actions: [.drop, .dup, .sleep, .replace],
        fields: FrameFault.allCases.map { "wire=\($0.rawValue)" }, values: [:],
        summary:
          "a frame on its way to a stream's client; stream: btcusdt@trade, user; event: depthUpdate, executionReport; "
          + "drop loses it, dup sends it twice, sleep delays it, replace(wire=cut|reset|truncated|reorder) ends the "
          + "connection, cuts the frame off, or sends it after the next one"),
      SiteDefinition(
        name: subscribe, keys: ["stream"], actions: [.drop], values: [:],
        summary: "a client subscribes to a stream; drop: it is neither answered nor served"),
      SiteDefinition(
        name: ping, keys: [], actions: [.drop], values: [:],
        summary: "the server is about to ping a client; drop: it stays silent"),
    ]
}
