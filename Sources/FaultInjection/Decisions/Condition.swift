import Basics
import ChaosRuntime

extension Fault {
  /// One condition on a selector key of a site: `x = TRADE`, `z >= 0.5`, `symbol ~ AIX*`.
  public struct Condition: Sendable, Equatable {
    /// How a value is compared; the raw value is how one writes it.
    public enum Operator: String, Sendable, CaseIterable {
      /// `=` and `!=` compare as numbers where both sides are, `~` is a glob and `!~` one that must not match, and the four
      /// orders hold for numbers only.
      case equal = "=", notEqual = "!=", glob = "~", notGlob = "!~", less = "<", lessOrEqual = "<=", greater = ">",
        greaterOrEqual = ">="
    }

    /// Selector key of the site, such as `symbol`.
    public var key: String
    /// How the value at the site is compared with `value`.
    public var op: Operator
    /// What it is compared with, as written; `*` alone with `=` holds for everything.
    public var value: String

    /// A condition as given; whether the site has the key is checked when the fault is armed or read.
    public init(key: String, op: Operator = .equal, value: String) {
      self.key = key
      self.op = op
      self.value = value
    }

    /// As one writes it: `x=TRADE`.
    var text: String { key + op.rawValue + value }

    /// Compares as numbers when both sides are numbers, as text else; a glob knows `*` and `?`.
    public func holds(for actual: SiteValue) -> Bool {
      switch op {
      case .equal: return value == "*" || isEqual(actual)
      case .notEqual: return !isEqual(actual)
      case .glob: return Glob.matches(value, actual.text)
      case .notGlob: return !Glob.matches(value, actual.text)
      case .less, .lessOrEqual, .greater, .greaterOrEqual:
        guard let a = actual.number, let b = Double(value) else { return false }
        switch op {
        case .less: return a < b
        case .lessOrEqual: return a <= b
        case .greater: return a > b
        default: return a >= b
        }
      }
    }

    private func isEqual(_ actual: SiteValue) -> Bool {
      if actual.text == value { return true }
      guard let a = actual.number, let b = Double(value) else { return false }
      return a == b
    }
  }
}
