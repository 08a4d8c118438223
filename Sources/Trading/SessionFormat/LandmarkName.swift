/// Places that a run must have passed for a proof's schedule to count: what the engine announces, and a proof asks for.
///
/// The name is a `StaticString`, since a dump prints it from a signal handler.
public struct LandmarkName: Sendable {
  public let text: StaticString

  private init(_ text: StaticString) { self.text = text }

  /// As proofs and recordings name it.
  public var rawValue: String { "\(text)" }

  public static let callBesideASlowOne = LandmarkName("call-beside-a-slow-one")
  public static let entrySized = LandmarkName("entry-sized")
  public static let feedThreadGone = LandmarkName("feed-thread-gone")
  public static let fillWithoutFee = LandmarkName("fill-without-fee")
  public static let fillsAtOnce = LandmarkName("fills-at-once")
  public static let firstFill = LandmarkName("first-fill")
  public static let formatLimitPassed = LandmarkName("format-limit-passed")
  public static let mainLoopGone = LandmarkName("main-loop-gone")
  public static let orderEndedPartlyFilled = LandmarkName("order-ended-partly-filled")
  public static let orderRefused = LandmarkName("order-refused")
  public static let orderStillOpen = LandmarkName("order-still-open")
  public static let ordersNearTheEnd = LandmarkName("orders-near-the-end")
  public static let pollOverrun = LandmarkName("poll-overrun")
  public static let refreshLimitPassed = LandmarkName("refresh-limit-passed")
  public static let releaseBesideReservation = LandmarkName("release-beside-reservation")
  public static let signalAgain = LandmarkName("signal-again")
  public static let silentOrder = LandmarkName("silent-order")
  public static let stateAndBudgetRead = LandmarkName("state-and-budget-read")
}
