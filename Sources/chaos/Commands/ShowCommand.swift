import Basics
import Checks
import FaultInjection
import HistoricalBugs
import PaperSession

/// `chaos show ID`: one fault, bug or check with its story and evidence.
enum ShowCommand {
  static let verb = Verb(
    name: "show", summary: "show one fault, bug or check with its story and evidence", words: "ID",
    options: [
      CommonOptions.faults, CommonOptions.seed,
      Option("schedules", "N", "runs per cell of the table revision x fault (6); 0: no table"),
    ], examples: ["chaos show 9.2", "chaos show deadlock"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    guard let id = arguments.positional.first, arguments.positional.count == 1 else {
      throw UsageError(text: "show: one id is needed, as in 'chaos show 9.2'")
    }
    let selection = try CommonOptions.faults(arguments)
    if let bug = AllBugs.named(id) {
      Interruption.beginAsking()
      Terminal.print(text(bug), newline: false)
      let table = RevisionTable(
        bug: bug, selection: selection, seed: try CommonOptions.seed(arguments),
        schedules: try arguments.int("schedules", in: 0...1000) ?? 6)
      if table.isWorthIt { Terminal.print(Terminal.colored(try text(table)), newline: false) }
      return Interruption.exitCode(ExitCode.pass)
    }
    if let check = Check.named(id) {
      Terminal.print(text(check), newline: false)
      return ExitCode.pass
    }
    do throws(UnknownFault) {
      Terminal.print(text(try selection.library.fault(id)), newline: false)
      return ExitCode.pass
    } catch {
      let known = AllBugs.all.map(\.id) + Check.all.map(\.name) + selection.library.faults.map(\.id)
      let near = Suggestion.closest(to: id, in: known).map { "; did you mean '\($0)'?" } ?? ""
      throw UsageError(text: "show: no fault, bug or check is called '\(id)'\(near)")
    }
  }

  private static func text(_ check: Check) -> String {
    let excuse = check.stalledExcuse ?? "nothing"
    return "Check  \(check.name)\n\n  \(ListCommand.wrapped(check.summary, indent: 2, width: 76))\n\n"
      + "Reads        \(ListCommand.wrapped(ListCommand.sources(of: check), indent: 13, width: 65))\n"
      + "Stalls       \(ListCommand.wrapped("a stalled schedule excuses \(excuse)", indent: 13, width: 65))\n"
  }

  /// What each attempt at a fix earned.
  private static func text(_ table: RevisionTable) throws(UsageError) -> String {
    let progress = Progress("show \(table.bug.id)")
    let rows = try table.rows(progress: { progress.show($0, of: $1) }, isInterrupted: { Interruption.isRequested })
    progress.finish()
    var out = "\nResults of each revision (\(table.schedules) schedules without stalls, seed \(table.seed))\n"
    for (fault, cells) in rows {
      out += "  under \(fault)\n"
      for (revision, cell) in zip(table.bug.revisions, cells) {
        out += "    \(Verbs.pad(revision.id, 12))\(cell.text)\n"
      }
    }
    return out
  }

  private static func text(_ bug: HistoricalBug) -> String {
    var out = "Bug  \(bug.id) \(bug.title)\n"
    if !bug.aliases.isEmpty { out += "     also \(bug.aliases.joined(separator: ", "))\n" }
    if let standing = bug.standingText { out += "     (\(standing))\n" }
    out += "\n  \(ListCommand.wrapped(bug.story, indent: 2, width: 76))\n"
    out += "\nSigns in the field\n  \(ListCommand.wrapped(bug.fieldSigns, indent: 2, width: 76))\n"
    out += "\nEvidence\n" + bug.evidence.map { "  - \(ListCommand.wrapped($0, indent: 4, width: 74))\n" }.joined()
    if !bug.inventions.isEmpty {
      out += "\nNot on record, invented\n"
      out += bug.inventions.map { "  - \(ListCommand.wrapped($0, indent: 4, width: 74))\n" }.joined()
    }
    out += "\nRevisions\n"
    for revision in bug.revisions {
      out += "  \(Verbs.pad(revision.id, 12))\(ListCommand.wrapped(revision.summary, indent: 14, width: 64))\n"
    }
    out += "\nProvoked by  \(bug.provokedBy.text)\nFails        \(bug.signature)\n"
    if !bug.consequences.isEmpty { out += "Hence also   \(bug.consequences.joined(separator: ", "))\n" }
    if !bug.promises.isEmpty { out += "Fix also     \(bug.promises.joined(separator: ", "))\n" }
    if !bug.landmarks.isEmpty { out += "Landmarks    \(bug.landmarks.joined(separator: ", "))\n" }
    out += "\nProve it     chaos run --bug \(bug.id)\nSee it fail  chaos run --bug \(bug.id) --revision original\n"
    out += "In a session chaos paper --scenario \(bug.id) --revision \(bug.id)=original\n"
    return out
  }

  private static func text(_ fault: Fault) -> String {
    var out = "Fault  \(ListCommand.wrapped("\(fault.id): \(fault.title)", indent: 7, width: 73))\n"
    if !fault.aliases.isEmpty { out += "       also \(fault.aliases.joined(separator: ", "))\n" }
    out += "       severity \(fault.severity.rawValue)\n\n  \(ListCommand.wrapped(fault.why, indent: 2, width: 76))\n"
    out += "\nActs at\n"
    for inject in fault.injects {
      var one = fault
      one.injects = [inject]
      out += "  \(one.oneLine)\n"
    }
    let expect = fault.expect
    let expected = "fired at least \(expect.firedMin) times; checks \(expect.checks.joined(separator: ", "))"
    out += "\nExpects\n  \(ListCommand.wrapped(expected, indent: 2, width: 76))\n"
    if !expect.detectedBy.isEmpty { out += "  noticed by \(expect.detectedBy.joined(separator: ", "))\n" }
    let bugs = AllBugs.all.filter { $0.provokedBy.faults.contains(fault.id) }.map(\.id)
    out += "\nProvokes     \(bugs.isEmpty ? "no listed bug" : bugs.joined(separator: ", "))\n"
    out += "Run it       chaos run --fault \(fault.id)\n"
    return out
  }
}
