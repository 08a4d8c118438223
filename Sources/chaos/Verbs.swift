import Basics
import FaultInjection
import PaperSession

/// One verb of the command line.
struct Verb: Sendable {
  let name: String
  let summary: String
  /// Words after the verb, as the help shows them.
  let words: String
  let options: [Option]
  let examples: [String]
  let run: @Sendable (Arguments) throws(UsageError) -> Int32
}

/// The verbs, and the way from what was typed to one of them.
enum Verbs {
  static let all: [Verb] = [
    RunCommand.verb, PaperCommand.verb, GauntletCommand.verb, MergeCommand.verb, ListCommand.verb, ShowCommand.verb,
    CheckCommand.verb,
    ServeCommand.verb, DoctorCommand.verb, ReconcileCommand.verb, ReproduceCommand.verb, ReplayCommand.verb,
    ShrinkCommand.verb, SymbolizeCommand.verb, WatchCommand.verb, BenchCommand.verb,
  ]

  static func dispatch(_ words: [String]) -> Int32 {
    guard let first = words.first, first != "help", first != "--help", first != "-h" else {
      if words.count > 1, let verb = all.first(where: { $0.name == words[1] }) {
        Terminal.print(help(verb), newline: false)
      } else {
        Terminal.print(overview, newline: false)
      }
      return words.isEmpty ? ExitCode.usage : ExitCode.pass
    }
    if first == "--version" {
      Terminal.print("chaos \(PaperSystem.version)")
      return ExitCode.pass
    }
    guard let verb = all.first(where: { $0.name == first }) else {
      let near = Suggestion.closest(to: first, in: all.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
      return Terminal.usage("no verb is called '\(first)'\(near)\n\n\(overview)")
    }
    let rest = Array(words.dropFirst())
    // What follows '--' belongs to another program.
    let own = rest.prefix { $0 != "--" }
    if own.contains("--help") || own.contains("-h") {
      Terminal.print(help(verb), newline: false)
      return ExitCode.pass
    }
    do throws(UsageError) {
      let arguments = try Arguments(rest, options: verb.options, verb: verb.name)
      try Outputs.check(arguments, verb)
      return try verb.run(arguments)
    } catch {
      return Terminal.usage(error.text)
    }
  }

  static var overview: String {
    var out = "chaos: fault injection and chaos testing for trading engines\n\n"
    for verb in all { out += "  \(pad(verb.name, 11))\(verb.summary)\n" }
    out += "\nStart with:\n  chaos run --fault deadlock\n  chaos paper\n"
    out += "\n'chaos VERB --help' shows all options. Exit codes: 0 pass or proven, 1 failed,\n"
    out += "2 usage, 3 inconclusive, 4 deadlock or dump, 5 nothing selected, 70 internal.\n"
    return out
  }

  static func help(_ verb: Verb) -> String {
    var out = ListCommand.wrapped("chaos \(verb.name) \(verb.words)", indent: 6, width: 74) + "\n\n\(verb.summary)\n"
    if !verb.options.isEmpty {
      out += "\nOptions:\n"
      for option in verb.options {
        let left = "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
        if left.count > 21 {
          out += "  \(left)\n  \(pad("", 22))\(ListCommand.wrapped(option.help, width: 56))\n"
        } else {
          out += "  \(pad(left, 22))\(ListCommand.wrapped(option.help, width: 56))\n"
        }
      }
    }
    if !verb.examples.isEmpty { out += "\nExamples:\n" + verb.examples.map { "  \($0)\n" }.joined() }
    return out
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
  }
}
