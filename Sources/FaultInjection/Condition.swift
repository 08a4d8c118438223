import ChaosRuntime

extension Fault {
  /// One condition on a selector key of a site: `x = TRADE`, `z >= 0.5`, `symbol ~ AIX*`.
  public struct Condition: Sendable, Equatable {
    public enum Operator: String, Sendable, CaseIterable {
      case equal = "=", notEqual = "!=", glob = "~", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual =
        ">="
    }

    public var key: String
    public var op: Operator
    public var value: String

    public init(key: String, op: Operator = .equal, value: String) {
      self.key = key
      self.op = op
      self.value = value
    }

    /// Compares as numbers when both sides are numbers, as text else; a glob knows `*` and `?`.
    public func holds(for actual: SiteValue) -> Bool {
      switch op {
      case .equal: return value == "*" || isEqual(actual)
      case .notEqual: return !isEqual(actual)
      case .glob: return Glob.matches(value, actual.text)
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

/// Patterns with `*` (any run of bytes) and `?` (one byte).
public enum Glob {
  public static func matches(_ pattern: String, _ text: String) -> Bool {
    let p = Array(pattern.utf8)
    let t = Array(text.utf8)
    var i = 0
    var j = 0
    var star: (pattern: Int, text: Int)?
    while j < t.count {
      if i < p.count, p[i] == t[j] || p[i] == 0x3F, p[i] != 0x2A {
        i += 1
        j += 1
      } else if i < p.count, p[i] == 0x2A {
        star = (i, j)
        i += 1
      } else if let s = star {
        star = (s.pattern, s.text + 1)
        i = s.pattern + 1
        j = s.text + 1
      } else {
        return false
      }
    }
    return p[i...].allSatisfy { $0 == 0x2A }
  }
}
