public import Basics
import CPlatform
import Glibc

/// One loop around the sockets of a server, on whatever thread calls `turn`: it accepts, reads, writes and closes, never
/// waits for one client, and never spins.
///
/// What a connection says is the business of its `SocketSession`. Everything is bounded: connections, bytes that wait for
/// a client, bytes read at a time.
public final class SocketLoop {
  /// What the loop has seen.
  public struct Counts: Sendable, Equatable {
    /// Connections that were accepted.
    public var accepted = 0
    /// Connections that were turned away because there was no room, or no descriptor.
    public var turnedAway = 0
    /// Connections that were closed because their deadline passed.
    public var late = 0
    /// Connections that were closed because they did not read.
    public var slow = 0

    /// Nothing seen yet.
    public init() {}
  }

  /// Connections at once; beyond it the one that has been idle longest has to go, or the newcomer is turned away.
  public let connectionsMax: Int
  /// Bytes that wait for one client at most.
  public let outputMax: Int
  /// So far.
  public private(set) var counts = Counts()

  private let listener: Listener
  private let poller: Int32
  private let makeSession: (SocketConnection, Instant) -> any SocketSession
  private var connections: [Int32: SocketConnection] = [:]
  private var dirty: [SocketConnection] = []
  private var shortage = DescriptorShortage()
  private var isListening = false
  private var nextNumber = 1
  private var buffer = [UInt8](repeating: 0, count: 65_536)
  private var ready = [cp_ready](repeating: cp_ready(), count: 64)
  private static let acceptMax = 16

  /// A loop around a port; `session` is asked for each new connection.
  ///
  /// - Throws: `EndpointError` when there is no descriptor left.
  public init(
    _ listener: Listener, connectionsMax: Int, outputMax: Int = 1 << 20,
    session: @escaping (SocketConnection, Instant) -> any SocketSession
  ) throws(EndpointError) {
    self.listener = listener
    self.connectionsMax = connectionsMax
    self.outputMax = outputMax
    makeSession = session
    poller = cp_poller_make()
    if poller < 0 {
      throw EndpointError(kind: "poller", address: listener.address.description, reason: Socket.errorText)
    }
  }

  deinit {
    for connection in connections.values { Glibc.close(connection.descriptor) }
    Glibc.close(poller)
    shortage.end()
  }

  /// Connections that are open.
  public var connectionCount: Int { connections.count }

  /// What has to be reported of a shortage of descriptors, once.
  public func takeNews() -> String? { shortage.takeNews() }

  /// Waits until something comes, for at most `wait`, and does everything that can be done without waiting.
  public func turn(wait: Duration, clock: () -> Instant) {
    flush(at: clock)
    listen(shortage.isOver(at: clock()))
    let milliseconds = Int32(clamping: (wait.nanoseconds + 999_999) / 1_000_000)
    let count = Int(cp_poller_wait(poller, &ready, Int32(ready.count), max(0, milliseconds)))
    let now = clock()
    var hasNewcomers = false
    for index in 0..<count {
      let (descriptor, events) = (ready[index].descriptor, ready[index].events)
      if descriptor == listener.descriptor {
        hasNewcomers = true
      } else if let connection = connections[descriptor] {
        serve(connection, events, now)
      }
    }
    flush(at: clock)
    for connection in connections.values where connection.deadline.map({ $0 < now }) ?? false {
      connection.close(.deadline)
    }
    if hasNewcomers { accept(at: now) }
    flush(at: clock)
  }

  /// Sends what was queued and closes what is over; `turn` does it too.
  public func flush(at clock: () -> Instant) {
    while !dirty.isEmpty {
      let batch = dirty
      dirty.removeAll(keepingCapacity: true)
      for connection in batch {
        connection.isDirty = false
        let isDrained = connection.isOver ? false : connection.flush()
        if connection.isOver {
          remove(connection, clock())
        } else {
          if isDrained { connection.session?.drained(at: clock()) }
          watch(connection)
        }
      }
    }
  }

