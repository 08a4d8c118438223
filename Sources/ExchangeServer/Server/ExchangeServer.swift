import Basics
public import ChaosRuntime
import FakeExchange
import FaultInjection
import Glibc
public import HTTP
import Trading

/// A spot exchange over HTTP and WebSocket, with faults and control: one loop, on the thread that calls `run`.
public final class ExchangeServer {
  /// What belongs together and is made anew by a reset.
  struct Core {
    var exchange: WireExchange
    var hub: StreamHub
    var keys: ListenKeys
    var dialect: any Dialect
  }

  /// As given.
  public let settings: ServerSettings
  let runtime: Runtime
  let listener: Listener
  let faults: WireFaults
  var core: Core
  var timers = TimerList()
  var journal = WireJournal()
  var truth = TruthLines()
  var counts = ServerCounts()
  var streams: [Int: StreamConnection] = [:]
  private var loop: SocketLoop?
  private var exchangeLog: WireLog?
  private var wireLog: WireLog?
  private var nextTick: Instant
  private var held: [(Instant) -> Void] = []
  private var toldTrouble = false

  /// From one tick of the market to the next.
  public static let tick = Duration.milliseconds(100)
  private static let heldMax = 10_000
  /// Lines of the venue's history that are not written down yet.
  private var venueLines = ByteWriter(capacity: 65_536)
  /// Entries of the history that wait to become lines, before the next tick.
  private static let entriesMax = 64

  /// Binds and listens at once.
  ///
  /// - Parameter logs: a folder for `exchange.jsonl` and `wire.jsonl`; nil: nothing is written.
  /// - Throws: `ServerError` for an address that cannot be had, accounts or faults that do not fit.
  public init(_ settings: ServerSettings, _ runtime: Runtime, logs: String?) throws(ServerError) {
    guard let profile = WireProfiles.named(settings.venue) else { throw .unknownVenue(settings.venue) }
    self.settings = settings
    self.runtime = runtime
    let now = runtime.now
    do throws(EndpointError) { listener = try Listener(at: settings.address, kind: "exchange", backlog: 512) } catch {
      throw .endpoint(error)
    }
    do throws(InjectionError) {
      faults = try WireFaults(runtime: runtime, faults: settings.faults, profile: profile)
    } catch { throw .fault(error) }
    core = try Self.core(settings, profile, faults, settings.seed, at: now)
    nextTick = now + Self.tick
    if let logs {
      exchangeLog = WireLog("\(logs)/exchange.jsonl")
      wireLog = WireLog("\(logs)/wire.jsonl")
      guard exchangeLog != nil, wireLog != nil else {
        throw .endpoint(
          EndpointError(kind: "exchange", address: logs, reason: String(cString: strerror(errno))))
      }
    }
    wire()
    do throws(EndpointError) {
      loop = try SocketLoop(listener, connectionsMax: settings.connectionsMax, outputMax: 4 << 20) {
        [unowned self] connection, now in
        HTTPSession(
          connection, limits: HTTPLimits(), times: .init(request: .seconds(10), idle: .seconds(120)), at: now
        ) { [unowned self] request, session, now in answer(request, session, at: now) }
      }
    } catch { throw .endpoint(error) }
  }

  private static func core(
    _ settings: ServerSettings, _ profile: VenueProfile, _ faults: WireFaults, _ seed: UInt64,
    stage: WireStage? = nil, at now: Instant
  ) throws(ServerError) -> Core {
    var (profile, accounts) = (profile, settings.accounts)
    if let stage {
      profile.feeMode = stage.feeMode ?? profile.feeMode
      accounts[0].balances = stage.balances
    }
    let market =
      stage.map { stage in
        WireMarket(
          staged: MarketGenerator(
            seed: stage.seed, symbols: stage.symbols, drops: stage.drops, start: now, pollInterval: stage.pollInterval,
            shape: stage.shape), seed: seed)
      } ?? settings.recorded.map { WireMarket(recorded: $0, seed: seed, start: now) }
      ?? WireMarket(seed: seed, symbols: settings.symbols, start: now)
    do throws(VenueSetupError) {
      let exchange = try WireExchange(
        profile: profile, market: market, accounts: accounts, faults: faults, depth: stage?.depth ?? settings.depth,
        at: now)
      let hub = StreamHub(exchange, at: now)
      let keys = ListenKeys(accounts, lifetime: settings.listenKeyLife)
      let dialect: any Dialect =
        settings.venue == "mexc"
        ? MEXCDialect(exchange, hub, keys, limited: settings.hasLimits, at: now)
        : BinanceDialect(exchange, hub, keys, limited: settings.hasLimits, at: now)
      return Core(exchange: exchange, hub: hub, keys: keys, dialect: dialect)
    } catch { throw .setup(error) }
  }

