import Basics
import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import PaperSession

/// Options that several verbs share.
enum CommonOptions {
  static let seed = Option("seed", "N", "seed of the run (default 1); 'random' draws and prints one")
  static let market = Option("market", "DIR", "recorded ticks, one JSON-lines file per symbol")
  static let set = Option("set", "NAME=VALUE", "an engine setting; repeatable", isRepeatable: true)
  static let venue = Option("venue", "NAME", "mexc (default), binance or binance-legacy; the setting VENUE")
  static let marketFill = Option(
    "market-fill", "HOW",
    "between recorded quotes: none (default), the last one stands, or linear; the setting MARKET_FILL")
  static let config = Option("config", "FILE", "engine settings, one NAME = VALUE a line (TOML)")
  static let faults = Option("faults", "DIR", "fault files that add to the built-in ones or replace them")
  static let checks = Option("checks", "A,B", "judge by these checks instead of the ones that belong to the run")
  static let out = Option("out", "DIR", "write here instead of runs/ (or sessions/)")
  static let json = Option("json", nil, "print JSON on stdout")
  static let carrier = Option("carrier", "C", "fibers (default), or threads: the same schedules on OS threads")

  /// The built-in faults and those of `--faults`.
  static func faults(_ arguments: Arguments) throws(UsageError) -> FaultSelection {
    try FaultSelection(directory: arguments["faults"])
  }

  static func seed(_ arguments: Arguments) throws(UsageError) -> UInt64 {
    guard let text = arguments["seed"] else { return 1 }
    if text == "random" {
      var generator = SystemRandomNumberGenerator()
      return generator.next() >> 33
    }
    guard let seed = UInt64(text) else {
      throw UsageError(
        text: "--seed expects a whole number from 0 to \(UInt64.max), or 'random', not '\(InputError.shown(text))'")
    }
    return seed
  }

  /// Forty letters that nobody can guess.
  static func secret() -> String {
    var generator = SystemRandomNumberGenerator()
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    return String((0..<40).map { _ in letters[Int(generator.next() % UInt64(letters.count))] })
  }

  /// The bytes of a file that an option names.
  static func file(_ option: String, _ path: String, _ kind: InputFile.Kind) throws(UsageError) -> [UInt8] {
    do throws(InputError) { return try InputFile.bytes(path, kind) } catch {
      throw UsageError(text: "--\(option): \(error)")
    }
  }

  /// An executor with the carrier that was asked for.
  static func executor(_ arguments: Arguments) throws(UsageError) -> Executor {
    let executor = Executor(carrier: try carrier(arguments))
    executor.stuckRunMonitor = StuckRun.stuckRunMonitor
    return executor
  }

  private static func carrier(_ arguments: Arguments) throws(UsageError) -> CarrierKind {
    guard let word = arguments["carrier"] else { return .fibers }
    if arguments.has("live") { throw UsageError(text: "--carrier is for simulated runs; --live has real threads") }
    guard let kind = CarrierKind(rawValue: word) else {
      let names = CarrierKind.allCases.map(\.rawValue)
      let near = Suggestion.closest(to: word, in: names).map { "; did you mean '\($0)'?" } ?? ""
      throw UsageError(text: "--carrier expects fibers or threads, not '\(word)'\(near)")
    }
    return kind
  }

  /// `--config` first, then each `--set`.
  static func settings(_ arguments: Arguments) throws(UsageError) -> [PaperInputs.Setting] {
    var settings: [PaperInputs.Setting] = []
    if let path = arguments["config"] {
      settings += try ConfigFile.settings(try file("config", path, .toml), path: path)
    }
    for (option, name) in [("venue", "VENUE"), ("market-fill", "MARKET_FILL")] {
      if let word = arguments[option] { settings.append(try sessionSetting(option, name, word)) }
    }
    for word in arguments.all("set") {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw UsageError(text: "--set expects NAME=VALUE, not '\(word)'")
      }
      settings.append(
        PaperInputs.Setting(name: String(word[..<equals]), value: String(word[word.index(after: equals)...])))
    }
    return settings
  }

  private static func sessionSetting(
    _ option: String, _ name: String, _ word: String
  ) throws(UsageError) -> PaperInputs.Setting {
    let choices = SessionSettings.all.first { $0.name == name }?.choices ?? []
    guard choices.contains(word) else {
      let near = Suggestion.closest(to: word, in: choices).map { "; did you mean '\($0)'?" } ?? ""
      throw UsageError(
        text: "--\(option) expects \(choices.joined(separator: ", ")), not '\(InputError.shown(word))'\(near)")
    }
    return PaperInputs.Setting(name: name, value: word)
  }

  /// Names of checks as `--checks a,b` has them; nil: the option is not given.
  static func checkNames(_ arguments: Arguments) throws(UsageError) -> [String]? {
    guard let text = arguments["checks"] else { return nil }
    let known = Check.all.map(\.name)
    var names: [String] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let name = String(word.drop { $0 == " " })
      guard known.contains(name) else {
        let near = Suggestion.closest(to: name, in: known).map { "; did you mean '\($0)'?" } ?? ""
        throw UsageError(text: "--checks: no check is called '\(name)'; 'chaos list' names them\(near)")
      }
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}
