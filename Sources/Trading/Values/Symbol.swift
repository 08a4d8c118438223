/// A traded pair, written `BASE/QUOTE`.
public struct Symbol: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The asset that is bought and sold, such as `AIX`.
  public let base: String
  /// The asset that prices are in, such as `USDT`.
  public let quote: String

  /// Makes a pair of two asset names, each 1 to 15 letters, digits, `-` or `_`; nil otherwise.
  public init?(base: String, quote: String) {
    guard Symbol.isAsset(base), Symbol.isAsset(quote) else { return nil }
    self.base = base
    self.quote = quote
  }

  /// Reads `BASE/QUOTE`; nil for other text.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    self.init(base: String(parts[0]), quote: String(parts[1]))
  }

  /// `BASE/QUOTE`.
  public var description: String { "\(base)/\(quote)" }

  /// `BASE_QUOTE`, for file names.
  public var fileName: String { "\(base)_\(quote)" }

  /// Orders by base, then quote.
  public static func < (left: Symbol, right: Symbol) -> Bool {
    left.base == right.base ? left.quote < right.quote : left.base < right.base
  }

  private static func isAsset(_ text: String) -> Bool {
    (1...15).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }
}
