public import FakeExchange
import Trading

/// Binance's words for what the venue refuses, where the venue's own profiles do not have them.
public enum WireProfiles {
  /// The profile of a venue by name; nil for one that has no dialect.
  public static func named(_ name: String) -> VenueProfile? {
    switch name {
    case "binance": binance
    case "mexc": .mexc
    default: nil
    }
  }

  /// Names of venues that have a dialect.
  public static let names = ["binance", "mexc"]

  /// Binance spot as its servers speak: the venue's profile, its texts where the wire has others, and its page "Error codes".
  ///
  /// What this exchange's `exchangeInfo` does not announce it does not ask for: the filters of prices and of open orders. A
  /// client id stays taken as long as its order is kept, since orders are looked up by it.
  public static let binance: VenueProfile = {
    var profile = VenueProfile.binance
    func refusal(_ code: Int, _ text: String, _ kind: VenueError.Kind, status: Int = 400) -> VenueError {
      VenueError(code: code, text: text, httpStatus: status, kind: kind)
    }
    profile.tooManyOrders = refusal(
      -1015, "Too many new orders; current limit is 160000 orders per 1 DAY.", .rateLimited, status: 429)
    profile.repliesCarryFee = true
    profile.reusesClientIds = false
    profile.pricesAllowed = nil
    profile.openOrdersMax = 500
    profile.hasCancelReplace = false
    profile.malformed = refusal(
      -1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed.", .invalidOrder)
    profile.clientIdTooLong = refusal(
      -1100,
      "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.",
      .invalidOrder)
    // What a fault may ask for by code; numbers that are HTTP statuses are said in codes.
    profile.others =
      [
        profile.tooMuchWeight,
        refusal(-1000, "An unknown error occurred while processing the request.", .other, status: 500),
      ] + profile.others.filter { $0.code < 0 }
    return profile
  }()

  /// The answer to an order of which Binance's gateway does not know what became.
  static let lostReply = VenueError(
    code: -1007,
    text: "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
    httpStatus: 504, kind: .timeout)

  /// What a client makes of a page that something in front of the venue answers with.
  static func page(_ status: Int) -> VenueError {
    VenueError(code: status, text: "the answer is a page, not the venue's", httpStatus: status, kind: .other)
  }

  /// A refusal that a fault file names by one venue's code, in the words of another: the one of the same kind.
  static func translated(_ code: String, to profile: VenueProfile) -> VenueError {
    let number = Int(code)
    func listed(_ profile: VenueProfile) -> VenueError? {
      (profile.others + profile.errors).first { $0.code == number }
    }
    if let known = listed(profile) { return known }
    guard let meant = listed(profile.name == "mexc" ? binance : .mexc) else { return profile.error(code: code) }
    if let same = (profile.others + profile.errors).first(where: {
      $0.kind == meant.kind && $0.httpStatus == meant.httpStatus
    }) {
      return same
    }
    return profile.errors.first { $0.kind == meant.kind } ?? meant
  }
}
