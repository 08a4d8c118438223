public import Basics
import ChaosRuntime
import Exploration
import FieldReconciliation
import HistoricalBugs
public import PaperSession
public import Proof

/// A reproduced session as a case of the gauntlet: a folder with `case.toml` and its quotes, which anyone can commit.
public struct RegressionCase: Sendable {
  /// Name of the case's file.
  public static let fileName = "case.toml"
  private static let keys = ["schema", "bug", "besides", "market", "faults", "settings", "schedules", "tries", "idle"]

  /// The folder's name.
  public var name: String
  /// The bug whose pre-fix parts must fail in it.
  public var bug: HistoricalBug
  /// Bugs whose pre-fix parts are put in as well.
  public var besides: [HistoricalBug] = []
  /// Folder of the quotes; nil: the bug's own market.
  public var market: String?
  /// Ids of faults of the library, and paths of fault files.
  public var faults: [String]
  /// In the order of the file.
  public var settings: [PaperInputs.Setting]
  /// Whether the good engine may pass without an order, as the bot sent none.
  public var isIdle: Bool
  /// Schedules of the good engine.
  public var schedules: Int
  /// Schedules of the original at most, until it fails.
  public var tries: Int

  /// The cases below a folder: it, or folders in it, that have a `case.toml`.
  ///
  /// - Throws: `UsageError` for a folder without any, and for a file with a mistake.
  public static func all(in folder: String) throws(UsageError) -> [RegressionCase] {
    guard Files.isDirectory(folder) else { throw UsageError(text: "--cases: '\(folder)' is not a directory") }
    var folders = Files.exists("\(folder)/\(fileName)") ? [folder] : []
    for name in Files.names(in: folder) where Files.exists("\(folder)/\(name)/\(fileName)") {
      folders.append("\(folder)/\(name)")
    }
    guard !folders.isEmpty else { throw UsageError(text: "--cases: no folder of '\(folder)' has a \(fileName)") }
    var cases: [RegressionCase] = []
    for folder in folders {
      do throws(SourceError) { cases.append(try RegressionCase(folder)) } catch {
        throw UsageError(text: "--cases: \(error)")
      }
    }
    return cases
  }

  private init(_ folder: String) throws(SourceError) {
    let path = "\(folder)/\(Self.fileName)"
    let bytes: [UInt8]
    do throws(InputError) { bytes = try InputFile.bytes(path, .toml) } catch {
      throw SourceText(file: path, bytes: []).error(at: 0, error.message)
    }
    let document = try TOMLDocument(parsing: bytes, file: path)
    for entry in document.root.entries where !Self.keys.contains(entry.key) {
      throw document.error(
        at: entry, "a case has no key '\(entry.key)'; its keys are \(Self.keys.joined(separator: ", "))",
        meant: Suggestion.closest(to: entry.key, in: Self.keys))
    }
    guard document.root["schema"]?.integer == 1 else { throw document.source.error(at: 0, "'schema = 1' is needed") }
    func named(_ value: TOMLValue) throws(SourceError) -> HistoricalBug {
      guard let bug = AllBugs.named(value.string ?? "") else {
        let id = value.string ?? ""
        throw document.error(
          at: value, "no bug is called '\(id)'", meant: Suggestion.closest(to: id, in: AllBugs.all.map(\.id)))
      }
      return bug
    }
    guard let value = document.root["bug"], value.string != nil else {
      throw document.source.error(at: 0, "a case lacks 'bug'")
    }
    bug = try named(value)
    for value in document.root["besides"]?.array ?? [] { besides.append(try named(value)) }
    name = folder.split(separator: "/").last.map(String.init) ?? folder
    market = document.root["market"]?.string.map { "\(folder)/\($0)" }
    faults = (document.root["faults"]?.array?.compactMap(\.string) ?? []).map {
      $0.hasSuffix(".toml") ? "\(folder)/\($0)" : $0
    }
    isIdle = document.root["idle"]?.boolean ?? false
    schedules = Int(document.root["schedules"]?.integer ?? 20)
    tries = Int(document.root["tries"]?.integer ?? Int64(Reproduction.triesMax))
    guard (1...10_000).contains(schedules), (1...10_000).contains(tries) else {
      throw document.source.error(at: 0, "'schedules' and 'tries' are numbers from 1 to 10000")
    }
    settings = []
    for entry in document.root["settings"]?.table?.entries ?? [] {
      guard let text = entry.value.string else { throw document.error(at: entry, "'\(entry.key)' is text in quotes") }
      settings.append(PaperInputs.Setting(name: entry.key, value: text))
    }
  }

  private func inputs(isOriginal: Bool, _ library: FaultSelection) throws(UsageError) -> PaperInputs {
    var sources: [PaperInputs.FaultSource] = []
    for word in faults { sources.append(try library.source(word).source) }
    return PaperInputs(
      kind: .paper, bug: market == nil ? bug.id : nil,
      revisions: isOriginal ? ([bug] + besides).map { PaperInputs.Revision(bug: $0.id, revision: "original") } : [],
      faults: sources,
      settings: settings, market: market)
  }

  private func system(isOriginal: Bool, _ library: FaultSelection) throws(UsageError) -> PaperSystem {
    let inputs = try inputs(isOriginal: isOriginal, library)
    do throws(PaperError) { return try PaperSystem(inputs) } catch {
      throw UsageError(text: "--cases: \(name): \(error)")
    }
  }

  /// As a case: the pre-fix parts fail by the bug's check in a schedule of a dozen, the good engine passes all of its own.
  ///
  /// - Throws: `UsageError` where no session can be made of it.
  public func gauntletCase(_ library: FaultSelection, seed: UInt64) throws(UsageError) -> GauntletCase {
    let original = try system(isOriginal: true, library)
    let good = try system(isOriginal: false, library)
    let id = "case/\(name)"
    let (bug, bugs, isIdle, schedules, tries) = (bug, [bug] + besides, isIdle, schedules, tries)
    return GauntletCase(
      id: id, title: "\(bug.id) in a session from the field: shown by the original, survived by the fix",
      replay: "chaos gauntlet --cases DIR --filter \(id) --jobs 0", weight: tries + schedules
    ) { run in
      var done = CaseResult(id: id, arms: [])
      var failed = false
      let executor = Executor()
      for index in 0..<tries where !failed && !run.isOverBudget() {
        let request = Reproduction.request(seed, index)
        run.begin("the original", request)
        let report = executor.run(original, request, epoch: original.epoch)
        failed = report.judgement.verdict(bug.signature)?.outcome == .fail || !report.incidents.isEmpty
        done.schedules += 1
      }
      done.arms.append(
        CaseResult.Arm(
          "original", failed ? .passed : .failed,
          failed ? "fails by \(bug.signature)" : "does not fail any more: the case tests nothing"))
      var sweep = run.sweep(of: PaperSystem.self, epoch: good.epoch) { _ in "the good engine" }
      let campaign = Reproduction.survival(good, bugs, mayBeIdle: isIdle, &sweep, seed, schedules)
      done.schedules += campaign.ran
      if let failure = campaign.failure {
        done.arms.append(CaseResult.Arm("fixed", .failed, failure.verdict.reason))
      } else {
        let isWhole = campaign.ran == schedules
        done.arms.append(
          CaseResult.Arm("fixed", isWhole ? .passed : .inconclusive, "passed \(campaign.ran) of \(schedules) schedules")
        )
      }
      return done
    }
  }
}
