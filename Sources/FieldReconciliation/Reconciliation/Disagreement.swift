public import Basics
public import Trading

/// An amount that is known exactly, or from one side.
public struct FieldMoney: Sendable, Equatable {
  /// How far the amount is known.
  public enum Bound: String, Sendable {
    /// Exactly; it is this or more; it is this or less; nothing is known.
    case exact, atLeast = "at_least", atMost = "at_most", unknown
  }

  /// Never negative.
  public var amount: Decimal
  /// Such as `USDT`.
  public var asset: String
  /// How far it is known.
  public var bound: Bound

  /// An amount with its bound.
  public init(_ amount: Decimal, _ asset: String, _ bound: Bound = .exact) {
    self.amount = amount
    self.asset = asset
    self.bound = bound
  }

  /// `at least 37.00 USDT`.
  public var text: String {
    let sum = "\(FieldMoney.text(amount)) \(asset)"
    return switch bound {
    case .exact: sum
    case .atLeast: "at least \(sum)"
    case .atMost: "at most \(sum)"
    case .unknown: "an unknown sum of \(asset)"
    }
  }

  /// With two places at least and no more zeros than that.
  public static func text(_ amount: Decimal) -> String {
    let text = amount.description
    guard let point = text.firstIndex(of: ".") else { return text + ".00" }
    return text.distance(from: point, to: text.endIndex) == 2 ? text + "0" : text
  }
}

/// One point in which the log and the venue differ.
public struct Disagreement: Sendable {
  /// What differs. Each sum of money is counted under the first of these that applies.
  public enum Kind: String, Sendable, CaseIterable {
    /// The bot called it failed or canceled, and it was filled.
    case failureWasFill = "failure_was_fill", cancelWasFill = "cancel_was_fill"
    /// It was filled, and the bot never heard of it; it booked less than was filled.
    case fillUnseen = "fill_unseen", bookedShort = "booked_short"
    /// The bot booked it twice; or it never happened.
    case bookedTwice = "booked_twice", bookedNever = "booked_never_happened"
    /// The quantity agrees, and what it cost does not.
    case costDiffers = "cost_differs"
    /// The log has it as sent, and the venue never had it; the venue has it, and the log does not.
    case neverSent = "never_sent", byHand = "not_in_log"
    /// Several orders for one signal; two orders of the venue's under one name.
    case doubled = "doubled"
    /// The bot thinks that it rests, and it has ended; it rests, and the bot thinks that it has ended.
    case believedOpen = "believed_open", leftOpen = "left_open"
    /// What it believes that it has is not what it has, from some moment on.
    case balanceDrift = "balance_drift", positionDrift = "position_drift"
    /// The venue took a fee that was not booked.
    case feeUnbooked = "fee_unbooked"

    /// For people, as the heading of its entries.
    public var words: String {
      switch self {
      case .failureWasFill: "failures that were fills"
      case .cancelWasFill: "cancels that were fills"
      case .fillUnseen: "fills never seen"
      case .bookedShort: "fills booked short"
      case .bookedTwice: "fills booked twice"
      case .bookedNever: "fills booked that never happened"
      case .costDiffers: "fills booked at another cost"
      case .neverSent: "orders never sent"
      case .byHand: "orders that the log does not have"
      case .doubled: "orders doubled for one signal"
      case .believedOpen: "orders believed open"
      case .leftOpen: "orders left open"
      case .balanceDrift: "balances that drift"
      case .positionDrift: "positions that drift"
      case .feeUnbooked: "fees not booked"
      }
    }
  }

  /// What differs.
  public var kind: Kind
  /// Further names that the same money would have.
  public var also: [Kind] = []
  /// Nil: no sum belongs to it, or it is counted under another entry.
  public var money: FieldMoney?
  /// By the venue's clock; nil: not told.
  public var time: Instant?
  /// `BASE/QUOTE`; empty: of no single pair.
  public var symbol = ""
  /// Names of the order that are known.
  public var names = ""
  /// What differs, in one sentence.
  public var says: String
  /// Lines of the log, then of the truth.
  public var log: [FieldPlace] = []
  /// Lines of the truth.
  public var truth: [FieldPlace] = []
}