  /// Closes every connection at once.
  public func closeAll(at now: Instant) {
    for connection in connections.values { connection.close(.room) }
    flush { now }
  }

  func mark(_ connection: SocketConnection) {
    guard !connection.isDirty else { return }
    connection.isDirty = true
    dirty.append(connection)
  }

  private func serve(_ connection: SocketConnection, _ events: UInt32, _ now: Instant) {
    if events & UInt32(CP_WRITABLE) != 0 { mark(connection) }
    guard events & UInt32(CP_READABLE | CP_HUNG_UP) != 0, !connection.isOver else { return }
    guard connection.wantsInput else {
      // It hangs up before it has read its answers.
      if events & UInt32(CP_HUNG_UP) != 0 { connection.close(.peer) }
      return
    }
    let count = recv(connection.descriptor, &buffer, buffer.count, 0)
    if count > 0 {
      connection.session?.receive(buffer[..<count], at: now)
      mark(connection)
    } else if count == 0 {
      // Half a connection is enough to hand over what was asked for.
      if connection.pendingBytes > 0 { connection.finish() } else { connection.close(.peer) }
    } else if errno != EAGAIN, errno != EINTR {
      connection.close(.peer)
    }
  }

  private func remove(_ connection: SocketConnection, _ now: Instant) {
    guard connections.removeValue(forKey: connection.descriptor) != nil else { return }
    _ = cp_poller_set(poller, 2, connection.descriptor, 0)
    Glibc.close(connection.descriptor)
    if connection.end == .deadline { counts.late += 1 }
    if connection.end == .slow { counts.slow += 1 }
    let session = connection.session
    connection.session = nil
    session?.ended(connection.end ?? .own, at: now)
  }

  private func watch(_ connection: SocketConnection) {
    let wanted =
      (connection.wantsInput ? UInt32(CP_READABLE) : 0)
      | (connection.wantsOutput ? UInt32(CP_WRITABLE) : 0)
    guard wanted != connection.interest else { return }
    connection.interest = wanted
    _ = cp_poller_set(poller, 1, connection.descriptor, wanted)
  }

  private func listen(_ wanted: Bool) {
    guard wanted != isListening else { return }
    isListening = wanted
    _ = cp_poller_set(poller, wanted ? 0 : 2, listener.descriptor, UInt32(CP_READABLE))
  }

  private func accept(at now: Instant) {
    for _ in 0..<Self.acceptMax {
      let descriptor = Socket.accept(listener.descriptor)
      guard descriptor >= 0 else {
        if shortage.isOne(errno) {
          let before = shortage.turnedAwayCount
          shortage.turnAway(listener.descriptor, at: now)
          counts.turnedAway += shortage.turnedAwayCount - before
        }
        return
      }
      if connections.count >= connectionsMax, !dropIdle(now) {
        Glibc.close(descriptor)
        counts.turnedAway += 1
        continue
      }
      var one: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
      let connection = SocketConnection(
        number: nextNumber, descriptor: descriptor, outputMax: outputMax, loop: self)
      nextNumber += 1
      counts.accepted += 1
      connections[descriptor] = connection
      connection.interest = UInt32(CP_READABLE)
      _ = cp_poller_set(poller, 0, descriptor, connection.interest)
      connection.session = makeSession(connection, now)
    }
  }

  /// Ends the connection that has been idle longest, the one whose deadline is nearest; false: all are busy.
  private func dropIdle(_ now: Instant) -> Bool {
    let idle = connections.values.filter { !$0.isOver && $0.session?.isIdle == true }
    let oldest = idle.min { ($0.deadline ?? .distantFuture, $0.number) < ($1.deadline ?? .distantFuture, $1.number) }
    guard let oldest else { return false }
    oldest.close(.room)
    flush { now }
    return true
  }
}
