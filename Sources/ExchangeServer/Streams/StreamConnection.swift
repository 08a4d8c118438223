import Basics
import FaultInjection
import HTTP

/// A WebSocket of the exchange: frames out, texts in, pings, and what faults make of a frame.
final class StreamConnection: SocketSession {
  let connection: SocketConnection
  var speaks: (any StreamProtocol)?
  let isIdle = false
  let openedAt: Instant
  private let faults: WireFaults
  private let later: (Duration, @escaping (Instant) -> Void) -> Void
  private var reader: WebSocketReader
  private var pingedAt: Instant
  private var heardAt: Instant
  /// Texts of the client in the second that runs.
  private var second: Int64 = 0
  private var texts = 0
  private var heldBack: [UInt8]?
  private var isClosing = false
  /// Called once at the end.
  var onEnd: (SocketConnection.End) -> Void = { _ in }
  private(set) var sentCount = 0

  /// Binance: a ping every 20 s, an answer within 60 s, a cut after 24 h.
  private static let pingInterval = Duration.seconds(20)
  private static let pongLimit = Duration.seconds(60)
  private static let lifetime = Duration.seconds(86_400)

  init(
    _ connection: SocketConnection, _ faults: WireFaults, at now: Instant,
    later: @escaping (Duration, @escaping (Instant) -> Void) -> Void
  ) {
    (self.connection, self.faults, self.later) = (connection, faults, later)
    (openedAt, pingedAt, heardAt) = (now, now, now)
    reader = WebSocketReader(from: .client)
    connection.deadline = nil
  }

  // MARK: In

  func receive(_ bytes: ArraySlice<UInt8>, at now: Instant) {
    reader.append(bytes)
    while !connection.isOver, !isClosing, let event = reader.next() {
      switch event {
      case .text(let text): receive(text: text, at: now)
      case .binary: close(1003, "only texts are read")
      case .ping(let payload): connection.send(WebSocketFrame.bytes(.pong, payload))
      case .pong: heardAt = now
      case .close(let code, _):
        isClosing = true
        connection.send(code.map { WebSocketFrame.close($0) } ?? WebSocketFrame.bytes(.close, []))
        connection.finish()
      case .failure(let code, let reason): close(code, reason)
      }
    }
  }

  private func receive(text: [UInt8], at now: Instant) {
    let thisSecond = now.nanoseconds / 1_000_000_000
    if thisSecond != second { (second, texts) = (thisSecond, 0) }
    texts += 1
    guard texts <= speaks?.textsMax ?? 1 else { return close(1008, "Too many requests") }
    if speaks?.receive(text, at: now) == false { close(1008, "Invalid request") }
  }

  func drained(at now: Instant) {}

  func ended(_ reason: SocketConnection.End, at now: Instant) {
    speaks?.ended()
    speaks = nil
    onEnd(reason)
  }

  // MARK: Out

  /// Sends an answer to the client, which no fault of frames touches.
  ///
  /// - Parameter spoil: a gateway that would show a page ends the connection here, without a word.
  func answer(_ json: JSON, _ spoil: WireReply.Spoil? = nil) {
    guard !isClosing, !connection.isOver else { return }
    var text = Array(json.text.utf8)
    switch spoil {
    case .page: return connection.close()
    case .unreadable: text.removeLast(text.count - text.count * 2 / 3)
    case nil: break
    }
    connection.send(WebSocketFrame.text(text))
  }

  /// Sends an event; false: a fault lost it.
  func send(_ text: [UInt8], frame: [UInt8]? = nil, stream: String, event: String) -> Bool {
    guard !isClosing, !connection.isOver else { return false }
    let frame = frame ?? WebSocketFrame.text(text)
    guard faults.isArmed, let action = faults.decide(stream: stream, event: event) else {
      put(frame)
      return true
    }
    switch action {
    case .drop: return false
    case .dup:
      put(frame)
      put(frame)
    case .sleep(let delay): later(delay) { [weak self] _ in self?.put(frame) }
    case .replace(_, let value):
      switch WireSites.FrameFault(rawValue: value) {
      case .cut:
        connection.close()
        return false
      case .reset:
        connection.reset()
        return false
      case .truncated: put(WebSocketFrame.text(Array(text.prefix(text.count * 2 / 3))))
      case .reorder:
        heldBack = frame
        // A stream that says nothing more still gets it.
        later(.seconds(1)) { [weak self] _ in self?.putHeldBack() }
      case nil: put(frame)
      }
    default: put(frame)
    }
    return true
  }

  private func put(_ frame: [UInt8]) {
    guard !isClosing, !connection.isOver else { return }
    sentCount += 1
    connection.send(frame)
    putHeldBack()
  }

  private func putHeldBack() {
    guard let frame = heldBack else { return }
    heldBack = nil
    sentCount += 1
    connection.send(frame)
  }

  /// Ends the connection in order.
  func close(_ code: UInt16, _ reason: String) {
    guard !isClosing else { return }
    isClosing = true
    connection.send(WebSocketFrame.close(code, reason))
    connection.finish()
  }

  /// Pings a client that is due, and ends one that does not answer.
  func keepAlive(at now: Instant) {
    if now - heardAt > Self.pongLimit + Self.pingInterval { return close(1008, "Pong timeout") }
    if now - openedAt > Self.lifetime { return close(1000, "24 hours are over") }
    guard now - pingedAt >= Self.pingInterval else { return }
    pingedAt = now
    if faults.dropsPing() { return }
    connection.send(WebSocketFrame.bytes(.ping, Array("\(now.nanoseconds / 1_000_000)".utf8)))
  }
}
