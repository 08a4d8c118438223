import Basics

/// The report on a session: the guide's four tests in its exact shape, then every check that is not clean, then what
/// follows from all of them.
///
/// A paper session is decided by everything in the report. Another run is decided by the checks that it was judged by; the
/// four tests are printed of it, and inform.
public struct PaperReport: Sendable, Equatable {
  /// What is printed; ends with a newline.
  public var text: String
  /// 0 passed, also with warnings; 1 a test or a check failed; 3 inconclusive; 4 a stackdump or a proven incident.
  public var exitCode: Int32
  /// What keeps it from being conclusive, a sentence each.
  public var open: [String]
  /// Commands that show revisions which were put back and which this session does not show.
  public var commands: [String]
  /// Whether there is nothing to look into: no failure, nothing inconclusive, no warning.
  public var isClean: Bool

  /// Reports on a session; `directory` is named in front of the stackdump's path.
  ///
  /// - Parameter verdicts: of every check on this record, where the caller has them already.
  public init(_ record: SessionRecord, directory: String? = nil, verdicts: [Verdict]? = nil) {
    let tests = [
      Self.ordersTest(record), Self.intentsTest(record), Self.errorsTest(record),
      Self.crashTest(record, directory: directory),
    ]
    let checks = CheckSection(record, verdicts ?? Check.judge(record))
    text = "=== Trading Bot Regression Test ===\nDuration: \(Self.duration(record))\n"
    for (index, test) in tests.enumerated() {
      text += "\n[TEST \(index + 1)] \(test.title)...\n"
      for line in test.figures + test.findings.map(\.line) { text += "  \(line)\n" }
    }
    text += checks.text
    let isByTests = record.run.isPaper || record.run.judgedBy.isEmpty
    var findings = checks.items.map(\.finding)
    findings += isByTests ? tests.flatMap(\.findings) : Self.certainties(record, directory: directory)
    let worst = findings.map(\.rank).max() ?? .pass
    let rule = String(repeating: "=", count: 40)
    text += "\n\(rule)\n\(isByTests ? worst.footer : worst.footerOfRun)\n\(rule)\n"
    exitCode = worst.exitCode
    commands = checks.commands
    open = findings.filter { $0.rank == .open }.map(\.says)
    isClean = worst <= .pass
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
    case notApplicable, pass, warn, open, fail, incident

    static func < (a: Rank, b: Rank) -> Bool { a.rawValue < b.rawValue }

    var sign: String {
      switch self {
      case .notApplicable: "- NOT APPLICABLE"
      case .pass: "✓ PASS"
      case .warn: "⚠ WARN"
      case .open: "? INCONCLUSIVE"
      case .fail, .incident: "✗ FAIL"
      }
    }

    var footer: String {
      switch self {
      case .notApplicable, .pass: "✓ ALL TESTS PASSED"
      case .warn: "⚠ TESTS PASSED WITH WARNINGS"
      case .open: "? INCONCLUSIVE"
      case .fail, .incident: "✗ TESTS FAILED"
      }
    }

    /// Of a run that the four tests do not decide.
    var footerOfRun: String {
      switch self {
      case .notApplicable, .pass, .warn: "✓ PASSED by the checks that judge this run"
      case .open: "? INCONCLUSIVE"
      case .fail, .incident: "✗ FAILED"
      }
    }

    var exitCode: Int32 {
      switch self {
      case .notApplicable, .pass, .warn: 0
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