  /// Ties the parts of the core to this server.
  private func wire() {
    core.exchange.deliver = { [unowned hub = core.hub] account, event in hub.tell(account, event) }
    core.hub.note = { [unowned self] kind, connection, names in
      journal.stream(kind, connection, names, at: core.hub.now)
    }
    core.hub.noteRequest = { [unowned self] request in
      counts.requests += 1
      note(request, at: core.hub.now)
    }
    core.exchange.later = { [unowned self] delay, action in later(delay, action) }
    core.exchange.whenHealed = { [unowned self] action in whenHealed(action) }
    if let binance = core.dialect as? BinanceDialect {
      core.hub.encode = { [unowned binance] name, content in BinanceEvents.json(name, content, binance) }
    }
    core.exchange.onConnection = { [unowned self] account, fault in endStreams(of: account, by: fault) }
    core.keys.onExpiry = { [unowned self] key, _, isForced in
      for (number, stream) in streams.sorted(by: { $0.key < $1.key }) {
        guard let speaks = stream.speaks as? BinanceStreams, speaks.listens(by: key) else { continue }
        journal.stream(isForced ? "stream_key_ended" : "stream_key_expired", number, ["user"], at: core.hub.now)
        speaks.expire(key, at: core.hub.now)
      }
    }
  }

  /// What its connections came to.
  var connectionCounts: SocketLoop.Counts { loop?.counts ?? SocketLoop.Counts() }

  /// The port it listens on.
  public var port: UInt16 { listener.port }

  /// Starts anew with another seed, or on a stage: books, orders, balances; clients of streams are sent away.
  ///
  /// - Returns: what is wrong with the stage; nil: the exchange has begun anew.
  func reset(seed: UInt64, stage: WireStage? = nil) -> String? {
    let now = runtime.now
    guard let profile = WireProfiles.named(settings.venue) else { return "there is no such venue" }
    let fresh: Core
    do throws(ServerError) { fresh = try Self.core(settings, profile, faults, seed, stage: stage, at: now) } catch {
      return error.description
    }
    core.exchange.finish(at: now)
    writeLogs()
    truth = TruthLines()
    for stream in streams.values { stream.close(1012, "The exchange begins anew") }
    core = fresh
    wire()
    writeLogs()
    return nil
  }

  // MARK: The loop

  /// Serves until `isOver` says so.
  public func run(until isOver: () -> Bool) {
    while !isOver() { turn() }
  }

  /// One turn: waits for clients until the next tick or timer, at most 100 ms, or `waitMax`.
  public func turn(waitMax: Duration = ExchangeServer.tick) {
    let now = runtime.now
    let due = min(nextTick, timers.next ?? nextTick)
    loop?.turn(wait: max(.zero, min(due - now, waitMax))) { runtime.now }
    work(at: runtime.now)
  }

  private func work(at now: Instant) {
    core.hub.now = now
    for action in timers.takeDue(now) { action(now) }
    guard now >= nextTick else {
      flush()
      // After the answers, and not all at the tick: a thousand lines at once would make everybody wait.
      if core.exchange.history.entryCount >= Self.entriesMax { core.exchange.history.takeLines(into: &venueLines) }
      core.exchange.forgetOldOrders()
      return
    }
    // A process that was stopped for a while does not make up for the ticks it missed.
    nextTick = max(nextTick + Self.tick, now)
    core.exchange.advance(at: now)
    core.hub.tick(at: now)
    core.keys.expire(at: now)
    for stream in streams.values { stream.keepAlive(at: now) }
    core.exchange.findOldOrders()
    flush()
    writeLogs()
  }

  private func flush() { loop?.flush { runtime.now } }

  /// Does something later; at once where too much waits already.
  func later(_ delay: Duration, _ action: @escaping (Instant) -> Void) {
    let now = runtime.now
    if !timers.add(now + delay, action) { action(now) }
  }

