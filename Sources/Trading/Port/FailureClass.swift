/// What whoever made a call concludes from its failure: the one classification of a venue's errors.
///
/// | class | did it take effect? | the same request again |
/// |---|---|---|
/// | `final` | no | can only be refused again |
/// | `passing` | no | may be taken in a moment |
/// | `limit` | no | only after a pause |
/// | `unknown` | nobody knows | never: ask what became of it |
public enum FailureClass: String, Sendable, CaseIterable {
  /// The venue refused, and can only refuse the same request again.
  case final
  /// The request had no effect; the same one may be taken in a moment.
  case passing
  /// The venue has had too many requests and did not look at this one.
  case limit
  /// The request may have had its effect: what changes something is asked for and never sent again.
  case unknown
}

extension VenueError {
  /// What the refusal means for whoever sent the request.
  ///
  /// Where the venue's table has no kind for the code, the HTTP status decides. MEXC and Binance document the same: 4XX is a
  /// request that was not carried out, 403, 418 and 429 a limit, and of 5XX "the execution status is unknown and could have
  /// been a success". 408 and everything else that is no refusal counts as unknown too.
  public var failureClass: FailureClass {
    switch kind {
    case .insufficientBalance, .invalidOrder, .unknownOrder, .unknownSymbol, .duplicateClientId, .marketClosed,
      .unauthorized:
      .final
    case .notSent, .clock: .passing
    case .rateLimited: .limit
    case .network, .timeout: .unknown
    case .other:
      switch httpStatus {
      case 403, 418, 429: .limit
      case 408: .unknown
      case 400..<500: .passing
      default: .unknown
      }
    }
  }

  /// Whether the same request can only be refused again.
  public var isPermanent: Bool { failureClass == .final }
}

extension CallFailure {
  /// What the failure means for whoever made the call.
  public var failureClass: FailureClass {
    switch self {
    case .venue(let error): error.failureClass
    case .unknownOutcome: .unknown
    }
  }
}

extension CallFailure: CustomStringConvertible {
  /// The refusal as `Kind:code:text`, or why nobody knows the outcome.
  public var description: String {
    switch self {
    case .venue(let error): error.description
    case .unknownOutcome(let why): why
    }
  }
}
