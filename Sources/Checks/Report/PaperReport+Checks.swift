import Basics

/// `[CHECKS]`: how many checks judge the session, and each that is not clean with its first evidence.
extension PaperReport {
  /// The section that follows the guide's four tests.
  struct CheckSection {
    /// `27 checks: 25 pass, 2 not applicable`.
    var counts: String
    /// Red ones first; none when all is clean.
    var items: [Item]
    /// What shows a revision that was put back and that nothing here shows.
    var commands: [String] = []

    /// A line, and the evidence under it.
    struct Item {
      var finding: Finding
      var evidence: String?
    }

    init(_ record: SessionRecord, _ verdicts: [Verdict]) {
      let judged = verdicts.filter { record.run.isJudged(by: $0.check) }
      let parts = Outcome.allCases.compactMap { outcome in
        let count = judged.count { $0.outcome == outcome }
        return count == 0 ? nil : "\(count) \(outcome.words)"
      }
      counts = "\(counted(judged.count, "check"))" + (parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))")
      items = judged.filter { $0.outcome == .fail }.map { Item($0) }
      items += Self.open(judged.filter { $0.outcome == .inconclusive })
      guard !record.run.isUnfinished else { return }
      let red = Set(judged.filter { $0.outcome == .fail }.map(\.check))
      for revision in record.run.putBack where !revision.isShown(by: red) {
        commands.append(revision.command)
        items.append(Item(finding: Finding(rank: .open, says: revision.unshown), evidence: revision.command))
      }
    }

    /// Checks without evidence for one and the same reason share a line.
    private static func open(_ verdicts: [Verdict]) -> [Item] {
      var groups: [(reason: String, checks: [String])] = []
      for verdict in verdicts {
        if let at = groups.firstIndex(where: { $0.reason == verdict.reason }) {
          groups[at].checks.append(verdict.check)
        } else {
          groups.append((verdict.reason, [verdict.check]))
        }
      }
      return groups.map { group in
        let names = group.checks.count > 5 ? "\(group.checks.count) checks" : group.checks.joined(separator: ", ")
        return Item(finding: Finding(rank: .open, says: "\(names): \(group.reason)"))
      }
    }

    var text: String {
      var out = "\n[CHECKS] \(counts)\n"
      for item in items {
        out += "  \(item.finding.line)\n"
        if let evidence = item.evidence { out += "      \(evidence)\n" }
      }
      return out
    }
  }
}

extension PaperReport.CheckSection.Item {
  fileprivate init(_ verdict: Verdict) {
    self.init(
      finding: PaperReport.Finding(rank: .fail, says: "\(verdict.check): \(verdict.reason)"),
      evidence: verdict.evidence.first)
  }
}
