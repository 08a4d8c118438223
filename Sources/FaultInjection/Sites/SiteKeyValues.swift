import ChaosRuntime
import Basics

/// Which values a selector key can have at a hit, as far as the site knows; a match beside them could never hold.
public enum SiteKeyValues: Sendable, Equatable {
  /// Any text.
  case any
  /// One of these.
  case words([String])
  /// A whole number from here up.
  case wholeNumbers(from: Int)
  /// A number from here up.
  case numbers(from: Double)
  /// A text with this in it, such as the `/` of a symbol; `example` is one.
  case containing(String, example: String)
  /// A text without this in it, such as a file name; `example` is one.
  case lacking(String, example: String)

  /// A name in capitals, digits and `_`; `example` is one.
  case capitals(example: String)

  /// For `chaos list --sites` and errors; nil: nothing is known.
  public var text: String? {
    switch self {
    case .any: nil
    case .words(let words): words.joined(separator: ", ")
    case .wholeNumbers(let low): "a whole number from \(low)"
    case .numbers(let low): low == low.rounded() ? "a number from \(Int(low))" : "a number from \(low)"
    case .containing(let part, let example): "a text with '\(part)', such as \(example)"
    case .lacking(let part, let example): "a text without '\(part)', such as \(example)"
    case .capitals(let example): "a name in capitals, such as \(example)"
    }
  }

  /// Whether a hit can meet all of the conditions, which are about this key. Where that cannot be decided it can.
  func canMeet(_ conditions: [Fault.Condition]) -> Bool {
    if case .words(let words) = self { return words.contains { Self.meets($0, conditions) } }
    // An equality leaves one value, as it is written.
    if let equal = conditions.first(where: { $0.op == .equal && $0.value != "*" }) {
      return canBe(equal.value) && Self.meets(equal.value, conditions)
    }
    guard conditions.allSatisfy(canMeetPattern) else { return false }
    return Self.isOpenRange(conditions, from: lowest, isWhole: isWhole)
  }

  private var lowest: Double {
    switch self {
    case .wholeNumbers(let low): Double(low)
    case .numbers(let low): low
    case .any, .words, .containing, .lacking, .capitals: -.infinity
    }
  }

  private var isWhole: Bool { if case .wholeNumbers = self { true } else { false } }

  private static func meets(_ value: String, _ conditions: [Fault.Condition]) -> Bool {
    conditions.allSatisfy { $0.holds(for: SiteValue(value)) }
  }

  func canBe(_ value: String) -> Bool {
    switch self {
    case .any: true
    case .words(let words): words.contains(value)
    case .wholeNumbers(let low): Double(value).map { $0 == $0.rounded() && $0 >= Double(low) } ?? false
    case .numbers(let low): Double(value).map { $0.isFinite && $0 >= low } ?? false
    case .containing(let part, _): value.contains(part)
    case .lacking(let part, _): !value.contains(part)
    case .capitals: !value.isEmpty && value.utf8.allSatisfy(Self.isCapital)
    }
  }

  private static func isCapital(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || ASCII.isDigit(byte) || byte == UInt8(ascii: "_")
  }

  /// A pattern's own letters stand in every value that it matches.
  private func canMeetPattern(_ condition: Fault.Condition) -> Bool {
    guard condition.op == .glob else { return true }
    let letters = condition.value.filter { $0 != "*" && $0 != "?" }
    switch self {
    case .any, .words: return true
    case .wholeNumbers: return letters.allSatisfy { $0.isASCII && $0.isNumber }
    case .numbers: return letters.allSatisfy { $0.isASCII && ($0.isNumber || ".e+-".contains($0)) }
    case .containing(let part, _):
      return letters.count < condition.value.count || condition.value.contains(part)
    case .lacking(let part, _): return !condition.value.contains(part)
    case .capitals: return letters.utf8.allSatisfy(Self.isCapital)
    }
  }

  /// Whether some number, from the lowest up, lies within all of the comparisons.
  private static func isOpenRange(_ conditions: [Fault.Condition], from lowest: Double, isWhole: Bool) -> Bool {
    var low = lowest
    var high = Double.infinity
    var isLowIn = true
    var isHighIn = true
    var compares = false
    for condition in conditions {
      guard let bound = Double(condition.value) else { continue }
      switch condition.op {
      case .greater where bound >= low: (low, isLowIn) = (bound, false)
      case .greaterOrEqual where bound > low: (low, isLowIn) = (bound, true)
      case .less where bound <= high: (high, isHighIn) = (bound, false)
      case .lessOrEqual where bound < high: (high, isHighIn) = (bound, true)
      case .less, .lessOrEqual, .greater, .greaterOrEqual: break
      case .equal, .notEqual, .glob, .notGlob: continue
      }
      compares = true
    }
    guard compares else { return true }
    if isWhole {
      let first = low == -.infinity ? low : isLowIn ? low.rounded(.up) : low.rounded(.down) + 1
      let last = high == .infinity ? high : isHighIn ? high.rounded(.down) : high.rounded(.up) - 1
      return first <= last
    }
    return low < high || (low == high && isLowIn && isHighIn)
  }
}
