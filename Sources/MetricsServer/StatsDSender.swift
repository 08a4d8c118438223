public import Basics
public import ChaosRuntime
import Glibc
public import HTTP
public import Monitoring

/// Sends what changed to a StatsD server once a second, by UDP; it never waits for the network, and who does not listen
/// does no harm.
public final class StatsDSender: @unchecked Sendable {
  /// From one sending to the next.
  public static let interval = Duration.seconds(1)

  /// Where datagrams go.
  public let address: EndpointAddress
  private let descriptor: Int32
  private var last: MetricsSummary?

  /// Looks the server up; whether it listens shows later.
  ///
  /// - Throws: `EndpointError` when the host is unknown.
  public init(to address: EndpointAddress) throws(EndpointError) {
    self.address = address
    let resolved = try address.resolved(for: "statsd")
    let made = Socket.make(.datagram)
    guard made >= 0, Socket.connect(made, resolved) else {
      let reason = Socket.errorText
      if made >= 0 { close(made) }
      throw EndpointError(kind: "statsd", address: address.description, reason: reason)
    }
    descriptor = made
  }

  deinit { close(descriptor) }

  /// The sender's thread: sends until `pacer` ends or the run is stopped, and what is left then.
  ///
  /// - Parameter report: called on a failure, once until sending works again.
  public func run(
    _ metrics: Metrics, _ runtime: Runtime, _ pacer: Pacer,
    report: (EndpointError) throws(Stopped) -> Void
  ) throws(Stopped) {
    var isSick = false
    do throws(Stopped) {
      while try !pacer.wait(until: runtime.now + Self.interval) {
        let failure = flush(metrics, at: runtime.now)
        if let failure, !isSick { try report(failure) }
        isSick = failure != nil
      }
    } catch {
      _ = flush(metrics, at: runtime.now)
      throw error
    }
    if let failure = flush(metrics, at: runtime.now), !isSick { try report(failure) }
  }

  /// Sends what happened since the last call; a server that is away loses it, as UDP has it.
  func flush(_ metrics: Metrics, at now: Instant) -> EndpointError? {
    let (timings, droppedCount) = metrics.timings.take()
    let summary = metrics.summary(at: now)
    var failure: EndpointError?
    for datagram in StatsDText.datagrams(StatsDText.lines(since: last, summary, timings)) {
      // The first call after a refusal gets the error of the datagram before.
      if Socket.send(descriptor, datagram[...]) < 0 {
        failure = EndpointError(kind: "statsd", address: address.description, reason: Socket.errorText)
        _ = Socket.send(descriptor, datagram[...])
      }
    }
    last = summary
    if droppedCount > 0, failure == nil {
      failure = EndpointError(
        kind: "statsd", address: address.description,
        reason: "\(droppedCount) durations in one second were too many to be kept")
    }
    return failure
  }
}
