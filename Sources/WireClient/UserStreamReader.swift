import Basics
import ChaosRuntime
import Glibc
import HTTP
import Synchronization
import Trading

/// The thread that reads the WebSocket of a user data stream: frames in, events out, pings answered.
///
/// A connection that ends, breaks the protocol, or says nothing for a minute is told as lost, once; the next one that is
/// handed over takes its place. What nobody takes out of the queue ends the connection: it would be missed in silence.
final class UserStreamReader: Sendable {
  /// A server pings every 20 s; three of them missed and the connection is dead.
  private static let silenceMax = Duration.seconds(60)
  /// How soon the end, and a new connection, are noticed.
  private static let interval = Duration.milliseconds(50)
  private static let endLimit = Duration.seconds(5)
  private static let readMax = 65_536

  private struct Handed: Sendable {
    var descriptor: Int32
    var rest: [UInt8]
  }

  /// The connection that is read.
  private struct Open {
    var descriptor: Int32
    var reader = WebSocketReader(from: .server, messageBytesMax: 1 << 20)
    var heardAt: Instant
  }

  let events: Channel<UserEvent>
  private let handed: Channel<Handed>
  private let runtime: Runtime
  private let isEnding = Atomic<Bool>(false)
  private let thread = Mutex<ThreadHandle?>(nil)
  private let masks = Atomic<UInt32>(0)

  init(_ runtime: Runtime) {
    self.runtime = runtime
    events = Channel(runtime, "user events", capacity: 4096)
    handed = Channel(runtime, "user stream connections", capacity: 4)
  }

  func start(_ event: @escaping @Sendable ([UInt8]) -> UserEvent?) throws(Stopped) {
    let handle = try runtime.spawn("wire-stream") { [self] () throws(Stopped) in try run(event) }
    thread.withLock { $0 = handle }
  }

  /// Reads another connection from here on; the one that there was is closed.
  func use(_ descriptor: Int32, _ rest: [UInt8]) throws(Stopped) {
    if try !handed.offer(Handed(descriptor: descriptor, rest: rest)) { Glibc.close(descriptor) }
  }

  /// Says that there is no connection.
  func lose(_ why: String) throws(Stopped) { _ = try events.send(.stream(.lost(why)), after: .zero) }

  func close() throws(Stopped) {
    isEnding.store(true, ordering: .relaxed)
    _ = try thread.withLock { $0 }?.join(timeout: Self.endLimit)
    try events.close()
  }

  private func run(_ event: ([UInt8]) -> UserEvent?) throws(Stopped) {
    var open: Open?
    defer {
      if let open {
        _ = Socket.send(open.descriptor, WebSocketFrame.close(1000, mask: mask)[...])
        Glibc.close(open.descriptor)
      }
    }
    while !isEnding.load(ordering: .relaxed) {
      if let next = try handed.receive(timeout: open == nil ? Self.interval : .zero) {
        if let open { Glibc.close(open.descriptor) }
        open = Open(descriptor: next.descriptor, heardAt: runtime.now)
        open?.reader.append(next.rest[...])
      }
      guard var current = open else { continue }
      if let why = try read(&current, event) {
        Glibc.close(current.descriptor)
        open = nil
        try lose(why)
      } else {
        open = current
      }
    }
  }

  /// Why the connection is over; nil: it is not. Waits `interval` at most.
  private func read(_ open: inout Open, _ event: ([UInt8]) -> UserEvent?) throws(Stopped) -> String? {
    if let why = try take(&open, event) { return why }
    if runtime.isStopping { throw .stopped }
    var wanted = pollfd(fd: open.descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, Int32(Self.interval.milliseconds)) > 0 else {
      return runtime.now - open.heardAt > Self.silenceMax ? "silent for a minute" : nil
    }
    var buffer = [UInt8](repeating: 0, count: Self.readMax)
    let count = recv(open.descriptor, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return nil }
    guard count > 0 else { return count == 0 ? "closed" : Socket.errorText }
    open.heardAt = runtime.now
    open.reader.append(buffer[..<count])
    return try take(&open, event)
  }

  private func take(_ open: inout Open, _ event: ([UInt8]) -> UserEvent?) throws(Stopped) -> String? {
    while let message = open.reader.next() {
      switch message {
      case .text(let text):
        guard let event = event(text) else { continue }
        if case .stream(.lost(let why)) = event { return why }
        guard try events.offer(event) else { return "the events are not taken" }
      case .ping(let payload):
        _ = Socket.send(open.descriptor, WebSocketFrame.bytes(.pong, payload, mask: mask)[...])
      case .pong, .binary: continue
      case .close(let code, let reason):
        return "closed\(code.map { " with \($0)" } ?? "")\(reason.isEmpty ? "" : ": \(reason)")"
      case .failure(_, let why): return why
      }
    }
    return nil
  }

  /// Another one for each frame (RFC 6455, section 5.3); it hides nothing where no proxy is between.
  private var mask: UInt32 {
    let number = masks.add(1, ordering: .relaxed).newValue
    return UInt32(truncatingIfNeeded: Mixing.mix(UInt64(number), UInt64(bitPattern: runtime.now.nanoseconds)))
  }
}
