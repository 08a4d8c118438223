public import Basics
import ChaosRuntime
import Checks
public import FaultInjection

/// Faults as the user names them: an id, an alias, a fault file, or a one-line fault.
public struct FaultSelection {
  /// What a directory has made of the built-in faults; nil: they stand as they are.
  private let changed: FaultLibrary?

  /// The built-in faults, and what a directory adds or replaces.
  public var library: FaultLibrary { changed ?? Self.builtIn }

  /// Read when the first list of all is asked for: of a run that names its faults that would be a third of its start.
  private static let builtIn: FaultLibrary = {
    do throws(FaultFileError) { return try read(EmbeddedFaults.files) } catch {
      preconditionFailure("a fault file that is built in is wrong: \(error)")
    }
  }()

  private static func read(
    _ files: [(name: String, text: String)], overrides: [(name: String, text: String)] = []
  ) throws(FaultFileError) -> FaultLibrary {
    try FaultLibrary(files, overrides: overrides, sites: PaperSites.definitions, checks: Check.all.map(\.name))
  }

  /// Fault files of a directory at most.
  private static let filesMax = 1000

  /// `directory` adds or replaces fault files; bad ones are a usage error with place and caret.
  ///
  /// - Throws: no directory, more than 1000 fault files, or the first that is wrong, with place and caret.
  public init(directory: String?) throws(UsageError) {
    guard let directory else {
      changed = nil
      return
    }
    guard Files.isDirectory(directory) else { throw UsageError(text: "--faults: '\(directory)' is not a directory") }
    let names = Files.names(in: directory).filter { $0.hasSuffix(".toml") }
    guard names.count <= Self.filesMax else {
      throw UsageError(text: "--faults: '\(directory)' has more than \(Self.filesMax) fault files")
    }
    var found: [(name: String, text: String)] = []
    for name in names {
      let path = "\(directory)/\(name)"
      do throws(InputError) { found.append((path, try InputFile.text(path, .toml))) } catch {
        throw UsageError(text: "--faults: \(error)")
      }
    }
    do throws(FaultFileError) { changed = try Self.read(EmbeddedFaults.files, overrides: found) } catch {
      throw UsageError(text: error.description)
    }
  }

  /// A path is a fault file, a word with `=` is a one-line fault, anything else an id or an alias.
  ///
  /// - Throws: no fault of that name, a file that cannot be read, or a text that is no fault.
  public func source(_ word: String) throws(UsageError) -> ChosenFault {
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
      let entry = try (alone(word) ?? library).entry(word)
      return ChosenFault(
        source: .file(name: entry.fault.id, text: entry.text), fault: entry.fault, word: entry.fault.id,
        isOwn: entry.isOverride)
    } catch {
      throw UsageError(text: error.description)
    }
  }
}

extension FaultSelection {
  /// A built-in fault that is called by its id and needs none of the others.
  private func alone(_ id: String) -> FaultLibrary? {
    guard changed == nil, let file = EmbeddedFaults.files.first(where: { $0.name == id }) else { return nil }
    // One that cannot be read is the library's to tell.
    do throws(FaultFileError) { return try Self.read([file]) } catch { return nil }
  }

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
  ///
  /// - Throws: the first word that is no fault, or a fault named twice.
  public func sources(_ words: [String]) throws(UsageError) -> [ChosenFault] {
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
}
