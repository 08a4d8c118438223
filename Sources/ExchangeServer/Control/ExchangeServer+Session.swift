import Basics
import FakeExchange
import FaultInjection
import HTTP

/// Control for a client that runs a session of its own here and judges it by the venue's truth.
extension ExchangeServer {
  func reset(_ body: JSON, at now: Instant) -> HTTPResponse {
    let seed = body["seed"]?.int.flatMap { UInt64(exactly: $0) } ?? settings.seed
    var stage: WireStage?
    if let wanted = body["stage"] {
      do throws(WireStage.Problem) { stage = try WireStage(wanted) } catch {
        return Self.problem(400, "stage: \(error.text)")
      }
    }
    if let problem = reset(seed: seed, stage: stage) {
      return Self.problem(400, "the exchange cannot begin with this: \(problem)")
    }
    return Self.json(state(at: now))
  }

  /// Lines of `exchange.jsonl` from a cursor on; the next cursor is in `X-Chaos-Next`.
  func venueLines(_ request: HTTPRequest, at now: Instant) -> HTTPResponse {
    let query = QueryItems(request.query)
    guard let cursor = Int(query["since"] ?? "\(truth.start)") else {
      return Self.problem(400, "since expects the cursor of the last answer")
    }
    let isEnd = query["end"] == "1"
    if isEnd { core.exchange.finish(at: now) }
    writeLogs()
    guard let page = truth.page(from: cursor) else {
      return Self.problem(410, "lines from \(truth.start) to \(truth.end) are kept; ask more often")
    }
    var fields = HTTPFields()
    fields.add("X-Chaos-Next", "\(page.next)")
    fields.add("Cache-Control", "no-store")
    var lines = Array(page.lines)
    if isEnd, page.next == truth.end { lines += core.exchange.history.summary(at: now) }
    return HTTPResponse(200, contentType: "application/x-ndjson", fields: fields, body: lines)
  }

  /// Lets the venue act on an account: what `VenueAct` has, on the order that is named or else the oldest open one.
  func act(_ body: JSON, at now: Instant) -> HTTPResponse {
    let exchange = core.exchange
    let names = exchange.accounts.map(\.name)
    guard let account = names.firstIndex(of: body["account"]?.string ?? names[0]) else {
      return Self.problem(400, "account expects one of \(names.joined(separator: ", "))")
    }
    let words = VenueAct.allCases.map(\.rawValue)
    guard let word = body["do"]?.string, let act = VenueAct(rawValue: word) else {
      return Self.problem(400, "do expects one of \(words.joined(separator: ", "))")
    }
    if let id = body["client_order_id"]?.string {
      guard act == .cancel else { return Self.problem(400, "an order can be canceled; of the rest the venue chooses") }
      guard let order = exchange.order(account, clientOrderId: id), !order.status.isTerminal else {
        return Self.problem(400, "the account has no open order '\(id.prefix(64))'")
      }
      exchange.cancel(order, of: account, at: now)
    } else {
      exchange.perform(act, account, now)
    }
    journal.note("acted", "\(word) \(names[account])", at: now)
    return Self.json(state(at: now))
  }

  /// Counts of each inject and the firings, by the position of the fault in the list that was put.
  func faultsReport() -> JSON {
    func position(_ id: String) -> Int { faults.faults.firstIndex { $0.id == id } ?? -1 }
    let counts: [JSON] = faults.counts.map {
      .object([
        ("fault", .int(position($0.fault))), ("inject", .int($0.inject)), ("site", .string($0.site)),
        ("hits", .int($0.hits)), ("eligible", .int($0.eligible)), ("fired", .int($0.fired)),
      ])
    }
    let firings: [JSON] = faults.firings.suffix(Self.firingsMax).map {
      .object([
        ("fault", .int(position($0.fault))), ("inject", .int($0.inject)), ("site", .string($0.site)),
        ("per", .string($0.per)), ("hit", .int($0.hit)), ("timestamp", .string($0.time.iso8601())),
        ("action", .string($0.action.text)),
      ])
    }
    var members = faultsState().members ?? []
    members.append(("counts", .array(counts)))
    members.append(("firings", .array(firings)))
    return .object(members)
  }

  private static let firingsMax = 10_000
}
