import FakeExchange
import Proof

/// The venue itself against one that is too slow and plain to be wrong: what a session of the engine rests on.
///
/// Sessions reach few of a venue's rules: no engine that keeps to its limits is ever banned, and none renews a key within five
/// minutes.
extension GauntletCases {
  /// Requests of each of the two cases; together they take a few seconds.
  private static let requests = 60_000
  private static let calls = 40_000

  func venue() -> [GauntletCase] { [matching(), access()] }

  private func matching() -> GauntletCase {
    let id = "healthy/venue-orders"
    return GauntletCase(
      id: id, title: "random orders: the venue's fills, balances and events are those of a plain one",
      replay: again(id), weight: Self.requests / 200
    ) { run in
      do throws(VenueSetupError) {
        let found = try Differential.run(seed: options.seed, requests: Self.requests, isOver: run.isOverBudget)
        let text =
          "\(found.steps) requests, \(found.orders) orders taken, \(found.fills) fills, refusals of "
          + "\(found.refusals.count) kinds"
        return result(id, found.difference, isWhole: found.steps == Self.requests, text)
      } catch { return CaseResult(id: id, .failed, error.description) }
    }
  }

  private func access() -> GauntletCase {
    let id = "healthy/venue-access"
    return GauntletCase(
      id: id, title: "random calls: the venue's limits, keys, clock and user stream are those of a plain one",
      replay: again(id), weight: Self.calls / 100
    ) { run in
      let found = AccessDifferential.run(seed: options.seed, calls: Self.calls, isOver: run.isOverBudget)
      let text =
        "\(found.calls) calls, \(found.refusals.values.reduce(0, +)) refused of \(found.refusals.count) kinds, "
        + "\(found.heard) events heard, \(found.missed) missed, \(found.renewals.good) keys renewed"
      return result(id, found.difference, isWhole: found.calls == Self.calls, text)
    }
  }

  private func result(_ id: String, _ difference: String?, isWhole: Bool, _ text: String) -> CaseResult {
    if let difference { return CaseResult(id: id, .failed, "the venue and the reference differ: \(difference)") }
    return CaseResult(id: id, isWhole ? .passed : .inconclusive, text)
  }
}
