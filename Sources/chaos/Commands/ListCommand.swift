import Basics
import Checks
import FaultInjection
import HistoricalBugs
import PaperSession

/// `chaos list`: faults, bugs, checks, sites.
enum ListCommand {
  static let verb = Verb(
    name: "list", summary: "list faults, bugs and checks, or the sites where faults act", words: "[--sites] [--checks]",
    options: [
      Option("sites", nil, "the sites, their keys and actions"),
      Option("checks", nil, "the checks, what each reads, and what a stalled schedule excuses"), CommonOptions.faults,
      CommonOptions.json,
    ],
    examples: ["chaos list", "chaos list --sites", "chaos list --checks"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let word = arguments.positional.first {
      throw UsageError(text: "list: unexpected argument '\(word)'; try 'chaos show \(word)'")
    }
    let selection = try CommonOptions.faults(arguments)
    if arguments.has("json") {
      Terminal.print(json(selection.library.faults).pretty(), newline: false)
    } else {
      let text =
        arguments.has("sites") ? sites : arguments.has("checks") ? checks : overview(selection.library.faults)
      Terminal.print(text, newline: false)
    }
    return ExitCode.pass
  }

  private static func overview(_ faults: [Fault]) -> String {
    var out = "Faults (chaos run --fault ID)\n"
    for fault in faults { out += "  \(Verbs.pad(fault.id, 22))\(wrapped(fault.title))\n" }
    out += "\nBugs (chaos run --bug ID)\n"
    for bug in AllBugs.all {
      out += "  \(Verbs.pad(bug.id, 22))\(wrapped(bug.title))\n"
      let provoked = "provoked by \(bug.provokedBy.text); fails \(bug.signature)"
      out += "  \(Verbs.pad("", 22))\(wrapped(provoked, width: 56))\n"
    }
    out += "\nScenes (chaos paper --scenario NAME)\n"
    for scene in PaperScene.all { out += "  \(Verbs.pad(scene.name, 22))\(wrapped(scene.title))\n" }
    out += "\nChecks (chaos check DIR)\n"
    for check in Check.all { out += "  \(Verbs.pad(check.name, 22)) \(wrapped(check.summary))\n" }
    return out
  }

  private static var checks: String {
    var out = "Checks (what each reads; what it excuses where the schedule held threads up)\n"
    for check in Check.all {
      out += "  \(Verbs.pad(check.name, 22)) \(wrapped(sources(of: check)))\n"
      if let excuse = check.stalledExcuse { out += "  \(Verbs.pad("", 22)) \(wrapped("stalled: \(excuse)"))\n" }
    }
    return out
  }

  /// What a check reads, the engine's own words apart.
  static func sources(of check: Check) -> String {
    let own = check.reads.filter(\.isEngines).map(\.rawValue)
    let others = check.reads.filter { !$0.isEngines }.map(\.rawValue)
    return others.joined(separator: ", ") + (own.isEmpty ? "" : "; the engine's \(own.joined(separator: ", "))")
  }

  private static var sites: String {
    var out = "Sites (site in a fault file, or chaos run --fault 'SITE[key=value]=plan')\n"
    for site in WireFaultWords.sites {
      out += "  \(site.name)\n"
      out += "      \(wrapped(site.summary, indent: 6, width: 73))\n"
      out += "      keys: \(site.keys.isEmpty ? "none" : site.keys.joined(separator: ", "))"
      out += "; actions: \(site.actions.map(\.rawValue).joined(separator: ", "))\n"
      for key in site.keys {
        if let text = site.values(of: key).text { out += "      \(key): \(wrapped(text, indent: 6, width: 73))\n" }
      }
    }
    return out
  }

  private static func json(_ faults: [Fault]) -> JSON {
    .object([
      ("faults", .array(faults.map { .object([("id", .string($0.id)), ("title", .string($0.title))]) })),
      (
        "bugs",
        .array(
          AllBugs.all.map { bug in
            .object([
              ("id", .string(bug.id)), ("title", .string(bug.title)), ("signature", .string(bug.signature)),
              ("provoked_by", .array(bug.provokedBy.faults.map { .string($0) })),
              ("condition", bug.provokedBy.condition.map { .string($0.name) } ?? .null),
            ])
          })
      ),
      (
        "scenes", .array(PaperScene.all.map { .object([("name", .string($0.name)), ("title", .string($0.title))]) })
      ),
      (
        "checks",
        .array(
          Check.all.map { check in
            .object([
              ("name", .string(check.name)), ("promise", .string(check.summary)),
              ("reads", .array(check.reads.map { .string($0.rawValue) })),
              ("stalled_excuse", check.stalledExcuse.map { .string($0) } ?? .null),
            ])
          })
      ),
      (
        "sites",
        .array(
          WireFaultWords.sites.map { site in
            .object([
              ("name", .string(site.name)), ("keys", .array(site.keys.map { .string($0) })),
              ("actions", .array(site.actions.map { .string($0.rawValue) })), ("values", values(site)),
              ("summary", .string(site.summary)),
            ])
          })
      ),
    ])
  }

  private static func values(_ site: SiteDefinition) -> JSON {
    .object(
      site.keys.compactMap { key in
        if case .words(let words) = site.values(of: key) { return (key, .array(words.map { .string($0) })) }
        return site.values(of: key).text.map { (key, .string($0)) }
      })
  }

  /// Text broken between words; the lines after the first are indented.
  static func wrapped(_ text: String, indent: Int = 24, width: Int = 54) -> String {
    var lines: [String] = [""]
    for paragraph in text.split(separator: "\n") {
      for word in paragraph.split(separator: " ") {
        if let last = lines.last, !last.isEmpty, last.count + word.count + 1 > width { lines.append("") }
        lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
      }
    }
    return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
  }
}
