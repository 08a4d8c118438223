import Basics
import ChaosRuntime
import FakeExchange
import FaultInjection
import HTTP
import Trading

@testable import ExchangeServer

/// An exchange without clients of the network: requests go in, answers come out.
final class Desk {
  let server: ExchangeServer
  let start: Instant
  var now: Instant
  private let key = "key"
  private let account: WireAccount

  init(
    _ faults: [Fault] = [], venue: String = "binance", limited: Bool = true, seed: UInt64 = 1, token: String? = nil
  ) throws {
    let runtime = Runtime(
      live: Instant(nanoseconds: 1_767_225_600_000_000_000), disk: MemoryDisk(), choices: Choices(.seeded(1)))
    account = WireAccount(
      name: "bot", key: key, secret: "secret",
      balances: [Balance(asset: "USDT", free: Decimal(10_000)), Balance(asset: "BTC", free: Decimal(1))])
    var settings = ServerSettings(
      venue: venue, address: EndpointAddress(host: "127.0.0.1", port: 0), accounts: [account],
      symbols: [Symbol("BTC/USDT"), Symbol("ETH/USDT")].compactMap { $0 }, seed: seed)
    settings.faults = faults
    settings.hasLimits = limited
    settings.controlToken = token
    server = try ExchangeServer(settings, runtime, logs: nil)
    start = runtime.now
    now = start
    if !faults.isEmpty { server.arm() }
  }

  /// A call that everybody may make.
  func get(_ path: String, _ query: String = "") -> WireReply {
    server.core.dialect.answer(HTTPRequest(path: path, query: query), at: now)
  }

  /// A call of the account, signed as the venue wants it.
  func signed(_ method: String, _ path: String, _ query: String = "", at time: Instant? = nil) -> WireReply {
    let stamp = "timestamp=\((time ?? now).nanoseconds / 1_000_000)"
    let all = query.isEmpty ? stamp : "\(query)&\(stamp)"
    var fields = HTTPFields()
    fields.add(server.core.dialect.keyField, key)
    let signature = Base64.hexadecimal(HMAC(key: Array("secret".utf8)).code(Array(all.utf8)[...]))
    return server.core.dialect.answer(
      HTTPRequest(method: method, path: path, query: "\(all)&signature=\(signature)", fields: fields), at: now)
  }

  /// Time passes; the market moves at the end of it.
  func pass(_ duration: Duration) {
    now = now + duration
    server.core.hub.now = now
    server.core.exchange.advance(at: now)
  }
}

extension WireReply {
  /// Code and text of a refusal.
  var refusal: String { "\(body["code"]?.int ?? 0) \(body["msg"]?.string ?? "")" }
}
