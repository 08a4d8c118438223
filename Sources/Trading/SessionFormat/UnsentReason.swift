/// Why a call to the venue was refused unsent, as the text of the refusal says behind `not sent: `.
public enum UnsentReason: String, Sendable {
  /// The one worker has a call that is not overdue yet.
  case workerIsBusy = "the worker is busy"
  /// The worker has a call that is overdue, and so has the one before it.
  case callsHang = "two calls hang"
  /// The engine ends.
  case gateIsClosed = "the gate is closed"
}
