import Basics
import FakeExchange

extension ExchangeBench {
  /// `--differential N`: the venue's answers against those of a matcher that is too slow and plain to be wrong.
  static func compare(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let requests = try arguments.int("differential", in: 1...1_000_000_000) ?? 1_000_000
    let seed = try CommonOptions.seed(arguments)
    let outcome: Differential.Outcome
    do throws(VenueSetupError) {
      outcome = try Differential.run(seed: seed, requests: requests, isOver: { Interruption.isRequested })
    } catch { throw UsageError(text: error.description) }
    let refusals = outcome.refusals.values.reduce(0, +)
    if arguments.has("json") {
      let members: [(key: String, value: JSON)] = [
        ("seed", .number("\(seed)")), ("requests", .int(outcome.steps)), ("orders", .int(outcome.orders)),
        ("fills", .int(outcome.fills)), ("refusals", .int(refusals)),
        ("difference", outcome.difference.map { .string($0) } ?? .null),
      ]
      Terminal.print(JSON.object(members).pretty(), newline: false)
    } else {
      Terminal.print(
        "exchange: \(outcome.steps) requests, \(outcome.orders) orders taken, \(outcome.fills) fills, "
          + "\(refusals) refusals of \(outcome.refusals.count) kinds, seed \(seed)")
      Terminal.print(outcome.difference.map { "✗ \($0)" } ?? "the venue and the reference agree after each of them")
    }
    if outcome.difference != nil { return ExitCode.failed }
    return Interruption.exitCode(outcome.steps < requests ? ExitCode.inconclusive : ExitCode.pass)
  }
}
