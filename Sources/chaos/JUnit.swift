import Proof

/// JUnit XML, one case per arm; an arm that could not be judged is an `error`, never `skipped`.
enum JUnit {
  static func text(_ results: [ProofResult]) -> String {
    var cases = ""
    var count = 0
    var failures = 0
    var errors = 0
    for result in results {
      for arm in Arm.allCases {
        count += 1
        cases += "    <testcase classname=\"\(escaped(result.spec.bug))\" name=\"\(escaped(arm.rawValue))\">"
        let (kind, text) = outcome(arm, result)
        if let kind {
          if kind == "failure" { failures += 1 } else { errors += 1 }
          cases += "<\(kind) message=\"\(escaped(text))\"/>"
        }
        cases += "</testcase>\n"
      }
    }
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      + "  <testsuite name=\"chaos\" tests=\"\(count)\" failures=\"\(failures)\" errors=\"\(errors)\">\n"
      + cases + "  </testsuite>\n</testsuites>\n"
  }

  private static func outcome(_ arm: Arm, _ result: ProofResult) -> (String?, String) {
    let r = result[arm]
    if arm == .originalOn {
      return r.campaigns.isEmpty || r.campaigns.contains { $0 == nil }
        ? ("failure", "not provoked in every campaign") : (nil, "")
    }
    if let failure = r.failures.first { return ("failure", "\(failure.check): \(failure.reason)") }
    let wanted = arm == .originalOff ? r.ran : result.spec.schedules
    return r.counted < wanted || r.counted == 0
      ? ("error", "inconclusive: \(r.counted) of \(wanted) schedules counted") : (nil, "")
  }

  /// XML 1.0 section 2.2 allows no control characters but tab, line feed and carriage return.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\t", "\n", "\r": out += " "
      default: out += scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF ? "?" : String(scalar)
      }
    }
    return out
  }
}
