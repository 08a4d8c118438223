/// Why a call to the venue has no answer to use.
public enum CallFailure: Error, Sendable, Equatable {
  /// The venue refused.
  case venue(VenueError)
  /// The call may or may not have taken effect; the text says why nobody knows, such as `deadline`.
  case unknownOutcome(String)
}
