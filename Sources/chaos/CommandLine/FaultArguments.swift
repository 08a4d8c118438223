import Basics
import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import PaperSession

/// A fault that the user named, read and checked.
struct ChosenFault {
  let source: PaperInputs.FaultSource
  let fault: Fault
  /// How a command line names it: an id, a path, or the one line.
  let word: String
  /// A fault of the user's own: no bug can list it.
  let isOwn: Bool

  /// For directories.
  var name: String {
    if case .file(let name, _) = source { return RunCommand.fileName(name) }
    return RunCommand.fileName(word)
  }

  var quoted: String { word.contains { !$0.isLetter && !$0.isNumber && !"-_./".contains($0) } ? "'\(word)'" : word }
}

/// Faults as the user names them: an id, an alias, a fault file, or a one-line fault.
struct FaultSelection {
  let library: FaultLibrary
  /// Fault files of a directory at most.
  private static let filesMax = 1000

  /// `directory` adds or replaces fault files; bad ones are a usage error with place and caret.
  init(directory: String?) throws(UsageError) {
    var found: [(name: String, text: String)] = []
    if let directory {
      guard Files.isDirectory(directory) else { throw UsageError(text: "--faults: '\(directory)' is not a directory") }
      let names = Files.names(in: directory).filter { $0.hasSuffix(".toml") }
      guard names.count <= Self.filesMax else {
        throw UsageError(text: "--faults: '\(directory)' has more than \(Self.filesMax) fault files")
      }
      for name in names {
        let path = "\(directory)/\(name)"
        do throws(InputError) { found.append((path, try InputFile.text(path, .toml))) } catch {
          throw UsageError(text: "--faults: \(error)")
        }
      }
    }
    do throws(FaultFileError) {
      library = try FaultLibrary(
        EmbeddedFaults.files, overrides: found, sites: PaperSites.definitions, checks: Check.all.map(\.name))
    } catch {
      throw UsageError(text: error.description)
    }
  }

  /// A path is a fault file, a word with `=` is a one-line fault, anything else an id or an alias.
  func source(_ word: String) throws(UsageError) -> ChosenFault {
    if Self.isPath(word) { return try Self.file(word) }
    if word.contains("=") {
      do throws(FaultFileError) {
        let fault = try Fault(oneLine: word, sites: PaperSites.definitions)
        return ChosenFault(source: .oneLine(word), fault: fault, word: word, isOwn: true)
      } catch {
        throw UsageError(text: error.description)
      }
    }
    do throws(UnknownFault) {
      let entry = try library.entry(word)
      return ChosenFault(
        source: .file(name: entry.fault.id, text: entry.text), fault: entry.fault, word: entry.fault.id,
        isOwn: entry.isOverride)
    } catch {
      throw UsageError(text: error.description)
    }
  }
}

extension FaultSelection {
  /// `faults/mine.toml`, `./mine.toml`, `mine.toml`; a one-line fault has no slash before its first `=`, `[` or `@`.
  private static func isPath(_ word: String) -> Bool {
    if word.prefix(while: { $0 != "=" && $0 != "[" && $0 != "@" }).contains("/") { return true }
    return word.hasSuffix(".toml") && (!word.contains("=") || Files.exists(word))
  }

  private static func file(_ path: String) throws(UsageError) -> ChosenFault {
    let text: String
    do throws(InputError) { text = try InputFile.text(path, .toml) } catch {
      throw UsageError(text: "--fault: the fault file cannot be read: \(error)")
    }
    let found: [Fault]
    do throws(FaultFileError) {
      found = try FaultLibrary([(path, text)], sites: PaperSites.definitions, checks: Check.all.map(\.name)).faults
    } catch {
      throw UsageError(text: error.description)
    }
    guard let fault = found.first else { throw UsageError(text: "--fault: '\(path)' holds no fault") }
    return ChosenFault(source: .file(name: fault.id, text: text), fault: fault, word: path, isOwn: true)
  }

  /// The faults of several words; one that is named twice is a mistake.
  func sources(_ words: [String]) throws(UsageError) -> [ChosenFault] {
    var chosen: [ChosenFault] = []
    for word in words {
      let next = try source(word)
      if chosen.contains(where: { $0.fault.id == next.fault.id }) {
        throw UsageError(text: "--fault: the fault '\(next.fault.id)' is given twice")
      }
      chosen.append(next)
    }
    return chosen
  }

  /// Names of checks as `--checks a,b` has them; nil: the option is not given.
  static func checks(_ arguments: Arguments) throws(UsageError) -> [String]? {
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

/// Options that several verbs share.
enum CommonOptions {
  static let seed = Option("seed", "N", "seed of the run (default 1); 'random' draws and prints one")
  static let market = Option("market", "DIR", "recorded ticks, one JSON-lines file per symbol")
  static let set = Option("set", "NAME=VALUE", "an engine setting; repeatable", isRepeatable: true)
  static let config = Option("config", "FILE", "engine settings, one NAME = VALUE a line (TOML)")
  static let faults = Option("faults", "DIR", "fault files that add to the built-in ones or replace them")
  static let checks = Option("checks", "A,B", "judge by these checks instead of the ones that belong to the run")
  static let out = Option("out", "DIR", "write here instead of runs/ (or sessions/)")
  static let json = Option("json", nil, "print JSON on stdout")
  static let carrier = Option("carrier", "C", "fibers (default), or threads: the same schedules on OS threads")

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
    for word in arguments.all("set") {
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else {
        throw UsageError(text: "--set expects NAME=VALUE, not '\(word)'")
      }
      settings.append(
        PaperInputs.Setting(name: String(word[..<equals]), value: String(word[word.index(after: equals)...])))
    }
    return settings
  }

  /// `B=original`, repeatable.
  static func revisions(_ words: [String], bug: String?) throws(UsageError) -> [PaperInputs.Revision] {
    var revisions: [PaperInputs.Revision] = []
    for word in words {
      if let equals = word.firstIndex(of: "=") {
        revisions.append(
          PaperInputs.Revision(bug: String(word[..<equals]), revision: String(word[word.index(after: equals)...])))
      } else if let bug {
        revisions.append(PaperInputs.Revision(bug: bug, revision: word))
      } else {
        throw UsageError(text: "--revision expects BUG=REVISION here, as in 9.1=original; not '\(word)'")
      }
    }
    return revisions
  }
}
