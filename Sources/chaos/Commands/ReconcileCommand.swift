import Basics
import ChaosRuntime
import FieldReconciliation
import FieldReproduction

/// `chaos reconcile DIR`: what a bot believed against what the venue did.
enum ReconcileCommand {
  static let verb = Verb(
    name: "reconcile", summary: "compare what a bot's log believes with what the venue did",
    words: "DIR | --log FILE --truth FILE",
    options: FieldInput.options + [
      Option("svg", "FILE", "write the timeline as a picture"),
      Option("csv", "FILE", "write all disagreements as a table"),
      CommonOptions.json,
    ],
    examples: [
      "chaos reconcile sessions/latest", "chaos reconcile field-1 --csv differences.csv",
      "chaos reconcile --log bot.log --truth trades.csv --map map.toml --zone +08:00",
    ], run: run)

  /// 0: they agree; 1: they do not; 2: a file cannot be read; 3: the files do not tell.
  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    for option in ["svg", "csv"] {
      if let path = arguments[option] { try Outputs.checkFile(path, option: "--\(option)") }
    }
    guard let session = try FieldInput.read(arguments, verb: verb.name) else {
      return Interruption.exitCode(ExitCode.pass)
    }
    let found = Reconciliation(session)
    var code = found.exitCode
    for (option, text) in [("svg", found.svg), ("csv", found.csv)] {
      guard let path = arguments[option] else { continue }
      if let error = Outputs.replace(Array(text.utf8), at: path) {
        Terminal.note("chaos: --\(option): \(error)")
        code = ExitCode.unwritten(code)
      }
    }
    let diagnosis = FieldDiagnosis(found)
    if arguments.has("json") {
      Terminal.print(found.json(with: diagnosis).pretty(), newline: false)
    } else {
      Terminal.print(Terminal.colored(found.text(with: diagnosis)), newline: false)
    }
    return code
  }
}

/// The session from the field that a verb was given.
enum FieldInput {
  static let options = [
    Option("log", "FILE", "a log of the bot's, instead of DIR; repeatable", isRepeatable: true),
    Option("truth", "FILE", "a file of the venue's, instead of DIR; repeatable", isRepeatable: true),
    Option("map", "FILE", "what the files' events and fields mean (TOML)"),
    Option("zone", "ZONE", "UTC or +08:00, for times that name no zone"),
    Option("broken-max", "PERCENT", "accept so many lines that cannot be read (default 1)"),
  ]

  /// Nil: a signal ended the reading.
  static func read(_ arguments: Arguments, verb: String) throws(UsageError) -> FieldSession? {
    var input = SessionReader.Input()
    input.files = arguments.all("log").map { ($0, .log) } + arguments.all("truth").map { ($0, .truth) }
    if input.files.isEmpty {
      guard let directory = arguments.positional.first, arguments.positional.count == 1 else {
        throw UsageError(text: "\(verb): one directory is needed, as in 'chaos \(verb) field-1', or --log and --truth")
      }
      guard Files.isDirectory(directory) else { throw UsageError(text: "\(verb): '\(directory)' is not a directory") }
      input.directory = directory.hasSuffix("/") && directory.count > 1 ? String(directory.dropLast()) : directory
    } else if let word = arguments.positional.first {
      throw UsageError(text: "\(verb): give '\(InputError.shown(word))' or --log and --truth, not both")
    }
    if let path = arguments["map"] {
      let bytes = try CommonOptions.file("map", path, .toml)
      do throws(SourceError) { input.map = try FieldMapFile.read(bytes, file: path) } catch {
        throw UsageError(text: "--map: \(error)")
      }
    }
    if let text = arguments["zone"] {
      guard let zone = SessionReader.zone(text) else {
        throw UsageError(text: "--zone expects UTC or an offset such as +08:00, not '\(InputError.shown(text))'")
      }
      input.zone = zone
    }
    if let text = arguments["broken-max"] {
      guard let share = Double(text), (0...100).contains(share) else {
        throw UsageError(text: "--broken-max expects a number from 0 to 100, not '\(InputError.shown(text))'")
      }
      input.brokenMax = share
    }
    let bar = Progress(verb)
    defer { bar.finish() }
    Interruption.beginAsking()
    do throws(InputError) {
      return try SessionReader.read(input) { done, total in
        bar.show(done >> 20, of: total >> 20)
        return !Interruption.isRequested
      }
    } catch {
      if Interruption.isRequested {
        bar.finish()
        Terminal.note("chaos: \(verb): interrupted while the files were read; nothing was compared")
        return nil
      }
      throw UsageError(text: "\(verb): \(error)")
    }
  }
}