  /// Does something when the faults are taken back.
  private func whenHealed(_ action: @escaping (Instant) -> Void) {
    if held.count < Self.heldMax { held.append(action) }
  }

  func writeLogs() {
    core.exchange.history.takeLines(into: &venueLines)
    let venue = venueLines.bytes()
    venueLines.removeAll()
    truth.append(venue)
    exchangeLog?.append(venue)
    wireLog?.append(journal.take())
  }

  /// What is wrong with the logs, once; nil: nothing.
  public func takeTrouble() -> String? {
    guard !toldTrouble, let trouble = exchangeLog?.trouble ?? wireLog?.trouble else { return loop?.takeNews() }
    toldTrouble = true
    return trouble
  }

  /// Ends in order: clients are sent away, the logs get their last lines.
  public func finish() {
    let now = runtime.now
    for stream in streams.values { stream.close(1001, "The exchange closes") }
    flush()
    loop?.closeAll(at: now)
    core.exchange.finish(at: now)
    writeLogs()
    exchangeLog?.append(core.exchange.history.summary(at: now))
  }

  // MARK: Faults

  /// Arms the faults: windows and times to live count from now.
  public func arm() {
    faults.arm()
    journal.note("armed", faults.faults.map(\.id).joined(separator: ", "), at: runtime.now)
  }

  /// Takes the faults back; answers that they held are sent.
  public func heal() {
    do throws(Stopped) { try faults.disarm() } catch { return }
    let now = runtime.now
    journal.note("healed", faults.faults.map(\.id).joined(separator: ", "), at: now)
    let waiting = held
    held = []
    for action in waiting { action(now) }
  }

  /// Notes something in the wire's log, such as the beginning of a phase.
  public func note(_ kind: String, _ text: String) { journal.note(kind, text, at: runtime.now) }

  // MARK: Requests

  private func answer(_ request: HTTPRequest, _ session: HTTPSession, at now: Instant) -> HTTPResponse? {
    core.hub.now = now
    counts.requests += 1
    guard isOwnHost(request) else {
      counts.foreign += 1
      return .text(403, "this Host or Origin is not served here\n")
    }
    if request.path == "/chaos" || request.path.hasPrefix("/chaos/") { return control(request, at: now) }
    if WebSocketHandshake.isWanted(request) { return upgrade(request, session, at: now) }
    let named = WireRequest(request, keyField: core.dialect.keyField)
    let sums = core.exchange.sums(named, at: now)
    if sums.isEmpty { return answer(named, session, at: now) }
    core.exchange.whenSummed(sums, at: now) { [unowned self] now in
      guard !session.connection.isOver, let response = answer(named, session, at: now) else { return }
      session.respond(response, at: now)
    }
    return nil
  }

  private func answer(_ named: WireRequest, _ session: HTTPSession, at now: Instant) -> HTTPResponse? {
    let action = faults.decide(
      method: named.method, path: named.path, symbol: named["symbol"] ?? "", side: named["side"] ?? "")
    if let action { return spoil(action, named, session, at: now) }
    let reply = core.dialect.answer(named, at: now)
    log(named, session, reply, nil, at: now)
    return send(reply, session)
  }

  /// What the dialect answers to a request that did not come over a socket: for tests of its readers.
  package func answer(_ request: HTTPRequest) -> HTTPResponse {
    let now = runtime.now
    core.hub.now = now
    let response = core.dialect.answer(request, at: now).response
    _ = core.exchange.history.take()
    return response
  }

  /// The answer now, or nil when it comes later.
  func send(_ reply: WireReply, _ session: HTTPSession) -> HTTPResponse? {
    if reply.isHeld, faults.isArmed {
      whenHealed { now in session.respond(reply.response, at: now) }
      return nil
    }
    guard reply.delay > .zero else { return reply.response }
    later(reply.delay) { now in session.respond(reply.response, at: now) }
    return nil
  }

  func hold(_ response: HTTPResponse, _ session: HTTPSession) {
    whenHealed { now in session.respond(response, at: now) }
  }

