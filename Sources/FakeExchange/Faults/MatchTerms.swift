import Basics
import ChaosRuntime
import Trading

/// How a fault lets an order trade that the venue has taken; without a fault at once and in full.
public struct MatchTerms: Sendable, Equatable {
  /// The order meets the book only so much later.
  public var wait: Duration
  /// Share of its quantity that trades at most, in millionths; the rest stays open until it is canceled. Nil: all of it.
  public var shareMillionths: Int?
  /// In how many parts it trades, the first at once and each of the others after a pause; 1: in one.
  public var parts: Int
  /// The order is refused where it would trade at once, as one of type `LIMIT_MAKER` is.
  public var isMakerOnly: Bool
  /// The order is taken, acknowledged, and then refused for this reason without having met the book; nil: it is not.
  public var rejection: VenueError? {
    get { refusal?.error }
    set { refusal = newValue.map { Refusal($0) } }
  }

  /// Behind a pointer: terms go with every request, and hardly any have it.
  private var refusal: Refusal?

  private final class Refusal: Sendable, Equatable {
    let error: VenueError

    init(_ error: VenueError) { self.error = error }

    static func == (left: Refusal, right: Refusal) -> Bool { left.error == right.error }
  }

  /// Terms; without arguments the order trades at once and in full.
  public init(
    wait: Duration = .zero, shareMillionths: Int? = nil, parts: Int = 1, isMakerOnly: Bool = false,
    rejection: VenueError? = nil
  ) {
    self.wait = wait
    self.shareMillionths = shareMillionths
    self.parts = parts
    self.isMakerOnly = isMakerOnly
    refusal = rejection.map { Refusal($0) }
  }
}

extension Venue {
  /// Base asset that a fault lets the order trade at most; nil: all of it.
  func tradeMax(_ id: Int) -> Decimal? { holds.isEmpty ? nil : holds[id]?.tradeMax }

  /// Notes the terms on the order; true when it does not trade now.
  mutating func apply(_ terms: MatchTerms, to id: Int) -> Bool {
    if let error = terms.rejection {
      orders[id].status = .rejected
      orders[id].updatedAt = now
      release(id)
      let told = UserEvent.rejected(report(id, withFee: true), error)
      let news = ToldNews(told, openQuote(orders[id].market))
      events.append(news, VenueEvent.Figures(Account(index: orders[id].account), now, .told))
      return true
    }
    if let millionths = terms.shareMillionths, let quantity = orders[id].quantity {
      let share = Decimal(coefficient: quantity.coefficient * Int128(millionths) / 1_000_000)
      holds[id, default: HeldOrder()].tradeMax = share.floored(toStep: markets[orders[id].market].rules.step)
    }
    if terms.parts > 1, let quantity = orders[id].quantity {
      let part = Decimal(coefficient: quantity.coefficient / Int128(terms.parts))
      holds[id, default: HeldOrder()].tradeMax = part.floored(toStep: markets[orders[id].market].rules.step)
      holds[id, default: HeldOrder()].partsLeft = terms.parts - 1
      keepOut(id, for: Self.partPause)
    }
    guard terms.wait > .zero else { return false }
    keepOut(id, for: terms.wait)
    rest(id)
    return true
  }

  /// Between two parts of an order that trades in parts.
  private static let partPause = Duration.seconds(2)

  private mutating func keepOut(_ id: Int, for wait: Duration) {
    holds[id, default: HeldOrder()].until = now + wait
    if !held.contains(id) { held.append(id) }
  }

  /// Lets the next part of an order trade, the last one whatever is left.
  private mutating func releasePart(_ id: Int) {
    guard var hold = holds[id], hold.partsLeft > 0, let quantity = orders[id].quantity, let most = hold.tradeMax else {
      return
    }
    // What the part before it left unfilled comes back with this one.
    takeOutOfBook(id)
    hold.partsLeft -= 1
    if hold.partsLeft > 0 {
      let rest = Decimal(coefficient: (quantity - most).coefficient / Int128(hold.partsLeft + 1))
      hold.tradeMax = most + rest.floored(toStep: markets[orders[id].market].rules.step)
      holds[id] = hold
      keepOut(id, for: Self.partPause)
    } else {
      hold.tradeMax = nil
      holds[id] = hold
    }
  }

  /// Lets held orders whose time has come meet the book, the oldest first.
  mutating func releaseHeld() {
    guard !held.isEmpty else { return }
    for id in held where holds[id]?.until.map({ $0 <= now }) ?? true {
      held.removeAll { $0 == id }
      unrest(id)
      releasePart(id)
      execute(id)
    }
  }

  /// Puts an open order on the list of those that rest.
  mutating func rest(_ id: Int) {
    markets[orders[id].market].restingCount += 1
    openCounts[orders[id].account * markets.count + orders[id].market] += 1
    resting.append(id)
  }

  /// Takes an order off the list of those that rest.
  mutating func unrest(_ id: Int) {
    guard resting.remove(id) else { return }
    markets[orders[id].market].restingCount -= 1
    openCounts[orders[id].account * markets.count + orders[id].market] -= 1
  }
}
