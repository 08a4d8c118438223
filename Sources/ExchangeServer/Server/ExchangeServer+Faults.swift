import Basics
import FakeExchange
import FaultInjection
import HTTP

/// What only a wire can do to a request.
extension ExchangeServer {
  /// Carries a fault of the site `wire.request` out.
  func spoil(
    _ action: FaultAction, _ named: WireRequest, _ session: HTTPSession, at now: Instant
  ) -> HTTPResponse? {
    switch action {
    case .drop:
      log(named, session, WireReply(.null, status: 0), "drop", at: now)
      // Nobody answers; the connection stays until the client gives up or an hour is over.
      session.connection.deadline = now + .seconds(3600)
      return nil
    case .sleep(let delay):
      var reply = core.dialect.answer(named, at: now)
      reply.delay = max(reply.delay, delay)
      log(named, session, reply, "sleep", at: now)
      return send(reply, session)
    case .hang:
      var reply = core.dialect.answer(named, at: now)
      reply.isHeld = true
      log(named, session, reply, "hang", at: now)
      return send(reply, session)
    case .replace(_, let word):
      guard let fault = WireSites.RequestFault(rawValue: word) else { return nil }
      return spoil(fault, named, session, at: now)
    default: return core.dialect.answer(named, at: now).response
    }
  }

  private func spoil(
    _ fault: WireSites.RequestFault, _ named: WireRequest, _ session: HTTPSession, at now: Instant
  ) -> HTTPResponse? {
    func answered() -> WireReply {
      let reply = core.dialect.answer(named, at: now)
      log(named, session, reply, fault.rawValue, at: now)
      return reply
    }
    func page(_ status: Int, _ server: String) -> HTTPResponse {
      log(named, session, WireReply(.null, status: status), fault.rawValue, at: now)
      return WireReply.page(status, server)
    }
    switch fault {
    case .resetBefore:
      log(named, session, WireReply(.null, status: 0), fault.rawValue, at: now)
      session.connection.reset()
      return nil
    case .resetAfter:
      _ = answered()
      session.connection.reset()
      return nil
    case .html502: return page(502, "nginx")
    case .html503: return page(503, "CloudFront")
    case .html403: return page(403, "CloudFront")
    case .late502:
      _ = answered()
      return WireReply.page(502, "nginx")
    case .truncated:
      var response = answered().response
      response.body = Array(response.body.prefix(response.body.count * 2 / 3))
      return response
    case .malformed:
      var response = answered().response
      response.body = Array("{\"code\":".utf8) + response.body
      return response
    case .wrongLength:
      let bytes = answered().response.bytes(endsAfter: true)
      session.respond(bytes: Array(bytes.dropLast(max(1, min(5, bytes.count / 2)))), isLast: true, at: now)
      return nil
    case .stall, .dribble:
      let response = answered().response
      trickle(response.bytes(endsAfter: true), response.body.count, session, byByte: fault == .dribble, at: now)
      return nil
    case .tooMany: return refused(.tooMany(retryAfter: 5), named, session, fault, now)
    case .ban:
      let until = now.nanoseconds / 1_000_000 + 120_000
      return refused(.banned(until: until, retryAfter: 120), named, session, fault, now)
    case .skew: return refused(.skewed, named, session, fault, now)
    }
  }

  private func refused(
    _ kind: DialectRefusal, _ named: WireRequest, _ session: HTTPSession, _ fault: WireSites.RequestFault,
    _ now: Instant
  ) -> HTTPResponse {
    let reply = core.dialect.refusal(kind, at: now)
    log(named, session, reply, fault.rawValue, at: now)
    return reply.response
  }

  /// Sends the head, and then nothing for ten minutes, or one byte each tenth of a second.
  private func trickle(
    _ bytes: [UInt8], _ bodyCount: Int, _ session: HTTPSession, byByte: Bool, at now: Instant
  ) {
    let connection = session.connection
    connection.deadline = now + .seconds(600)
    connection.send(Array(bytes.dropLast(bodyCount)))
    guard byByte else { return }
    let body = Array(bytes.suffix(bodyCount))
    func next(_ index: Int) {
      guard !connection.isOver, index < body.count else { return connection.finish() }
      connection.send([body[index]])
      later(.milliseconds(100)) { _ in next(index + 1) }
    }
    next(0)
  }

  /// Carries a fault of the user stream's connection out.
  func endStreams(of account: Int, by fault: ConnectionFault) {
    switch fault {
    case .cut:
      for stream in streams.values where stream.speaks?.names.contains("user") == true { stream.connection.close() }
    case .silence: core.hub.mute(account)
    case .keyGone:
      core.keys.expire(at: core.hub.now, all: true)
      core.hub.mute(account)
    }
  }
}
