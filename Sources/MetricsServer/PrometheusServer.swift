import Basics
public import ChaosRuntime
import Glibc
public import Monitoring

/// Serves the metrics at `/metrics` to Prometheus: one thread of low priority, no disk, everything bounded.
///
/// A slow or broken client costs its own connection and nothing else; whoever records metrics never meets this thread.
public final class PrometheusServer: @unchecked Sendable {
  /// Clients at once; beyond it the one that has been idle longest has to go, or the newcomer is turned away.
  public static let connectionsMax = 128
  /// Milliseconds of the longest wait for clients, so that an end is seen.
  private static let pollLimit: Int32 = 100
  /// How much the endpoint stands back behind the engine's threads, as nice(1) has it.
  private static let niceness: Int32 = 10

  /// How long the end of a session waits for the scrape that sees its last figures, if somebody scraped before.
  private static let farewellLimit = Duration.seconds(2)

  /// Where it listens, as asked for; `port` says what it got.
  public let address: EndpointAddress
  private let listener: Int32
  private var connections: [HTTPConnection] = []
  private var scrapeCount = 0
  private var shortage: DescriptorShortage

  /// Binds and listens at once, so that a port in use is reported before anything runs.
  ///
  /// - Throws: `EndpointError` when the host is unknown or the port cannot be had.
  public init(at address: EndpointAddress) throws(EndpointError) {
    self.address = address
    let resolved = try address.resolved(for: "prometheus")
    let descriptor = Socket.make(.stream)
    var reuse: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    guard descriptor >= 0, Socket.bind(descriptor, resolved), listen(descriptor, Int32(Self.connectionsMax)) == 0
    else {
      let reason = Socket.errorText
      if descriptor >= 0 { close(descriptor) }
      throw EndpointError(kind: "prometheus", address: address.description, reason: reason)
    }
    listener = descriptor
    shortage = DescriptorShortage()
  }

  /// The port it listens on; differs from the address when that asks for port 0, any free one.
  public var port: UInt16 {
    var bound = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &bound) {
      _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    return UInt16(bigEndian: bound.sin_port)
  }

  deinit {
    for connection in connections { close(connection.descriptor) }
    close(listener)
    shortage.end()
  }

  /// The endpoint's thread; returns when `pacer` has ended or the run is stopped.
  ///
  /// - Parameter report: called once when clients have to be refused because the process has no descriptor left.
  public func run(
    _ metrics: Metrics, _ runtime: Runtime, _ pacer: Pacer,
    report: (EndpointError) throws(Stopped) -> Void = { _ in }
  ) throws(Stopped) {
    // On Linux this is the calling thread's own, see setpriority(2).
    setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
    defer { drop { _ in true } }
    while !pacer.isEnded, !runtime.isStopping {
      turn(metrics, runtime)
      if let reason = shortage.takeNews() {
        try report(EndpointError(kind: "prometheus", address: address.description, reason: reason))
      }
    }
    let before = scrapeCount
    let limit = runtime.now + Self.farewellLimit
    while before > 0, scrapeCount == before, runtime.now < limit, !runtime.isStopping { turn(metrics, runtime) }
  }

  /// Clients that were turned away because the process had no descriptor left.
  var turnedAwayCount: Int { shortage.turnedAwayCount }

  private func turn(_ metrics: Metrics, _ runtime: Runtime) {
    // poll(2) passes a negative descriptor over.
    let isOpen = shortage.isOver(at: runtime.now)
    var wanted = [pollfd(fd: isOpen ? listener : -1, events: Int16(POLLIN), revents: 0)]
    for connection in connections {
      wanted.append(pollfd(fd: connection.descriptor, events: connection.events, revents: 0))
    }
    let ready = poll(&wanted, nfds_t(wanted.count), Self.pollLimit)
    let now = runtime.now
    if ready > 0 { serve(wanted, metrics, now) }
    drop { $0.deadline < now }
    if ready > 0, wanted[0].revents != 0 { accept(at: now) }
  }

  private func serve(_ polled: [pollfd], _ metrics: Metrics, _ now: Instant) {
    var over: [Int32] = []
    for index in connections.indices where polled[index + 1].revents != 0 {
      let goesOn = connections[index].advance(at: now) { head in
        let answer = Self.answer(head, metrics, now)
        if answer.status.hasPrefix("200") { scrapeCount += 1 }
        return answer
      }
      if !goesOn { over.append(connections[index].descriptor) }
    }
    drop { over.contains($0.descriptor) }
  }

  static func answer(_ head: HTTPHead, _ metrics: Metrics, _ now: Instant) -> HTTPAnswer {
    guard head.path == "/metrics" else { return .notFound }
    guard head.method == "GET" || head.method == "HEAD" else { return .wrongMethod }
    let format = head.format
    return HTTPAnswer(
      status: "200 OK", contentType: format.contentType,
      body: PrometheusText.render(metrics.summary(at: now), as: format))
  }

  private func accept(at now: Instant) {
    for _ in 0..<16 {
      let descriptor = Socket.accept(listener)
      guard descriptor >= 0 else {
        if shortage.isOne(errno) { shortage.turnAway(listener, at: now) }
        return
      }
      if connections.count >= Self.connectionsMax, !dropIdle() {
        close(descriptor)
        continue
      }
      connections.append(HTTPConnection(descriptor: descriptor, now: now))
    }
  }

  /// Ends the connection that has been idle longest; false: all are busy.
  private func dropIdle() -> Bool {
    guard
      let idle = connections.indices.filter({ connections[$0].isIdle })
        .min(by: { connections[$0].deadline < connections[$1].deadline })
    else { return false }
    close(connections[idle].descriptor)
    connections.remove(at: idle)
    return true
  }

  private func drop(where isOver: (HTTPConnection) -> Bool) {
    connections.removeAll { connection in
      guard isOver(connection) else { return false }
      close(connection.descriptor)
      return true
    }
  }
}
