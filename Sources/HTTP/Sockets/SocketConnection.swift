public import Basics
import Glibc

/// What a protocol does with the bytes of one connection; the loop calls it, never two calls at once.
public protocol SocketSession: AnyObject {
  /// Whether nothing is under way, so that the connection can go when room is needed.
  var isIdle: Bool { get }
  /// Bytes have come.
  func receive(_ bytes: ArraySlice<UInt8>, at now: Instant)
  /// Everything that was sent is with the system.
  func drained(at now: Instant)
  /// The connection is over; nothing can be sent any more.
  func ended(_ reason: SocketConnection.End, at now: Instant)
}

/// One connection of a loop.
public final class SocketConnection {
  /// Why a connection is over.
  public enum End: String, Sendable {
    /// The other side closed it, or it broke.
    case peer
    /// This side closed it.
    case own
    /// Its deadline passed.
    case deadline
    /// It does not read what it is sent.
    case slow
    /// Room was needed, or the loop ended.
    case room
  }

  /// Counts the connections of a loop, from 1.
  public let number: Int
  /// When the loop closes it; nil: never.
  public var deadline: Instant?
  /// Bytes that are still to be sent.
  public private(set) var pendingBytes = 0
  /// Bytes of output that wait at most; more end the connection as `slow`.
  let outputMax: Int
  let descriptor: Int32
  var session: (any SocketSession)?
  private(set) var end: End?
  /// What the poller was told to wait for.
  var interest: UInt32 = 0
  var isDirty = false
  private var output: [[UInt8]] = []
  private var next = 0
  private var sent = 0
  private var isFinishing = false
  private weak var loop: SocketLoop?

  init(number: Int, descriptor: Int32, outputMax: Int, loop: SocketLoop) {
    self.number = number
    self.descriptor = descriptor
    self.outputMax = outputMax
    self.loop = loop
  }

  /// Whether nothing more can be sent or will be received.
  public var isOver: Bool { end != nil }

  /// Queues bytes; they leave when the call that the loop made returns. What is too much ends the connection.
  public func send(_ bytes: [UInt8]) {
    guard end == nil, !isFinishing, !bytes.isEmpty else { return }
    output.append(bytes)
    pendingBytes += bytes.count
    if pendingBytes > outputMax { return close(.slow) }
    loop?.mark(self)
  }

  /// Closes the connection once everything is sent; what comes meanwhile is not read.
  public func finish() {
    guard end == nil else { return }
    isFinishing = true
    loop?.mark(self)
  }

  /// Closes the connection at once.
  public func close() { close(.own) }

  /// Closes the connection at once with a reset (RST), as a broken network looks to the other side.
  public func reset() {
    guard end == nil else { return }
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    close(.own)
  }

  func close(_ reason: End) {
    guard end == nil else { return }
    end = reason
    output = []
    pendingBytes = 0
    loop?.mark(self)
  }

  /// Whether bytes of the other side are wanted: not while it leaves its answers lying.
  var wantsInput: Bool { !isFinishing && pendingBytes < SocketConnection.pauseBytes }
  var wantsOutput: Bool { pendingBytes > 0 }

  /// Output that makes a connection wait with its next request.
  private static let pauseBytes = 262_144

  /// Sends what fits; true when the last of it has gone now.
  func flush() -> Bool {
    guard pendingBytes > 0 else {
      if isFinishing { close(.own) }
      return false
    }
    while next < output.count {
      let count = Socket.send(descriptor, output[next][sent...])
      if count < 0 {
        if errno != EAGAIN, errno != EINTR { close(.peer) }
        return false
      }
      sent += count
      pendingBytes -= count
      guard sent == output[next].count else { continue }
      (next, sent) = (next + 1, 0)
      if next == output.count || next > 64 {
        output.removeFirst(next)
        next = 0
      }
    }
    if isFinishing { close(.own) }
    return true
  }
}
