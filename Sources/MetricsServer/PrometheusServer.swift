import Basics
public import ChaosRuntime
import Glibc
import HTTP
public import Monitoring

/// Serves the metrics at `/metrics` to Prometheus: one thread of low priority, no disk, everything bounded.
///
/// A slow or broken client costs its own connection and nothing else; whoever records metrics never meets this thread.
public final class PrometheusServer: @unchecked Sendable {
  /// Clients at once; beyond it the one that has been idle longest has to go, or the newcomer is turned away.
  public static let connectionsMax = 128
  /// The longest wait for clients, so that an end is seen.
  private static let waitLimit = Duration.milliseconds(100)
  /// How much the endpoint stands back behind the engine's threads, as nice(1) has it.
  private static let niceness: Int32 = 10
  /// A scrape is short and has no body.
  static let limits = HTTPLimits(headBytesMax: 8192, bodyBytesMax: 0, requiresHost: false)

  /// How long the end of a session waits for the scrape that sees its last figures, if somebody scraped before.
  private static let farewellLimit = Duration.seconds(2)

  /// Where it listens, as asked for; `port` says what it got.
  public let address: EndpointAddress
  private let listener: Listener
  private let loop: SocketLoop
  private let desk: Desk

  /// What answers a scrape; there is nothing to answer before the thread runs.
  private final class Desk {
    var metrics: Metrics?
    var scrapeCount = 0

    func answer(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
      guard let metrics else { return .text(503, "not yet\n") }
      let response = PrometheusServer.answer(request, metrics, now)
      if response.status == 200 { scrapeCount += 1 }
      return response
    }
  }

  /// Binds and listens at once, so that a port in use is reported before anything runs, and has its descriptors before the
  /// process may run out of them.
  ///
  /// - Throws: `EndpointError` when the host is unknown or the port cannot be had.
  public init(at address: EndpointAddress) throws(EndpointError) {
    self.address = address
    let desk = Desk()
    self.desk = desk
    listener = try Listener(at: address, kind: "prometheus", backlog: Self.connectionsMax)
    loop = try SocketLoop(listener, connectionsMax: Self.connectionsMax) { connection, now in
      HTTPSession(connection, limits: Self.limits, at: now) { request, _, now in desk.answer(request, at: now) }
    }
  }

  /// The port it listens on; differs from the address when that asks for port 0, any free one.
  public var port: UInt16 { listener.port }

  /// The endpoint's thread; returns when `pacer` has ended or the run is stopped.
  ///
  /// - Parameter report: called once when clients have to be refused because the process has no descriptor left.
  public func run(
    _ metrics: Metrics, _ runtime: Runtime, _ pacer: Pacer,
    report: (EndpointError) throws(Stopped) -> Void = { _ in }
  ) throws(Stopped) {
    // On Linux this is the calling thread's own, see setpriority(2).
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
    desk.metrics = metrics
    defer { loop.closeAll(at: runtime.now) }
    while !pacer.isEnded, !runtime.isStopping {
      loop.turn(wait: Self.waitLimit) { runtime.now }
      if let reason = loop.takeNews() {
        try report(EndpointError(kind: "prometheus", address: address.description, reason: reason))
      }
    }
    let before = desk.scrapeCount
    let limit = runtime.now + Self.farewellLimit
    while before > 0, desk.scrapeCount == before, runtime.now < limit, !runtime.isStopping {
      loop.turn(wait: Self.waitLimit) { runtime.now }
    }
  }

  /// Clients that were turned away because the process had no descriptor left.
  var turnedAwayCount: Int { loop.counts.turnedAway }

  /// Clients that were taken.
  var takenCount: Int { loop.counts.accepted }

  static func answer(_ request: HTTPRequest, _ metrics: Metrics, _ now: Instant) -> HTTPResponse {
    guard request.path == "/metrics" else { return .text(404, "there is only /metrics\n") }
    guard request.method == "GET" || request.method == "HEAD" else {
      var response = HTTPResponse.text(405, "GET or HEAD\n")
      response.fields.add("Allow", "GET, HEAD")
      return response
    }
    let format = ScrapeFormat.wanted(by: request.fields)
    return HTTPResponse(
      200, contentType: format.contentType, body: PrometheusText.render(metrics.summary(at: now), as: format))
  }
}
