import Basics
import ChaosRuntime
import Exploration
import FieldReconciliation
import FieldReproduction
import HistoricalBugs
import PaperSession

/// `chaos reproduce DIR`: a session from the field goes in, the bug comes out.
enum ReproduceCommand {
  static let verb = Verb(
    name: "reproduce", summary: "play a field session with old and good code, keep the smallest case",
    words: "DIR | --log FILE --truth FILE",
    options: FieldInput.options + [
      Option("bug", "ID", "this bug, instead of the one that the signs name first"),
      Option("schedules", "N", "schedules that the good engine must pass (default 20)"),
      Option("scale-money", nil, "do not take over the sizes of orders and balances"),
      Option("keep", nil, "keep the names of orders and the reasons of failures too"),
      CommonOptions.seed, CommonOptions.faults, Option("out", "DIR", "write here instead of repro/"),
      CommonOptions.json,
    ],
    examples: ["chaos reproduce field-1", "chaos reproduce field-1 --bug FILL-3 --out cases/lost-fills"], run: run)

  /// 0: reproduced, and the good engine survives; 1: it does not; 3: not reproduced, in part, or nothing to reproduce.
  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let schedules = try arguments.int("schedules", in: 1...10_000) ?? 20
    let seed = try CommonOptions.seed(arguments)
    let library = try CommonOptions.faults(arguments)
    guard let session = try FieldInput.read(arguments, verb: verb.name) else {
      return Interruption.exitCode(ExitCode.pass)
    }
    let found = Reconciliation(session)
    let diagnosis = FieldDiagnosis(found)
    guard let (bug, named, besides, others) = try chosen(arguments, diagnosis) else {
      Terminal.print(diagnosis.text(session), newline: false)
      Terminal.note("chaos: reproduce: no bug of the catalogue is named; --bug ID plays one all the same")
      return ExitCode.inconclusive
    }
    let scenario: FieldScenario
    do throws(InputError) {
      scenario = try FieldScenario(
        found, directory: arguments.positional.first, bug: bug, scalesMoney: arguments.has("scale-money"), library)
    } catch {
      throw UsageError(text: "reproduce: \(error)")
    }
    if Interruption.isRequested {
      Terminal.note("chaos: reproduce: interrupted; nothing was played, and nothing is written")
      return Interruption.exitCode(ExitCode.inconclusive)
    }
    let out = Files.free(arguments["out"] ?? "repro")
    var market: String?
    if !scenario.market.isEmpty {
      // The runs name this folder, so it stands there before the first of them.
      if let error = Outputs.write(scenario.market.map { ("market/\($0.name)", $0.bytes) }, to: out) {
        throw UsageError(text: "reproduce: \(error)")
      }
      market = "\(out)/market"
    }
    let result = try Reproduction(
      found, scenario, besides: besides, market: market, library: library, seed: seed, schedules: schedules,
      isInterrupted: { Interruption.isRequested })
    var code = result.exitCode
    let keeping = Reproduction.Keeping(ids: arguments.has("keep"), sizes: !arguments.has("scale-money"))
    let files = result.files(found, named: named, others: others, keeping: keeping)
    for error in write(result, files, to: out, seed: seed) {
      Terminal.note("chaos: reproduce: \(error)")
      code = ExitCode.unwritten(code)
    }
    if arguments.has("json") {
      Terminal.print(result.json.pretty(), newline: false)
    } else {
      Terminal.print(Terminal.colored(result.text(named: named, others: others, out: out)), newline: false)
    }
    return Interruption.exitCode(code)
  }

  /// Writes the runs and the files beside them; answers what could not be written.
  private static func write(
    _ result: Reproduction, _ files: [(path: String, bytes: [UInt8])], to out: String, seed: UInt64
  ) -> [String] {
    func store(_ report: RunReport, _ name: String) -> String? {
      Outputs.store.write(
        result.movable(report),
        RunStore.About(seed: seed, judgedBy: [result.scenario.bug.signature], replay: "chaos replay \(name)"),
        to: "\(out)/\(name)")
    }
    var errors = [store(result.report, "original"), result.failing.flatMap { store($0, "fixed") }]
    // The quotes stand there already.
    for file in files where !file.path.hasPrefix("market/") {
      let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
      let name = String(file.path.split(separator: "/").last ?? "")
      errors.append(
        folder.isEmpty
          ? Outputs.replace(file.bytes, at: "\(out)/\(name)")
          : Outputs.write([(name, file.bytes)], to: "\(out)/\(folder)"))
    }
    return errors.compactMap { $0 }
  }

  /// The bug and why it is the one, the bugs that are named besides, and the ids of what is named outside the catalogue; nil:
  /// nothing names a bug.
  private static func chosen(
    _ arguments: Arguments, _ diagnosis: FieldDiagnosis
  ) throws(UsageError) -> (HistoricalBug, String, [HistoricalBug], [String])? {
    if let id = arguments["bug"] {
      guard let bug = AllBugs.named(id) else {
        let near = Suggestion.closest(to: id, in: AllBugs.all.map(\.id)).map { "; did you mean '\($0)'?" } ?? ""
        throw UsageError(text: "reproduce: no bug is called '\(InputError.shown(id))'\(near)")
      }
      return (bug, "The caller asked for it.", [], [])
    }
    guard let first = diagnosis.named.first(where: { $0.hypothesis.isInCatalogue }),
      let bug = AllBugs.named(first.hypothesis.id)
    else { return nil }
    let signs = first.seen.map(\.sign.rawValue).joined(separator: ", ")
    let rest = diagnosis.named.filter { $0.hypothesis.id != bug.id }
    return (
      bug, "Named first by its signs: \(signs).",
      rest.filter(\.hypothesis.isInCatalogue).compactMap { AllBugs.named($0.hypothesis.id) },
      rest.filter { !$0.hypothesis.isInCatalogue }.map(\.hypothesis.id)
    )
  }
}
