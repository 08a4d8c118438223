import Basics
import Proof

/// `chaos merge FILE ...`: the reports of a gauntlet's shards as one.
enum MergeCommand {
  static let verb = Verb(
    name: "merge", summary: "merge the JSON reports of a gauntlet's shards", words: "FILE ... [options]",
    options: GauntletCommand.reports,
    examples: ["chaos merge shard-1.json shard-2.json --junit gauntlet.xml"], run: run)

  private static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let names = arguments.positional
    guard !names.isEmpty else {
      throw UsageError(text: "merge: name the reports that 'chaos gauntlet --shard I/N --json FILE' wrote")
    }
    var files: [(name: String, json: JSON)] = []
    for name in names {
      do throws(InputError) {
        files.append((name, try InputValue(parsing: InputFile.bytes(name, .report), file: name).json))
      } catch {
        throw UsageError(text: "merge: \(error)")
      }
    }
    let report: GauntletReport
    do throws(GauntletMerge.Problem) {
      report = try GauntletMerge.merge(files, command: "chaos merge \(names.joined(separator: " "))").report
    } catch {
      throw UsageError(text: "merge: \(error)")
    }
    Terminal.print(Terminal.colored(GauntletScreen.summary(report)), newline: false)
    return GauntletCommand.write(report, arguments, verb: "merge")
  }
}
