public import Basics
import Exploration
import Glibc

/// Cases that go wrong on purpose, one for each thing that the gauntlet must notice.
public enum GauntletDrill: String, CaseIterable {
  /// A trap ends its worker.
  case trap
  /// An endless loop: the guard ends its worker.
  case loop
  /// A wait that nobody ends: the guard ends its worker.
  case hang
  /// The worker leaves without an answer.
  case leave
  /// A check fails.
  case fail
  /// A case that says nothing.
  case silent

  /// All kinds, for help and errors.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// A case of each kind; one that is unknown or given twice is refused.
  ///
  /// - Throws: a kind that is unknown or given twice.
  public static func cases(_ kinds: [String], seed: UInt64) throws(UsageError) -> [GauntletCase] {
    var cases: [GauntletCase] = []
    for kind in kinds {
      guard let drill = GauntletDrill(rawValue: kind) else {
        let near = Suggestion.closest(to: kind, in: allCases.map(\.rawValue)).map { "; did you mean '\($0)'?" } ?? ""
        throw UsageError(text: "--drill expects one of \(names), not '\(kind)'\(near)")
      }
      let id = "drill/\(kind)"
      if cases.contains(where: { $0.id == id }) { throw UsageError(text: "--drill \(kind) is given twice") }
      cases.append(
        GauntletCase(
          id: id, title: "fails on purpose", replay: "chaos gauntlet --drill \(kind) --filter \(id)", weight: 1
        ) { run in
          run.begin("a drill", Seeds(seed).request(arm: 0, 0))
          return drill.go(id)
        })
    }
    return cases
  }

  private func go(_ id: String) -> CaseResult {
    switch self {
    case .trap: fatalError("a drill of the gauntlet")
    // A call that the optimiser cannot see through: a loop that only counts is left out of a release build.
    case .loop: while getpid() > 0 {}
    case .hang: while true { pause() }
    case .leave: _exit(0)
    case .fail: return CaseResult(id: id, .failed, "a drill of the gauntlet")
    case .silent: return CaseResult(id: id, arms: [])
    }
    return CaseResult(id: id, .failed, "the drill ended")
  }
}
