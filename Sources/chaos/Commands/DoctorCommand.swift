import Basics
import ChaosRuntime
import Checks

/// `chaos doctor DIR`: the guide's troubleshooting entries that a session shows, with the likely causes.
enum DoctorCommand {
  static let verb = Verb(
    name: "doctor", summary: "print what is wrong with a session, likely causes and next steps",
    words: "DIR|stackdump.txt [--json]",
    options: [CommonOptions.json],
    examples: ["chaos doctor sessions/latest", "chaos doctor runs/latest --json", "chaos doctor stackdump.txt"],
    run: run)

  /// 0: nothing found; 1: a red check, or hints; 3: inconclusive, or no end yet; 4: a stack dump; 2: a foreign layout.
  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    if let path = arguments.positional.first, arguments.positional.count == 1, !Files.isDirectory(path),
      Files.exists(path)
    {
      return try dump(path, arguments)
    }
    let session = try SessionDirectory(arguments, verb: verb.name)
    let diagnosis = Diagnosis(session.record, directory: session.path)
    let code = diagnosis.exitCode
    if arguments.has("json") {
      Terminal.print(
        JSON.object([
          ("session", .string(session.path)), ("entries", diagnosis.json), ("exit_code", .int(Int(code))),
        ]).pretty(), newline: false)
      return code
    }
    Terminal.print(text(diagnosis.all), newline: false)
    if diagnosis.isUnfinished {
      Terminal.note("the session has not ended: it was killed, or it still runs; this is from what it wrote so far")
    }
    if code != ExitCode.pass { Terminal.note("every check with its evidence: 'chaos check \(session.path)'") }
    return code
  }

  /// A stack dump alone, as `chaos watch` writes it; 4 for a proof, 3 for a suspicion.
  private static func dump(_ path: String, _ arguments: Arguments) throws(UsageError) -> Int32 {
    let bytes: [UInt8]
    do throws(InputError) { bytes = try InputFile.bytes(path, .dump) } catch {
      throw UsageError(text: "\(verb.name): \(error)")
    }
    guard let found = Diagnosis.dump(alone: bytes, file: path) else {
      throw UsageError(text: "\(verb.name): '\(path)' is neither a session directory nor a stack dump")
    }
    if arguments.has("json") {
      Terminal.print(
        JSON.object([
          ("file", .string(path)), ("entries", .array([found.entry.json])), ("exit_code", .int(Int(found.exitCode))),
        ]).pretty(), newline: false)
    } else {
      Terminal.print(text([found.entry]), newline: false)
    }
    return found.exitCode
  }

  /// For people: evidence stands on lines of its own, uncut by the screen's width.
  private static func text(_ entries: [Diagnosis.Entry]) -> String {
    if entries.isEmpty { return "nothing found\n" }
    var out = ""
    for entry in entries {
      out +=
        (out.isEmpty ? "" : "\n") + "\"\(entry.name)\"\n  \(ListCommand.wrapped(entry.symptom, indent: 2, width: 76))\n"
      if entry.causes.isEmpty { out += "  no line of this session says why\n" }
      for (index, cause) in entry.causes.enumerated() {
        out += "\n  \(index + 1). \(ListCommand.wrapped(cause.says, indent: 5, width: 73))\n"
        for evidence in cause.evidence {
          out += "       \(evidence.place.isEmpty ? "" : "\(evidence.place): ")\(evidence.text)\n"
        }
        out += "     next: \(ListCommand.wrapped(cause.next, indent: 11, width: 67))\n"
      }
    }
    return out
  }
}
