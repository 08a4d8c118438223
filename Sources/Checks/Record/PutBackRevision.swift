import Basics

/// A pre-fix revision that a session ran with, as run.json has it: by what it would show, and what provokes it.
public struct PutBackRevision: Sendable, Equatable {
  /// Id of the bug, such as `9.1`.
  public var bug: String
  /// Which revision of it, such as `original`.
  public var revision: String
  /// Checks that fail where the bug shows itself: its signature first.
  public var shownBy: [String]
  /// The faults, each of them alone, or the condition that provokes the bug.
  public var provokedBy: [String]
  /// Whether the session had one of them.
  public var isProvoked: Bool
  /// The command that provokes it, or searches more schedules for it where the session did provoke it.
  public var command: String

  /// A revision as given.
  public init(
    bug: String, revision: String, shownBy: [String], provokedBy: [String], isProvoked: Bool, command: String
  ) {
    self.bug = bug
    self.revision = revision
    self.shownBy = shownBy
    self.provokedBy = provokedBy
    self.isProvoked = isProvoked
    self.command = command
  }

  /// The form that run.json keeps, under `put_back`.
  public var json: JSON {
    .object([
      ("bug", .string(bug)), ("revision", .string(revision)), ("shown_by", .array(shownBy.map { .string($0) })),
      ("provoked_by", .array(provokedBy.map { .string($0) })), ("provoked", .bool(isProvoked)),
      ("command", .string(command)),
    ])
  }

  init?(json: JSON) {
    guard let bug = json["bug"]?.string, let revision = json["revision"]?.string,
      let isProvoked = json["provoked"]?.bool, let command = json["command"]?.string
    else { return nil }
    func names(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
    self.init(
      bug: bug, revision: revision, shownBy: names("shown_by"), provokedBy: names("provoked_by"),
      isProvoked: isProvoked, command: command)
  }

  /// Whether these red checks show it.
  func isShown(by red: Set<String>) -> Bool { shownBy.isEmpty ? !red.isEmpty : !red.isDisjoint(with: shownBy) }

  /// What is said when none of its checks is red: such a session is not evidence about the bug.
  var unshown: String {
    let checks = shownBy.prefix(1).joined()
    if isProvoked {
      return "\(bug)=\(revision) is put back and provoked, and \(checks) does not fail in this one schedule"
    }
    if provokedBy.isEmpty { return "\(bug)=\(revision) is put back, and the session does not say what shows it" }
    let causes = provokedBy.joined(separator: " or ")
    return "\(bug)=\(revision) is put back, and nothing in this session provokes it dependably; it takes: \(causes)"
  }
}

extension RunFacts {
  /// Pre-fix revisions that a paper session ran with; none for other runs, which are judged by named checks.
  ///
  /// A session that was written before run.json kept them has only the names, in its inputs.
  public var putBack: [PutBackRevision] {
    guard isPaper else { return [] }
    if let kept = json["put_back"]?.array { return kept.compactMap { PutBackRevision(json: $0) } }
    return (json["inputs"]?["revisions"]?.members ?? []).compactMap { bug, revision in
      guard let revision = revision.string, revision != "fixed" else { return nil }
      return PutBackRevision(
        bug: bug, revision: revision, shownBy: [], provokedBy: [], isProvoked: false,
        command: "chaos paper --scenario \(bug) --revision \(bug)=\(revision)")
    }
  }
}
