import ChaosRuntime

/// The four-part report on a paper session, in the guide's exact shape.
public struct PaperReport: Sendable, Equatable {
  /// What is printed; ends with a newline.
  public var text: String
  /// 0 passed, also with warnings; 1 a test failed; 3 inconclusive; 4 failed with a stackdump or a proven incident.
  public var exitCode: Int32

  /// Reports on a session; `directory` is named in front of the stackdump's path.
  public init(_ record: SessionRecord, directory: String? = nil) {
    let tests = [
      Self.ordersTest(record), Self.intentsTest(record), Self.errorsTest(record),
      Self.crashTest(record, directory: directory),
    ]
    text = "=== Trading Bot Regression Test ===\nDuration: \(Self.duration(record))\n"
    for (index, test) in tests.enumerated() {
      text += "\n[TEST \(index + 1)] \(test.title)...\n"
      for line in test.figures + test.findings.map(\.line) { text += "  \(line)\n" }
    }
    let worst = tests.flatMap(\.findings).map(\.rank).max() ?? .pass
    let rule = String(repeating: "=", count: 40)
    text += "\n\(rule)\n\(worst.footer)\n\(rule)\n"
    exitCode = worst.exitCode
  }

  /// Whole seconds until the engine was asked to end; its shutdown is not counted.
  private static func duration(_ record: SessionRecord) -> String {
    let asked = record.isCutShort ? record.run.duration : nil
    return "\(JSON.double(asked ?? (record.end - record.run.start).seconds, places: 0).text)s"
  }
}

extension PaperReport {
  /// How bad a finding is; worst last.
  enum Rank: Int, Comparable {
    case pass, warn, open, fail, incident

    static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }

    var sign: String {
      switch self {
      case .pass: "✓ PASS"
      case .warn: "⚠ WARN"
      case .open: "? INCONCLUSIVE"
      case .fail, .incident: "✗ FAIL"
      }
    }

    var footer: String {
      switch self {
      case .pass: "✓ ALL TESTS PASSED"
      case .warn: "⚠ TESTS PASSED WITH WARNINGS"
      case .open: "? INCONCLUSIVE"
      case .fail, .incident: "✗ TESTS FAILED"
      }
    }

    var exitCode: Int32 {
      switch self {
      case .pass, .warn: 0
      case .open: 3
      case .fail: 1
      case .incident: 4
      }
    }
  }

  struct Finding {
    var rank: Rank
    var says: String
    var line: String { "\(rank.sign): \(says)" }
  }

  struct Test {
    var title: String
    var figures: [String]
    /// Never empty.
    var findings: [Finding]
  }
}
