/// Places that a run must have passed for a proof's schedule to count: what the engine announces, and a proof asks for.
///
/// The name is a `StaticString`, since a dump prints it from a signal handler.
public struct LandmarkName: Sendable {
  /// The name as dumps print it.
  public let text: StaticString

  private init(_ text: StaticString) { self.text = text }

  /// As proofs and recordings name it.
  public var rawValue: String { "\(text)" }

  /// A call to the venue was made while another took long.
  public static let callBesideASlowOne = LandmarkName("call-beside-a-slow-one")
  /// An entry got its quantity and price.
  public static let entrySized = LandmarkName("entry-sized")
  /// A fill came without its fee.
  public static let fillWithoutFee = LandmarkName("fill-without-fee")
  /// Several fills were booked at the same time.
  public static let fillsAtOnce = LandmarkName("fills-at-once")
  /// The first fill of an order was reported.
  public static let firstFill = LandmarkName("first-fill")
  /// Formatting a record took longer than FORMATTER_TIMEOUT_MS.
  public static let formatLimitPassed = LandmarkName("format-limit-passed")
  /// The main loop's thread had ended.
  public static let mainLoopGone = LandmarkName("main-loop-gone")
  /// An order ended filled in part.
  public static let orderEndedPartlyFilled = LandmarkName("order-ended-partly-filled")
  /// The venue refused an order.
  public static let orderRefused = LandmarkName("order-refused")
  /// Asking the venue showed an order that is still open.
  public static let orderStillOpen = LandmarkName("order-still-open")
  /// Orders were logged shortly before the end.
  public static let ordersNearTheEnd = LandmarkName("orders-near-the-end")
  /// A call that places an order ended without saying what became of it.
  public static let outcomeUnknown = LandmarkName("outcome-unknown")
  /// A poll took longer than MD_POLL_MS.
  public static let pollOverrun = LandmarkName("poll-overrun")
  /// A refresh took longer than BUDGET_REFRESH_TIMEOUT_S.
  public static let refreshLimitPassed = LandmarkName("refresh-limit-passed")
  /// Budget was released while other budget was reserved.
  public static let releaseBesideReservation = LandmarkName("release-beside-reservation")
  /// A symbol with an order on its way gave another signal.
  public static let signalAgain = LandmarkName("signal-again")
  /// Nothing was reported of an order for RECONCILE_AFTER_S.
  public static let silentOrder = LandmarkName("silent-order")
  /// State and budget were read at the same time.
  public static let stateAndBudgetRead = LandmarkName("state-and-budget-read")
  /// A thread had ended though it should run.
  public static let threadGone = LandmarkName("thread-gone")
}
