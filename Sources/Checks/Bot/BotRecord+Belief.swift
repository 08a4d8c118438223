public import Basics
public import Trading

extension BotRecord {
  /// What the bot said when it was asked what it has.
  public struct Answer: Sendable {
    /// When it was asked.
    public var asked: Instant
    /// When the answer was there, or nobody waited for it any longer.
    public var answered: Instant
    /// Nil: there is no answer, or none that can be read; `trouble` says why.
    public var belief: BotBelief?
    /// Why there is no belief.
    public var trouble: String?
  }

  /// What the venue had of the account from some moment on.
  public struct Truth: Sendable {
    /// From when on.
    public var time: Instant
    /// Base asset that was bought and not sold again, and the market's lot step, by symbol as clients write it.
    public var positions: [(symbol: String, quantity: Decimal, step: Decimal)]
    /// Client order id and the venue's id of each order that rests.
    public var openOrders: [(clientOrderId: String, orderId: String)]
    /// Free and locked, by asset.
    public var balances: [Balance]
  }

  /// A line of `logs/belief.jsonl`.
  mutating func readBelief(_ line: JSON) {
    guard let time = Self.time(line["timestamp"]) else { return }
    switch line["kind"]?.string {
    case "belief":
      var answer = Answer(asked: time, answered: Self.time(line["answered"]) ?? time)
      answer.trouble = line["trouble"]?.string
      if answer.trouble == nil {
        do throws(BotBelief.Problem) { answer.belief = try BotBelief(line["belief"] ?? .null) } catch {
          answer.trouble = error.text
        }
      }
      answers.append(answer)
    case "truth": truths.append(Self.truth(line, time))
    default: break
    }
  }

  private static func truth(_ line: JSON, _ time: Instant) -> Truth {
    func decimal(_ json: JSON?) -> Decimal { json?.string.flatMap { Decimal($0) } ?? .zero }
    return Truth(
      time: time,
      positions: (line["positions"]?.members ?? []).map {
        ($0.key, decimal($0.value["quantity"]), decimal($0.value["step"]))
      },
      openOrders: (line["open_orders"]?.array ?? []).map {
        ($0["client_order_id"]?.string ?? "", $0["order_id"]?.numberText ?? "")
      },
      balances: (line["balances"]?.members ?? []).map {
        Balance(asset: $0.key, free: decimal($0.value["free"]), locked: decimal($0.value["locked"]))
      })
  }

  /// What was true at some moment from `beliefLag` before an answer was asked for until it was there.
  func truths(around answer: Answer) -> ArraySlice<Truth> {
    let start = answer.asked + (.zero - beliefLag)
    let first = truths.lastIndex { $0.time <= start } ?? truths.startIndex
    let end = truths.firstIndex { $0.time > answer.answered } ?? truths.endIndex
    return first < end ? truths[first..<end] : []
  }
}
