import ChaosRuntime
import Trading

extension Checks {
  /// Reads the ledger lines of the venue's truth.
  static let fundsConserved = Check("funds-conserved", "no asset appears or vanishes at the venue") { record in
    let name = "funds-conserved"
    let ledger = record.venue.filter { $0.kind == "ledger" }
    if ledger.isEmpty { return .open(name, "the venue wrote no ledger line") }
    let broken = ledger.filter { $0.fields["conserved"]?.bool != true }
    if broken.isEmpty { return .pass(name, "the ledger balances") }
    return .fail(name, "the venue's ledger does not balance", broken.map { "exchange.jsonl:\($0.line)" })
  }

  /// Reads the state file's positions, and the venue's balances at start and end.
  static let positionsAgree = Check(
    "positions-agree", "at the end the engine's positions are what the venue's balances say"
  ) { record in
    let name = "positions-agree"
    if record.isCutShort { return .open(name, "the session was cut short, so nothing had to agree yet") }
    guard let state = record.state else { return .open(name, "there is no state file") }
    let balances = record.venue.filter { $0.kind == "balances" }
    guard let first = balances.first, let last = balances.last, balances.count > 1 else {
      return .open(name, "the venue wrote no balances at start and end")
    }
    let before = totals(first)
    let after = totals(last)
    var held: [String: Decimal] = [:]
    for (symbol, position) in state["positions"]?.members ?? [] {
      let base = symbol.split(separator: "/").first.map(String.init) ?? symbol
      held[base] = SessionRecord.Event.decimal(position["qty"]) ?? .zero
    }
    let quotes = Set(record.orders.compactMap { $0.symbol.split(separator: "/").last.map(String.init) } + ["USDT"])
    var wrong: [String] = []
    for asset in Set(before.keys).union(after.keys).union(held.keys).subtracting(quotes).sorted() {
      let truth = (after[asset] ?? .zero) - (before[asset] ?? .zero)
      let engine = held[asset] ?? .zero
      if truth != engine { wrong.append("\(asset): the venue says \(truth), the engine says \(engine)") }
    }
    if wrong.isEmpty { return .pass(name, "positions agree with the venue") }
    return .fail(name, "\(wrong.count) positions differ from the venue's balances", wrong)
  }

  private static func totals(_ line: SessionRecord.VenueLine) -> [String: Decimal] {
    var result: [String: Decimal] = [:]
    for balance in line.fields["balances"]?.array ?? [] {
      guard let asset = balance["asset"]?.string else { continue }
      let free = SessionRecord.Event.decimal(balance["free"]) ?? .zero
      let locked = SessionRecord.Event.decimal(balance["locked"]) ?? .zero
      result[asset] = free + locked
    }
    return result
  }

  /// Reads BUDGET_RESERVED, BUDGET_RELEASED and BUDGET_COMMITTED.
  static let budgetBalances = Check(
    "budget-balances", "no intent gives back or spends more budget than it reserved"
  ) { record in
    let name = "budget-balances"
    var left: [String: Decimal] = [:]
    var wrong: [String] = []
    for event in record.events {
      guard event.type.hasPrefix("BUDGET_"), let id = event.text("intent_id") else { continue }
      switch event.type {
      case "BUDGET_RESERVED": left[id, default: .zero] = left[id, default: .zero] + (event.decimal("reserved") ?? .zero)
      case "BUDGET_RELEASED": left[id, default: .zero] = left[id, default: .zero] - (event.decimal("released") ?? .zero)
      case "BUDGET_COMMITTED":
        left[id, default: .zero] = left[id, default: .zero] - (event.decimal("committed") ?? .zero)
      default: continue
      }
      if left[id, default: .zero].isNegative { wrong.append("\(id): line \(event.line) takes more than was reserved") }
    }
    if wrong.isEmpty { return .pass(name, "\(left.count) reservations were never overdrawn") }
    return .fail(name, "\(wrong.count) bookings take more budget than was reserved", wrong)
  }
}
