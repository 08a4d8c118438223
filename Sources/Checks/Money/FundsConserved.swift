import Basics
import Trading

extension Check {
  /// Reads the ledger lines of the venue's truth.
  public static let fundsConserved = Check(.fundsConserved, "no asset appears or vanishes at the venue") { record in
    let name = CheckName.fundsConserved
    let ledger = record.venue.filter { $0.kind == "ledger" }
    if ledger.isEmpty { return .open(name, "the venue wrote no ledger line") }
    let broken = ledger.filter { $0.flag(.conserved) != true }
    if broken.isEmpty { return .pass(name, "the ledger balances in \(ledger.count) lines") }
    return .fail(
      name, "the venue's ledger does not balance",
      broken.map { "logs/exchange.jsonl:\($0.line) step \($0.integer(.step) ?? 0)" })
  }
}