  func log(_ request: WireRequest, _ session: HTTPSession, _ reply: WireReply, _ fault: String?, at now: Instant) {
    note(
      WireJournal.Request(
        connection: session.connection.number, method: request.method, path: request.path, symbol: request["symbol"],
        side: request["side"], clientOrderId: request["newClientOrderId"] ?? request["origClientOrderId"],
        status: reply.status, code: reply.code, retryAfter: reply.fields["Retry-After"].flatMap { Int($0) },
        account: request.key.flatMap { core.exchange.account(key: $0) }.map { core.exchange.accounts[$0].name },
        fault: fault), at: now)
  }

  private func note(_ request: WireJournal.Request, at now: Instant) {
    if request.status >= 400 { counts.refused += 1 }
    if request.account != nil { counts.heard += 1 }
    journal.request(request, at: now)
  }

  /// On the loopback interface a page of the network must not reach the exchange by a name of its own (DNS rebinding); a
  /// browser may come from this server only.
  private func isOwnHost(_ request: HTTPRequest) -> Bool {
    // In bytes: this is asked of every request.
    func host(_ authority: String) -> Substring {
      let bare = authority.utf8.lastIndex(of: UInt8(ascii: "/")).map { authority[authority.utf8.index(after: $0)...] }
      let rest = bare ?? authority[...]
      guard rest.utf8.last != UInt8(ascii: "]"), let colon = rest.utf8.lastIndex(of: UInt8(ascii: ":")) else {
        return rest
      }
      return rest[..<colon]
    }
    let own = host(request.fields["host"] ?? "")
    let isLoopback = own.isEmpty || own == "localhost" || own == "[::1]" || own.hasPrefix("127.")
    if settings.address.isLoopback, !isLoopback { return false }
    guard let origin = request.fields["origin"], origin != "null" else { return request.fields["origin"] == nil }
    return host(origin) == own
  }

  private func upgrade(_ request: HTTPRequest, _ session: HTTPSession, at now: Instant) -> HTTPResponse? {
    let response = WebSocketHandshake.answer(request)
    guard response.status == 101 else { return response }
    let number = session.connection.number
    let stream = StreamConnection(session.connection, faults, at: now) { [unowned self] in later($0, $1) }
    session.respond(response, at: now)
    // What a request may take says nothing of a stream, which pings.
    session.connection.deadline = nil
    guard let speaks = core.dialect.stream(request, stream, at: now) else {
      // After the handshake, so that a client learns why.
      stream.close(1008, "no stream is at \(request.path.prefix(80))")
      session.successor = stream
      return nil
    }
    stream.speaks = speaks
    streams[number] = stream
    counts.streams += 1
    journal.stream("stream_opened", number, speaks.names, at: now)
    stream.onEnd = { [unowned self, unowned stream] reason in
      streams[number] = nil
      journal.stream("stream_closed_\(reason.rawValue)", number, ["\(stream.sentCount) frames"], at: core.hub.now)
    }
    let rest = session.takeRest()
    session.successor = stream
    if !rest.isEmpty { stream.receive(rest, at: now) }
    return nil
  }
}

/// What a server has done.
public struct ServerCounts: Sendable, Equatable {
  /// Requests of HTTP, streams' openings among them.
  public var requests = 0
  /// Requests that were answered with a status of 400 or more.
  public var refused = 0
  /// Requests with the key of an account, calls of the WebSocket API among them.
  public var heard = 0
  /// Requests with a Host or Origin that is not this server's.
  public var foreign = 0
  /// Streams that were opened.
  public var streams = 0
}

extension ExchangeServer {
  /// What has happened so far.
  public struct Report: Sendable {
    /// Requests, refusals and streams.
    public var counts: ServerCounts
    /// Orders that reached the venue, and those that traded in full.
    public var orders: Int
    /// Fills of all accounts.
    public var fills: Int
    /// What each inject did: hits, eligible hits, firings.
    public var injects: [(fault: String, site: String, eligible: Int, fired: Int)]
    /// What is wrong with the venue's books; nil: they add up.
    public var violation: String?
    /// Connections, those that were too slow or too late among them.
    public var connections: SocketLoop.Counts
  }

  /// What has happened so far.
  public var report: Report {
    Report(
      counts: counts, orders: core.exchange.orderCount, fills: core.exchange.fills.reduce(0) { $0 + $1.endIndex },
      injects: faults.counts.map { ($0.fault, $0.site, $0.eligible, $0.fired) }, violation: core.exchange.violation,
      connections: connectionCounts)
  }

  /// Firings of all faults so far.
  public var firedCount: Int { faults.firedCount }

}
