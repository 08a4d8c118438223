public import Basics

/// The faults that a program knows: built in, added to and replaced by a directory of the user's.
public struct FaultLibrary: Sendable {
  /// One fault and the text that it was read from.
  public struct Entry: Sendable {
    /// The fault as read.
    public let fault: Fault
    /// The file, as given.
    public let file: String
    /// The file's text, for `chaos show`.
    public let text: String
    /// It comes from the user's directory.
    public let isOverride: Bool
    /// It comes from the user's directory and took the place of a built-in one.
    public let isReplacement: Bool
  }

  /// Sorted by id.
  public let entries: [Entry]
  private let byName: [String: Int]

  /// `files` are (name, text), the name with or without directory and `.toml`; the id in the text must be that name.
  ///
  /// `overrides`, the contents of a directory, add faults or replace built-in ones of the same id. A name or alias that
  /// two faults claim is a mistake. `sites` and `checks` as for `FaultFile.parse`.
  ///
  /// - Throws: `FaultFileError` that points at the first mistake of the first file that has one.
  public init(
    _ files: [(name: String, text: String)], overrides: [(name: String, text: String)] = [],
    sites: [SiteDefinition]? = nil, checks: [String]? = nil
  ) throws(FaultFileError) {
    var found: [Entry] = []
    for (file, isOverride) in files.map({ ($0, false) }) + overrides.map({ ($0, true) }) {
      let fault = try Self.read(file, sites, checks)
      let old = found.firstIndex { $0.fault.id == fault.id }
      if let old, found[old].isOverride == isOverride {
        throw Self.error(file, "id", "the fault '\(fault.id)' is also in \(found[old].file)")
      }
      let entry = Entry(
        fault: fault, file: file.name, text: file.text, isOverride: isOverride, isReplacement: old != nil)
      if let old { found[old] = entry } else { found.append(entry) }
    }
    found.sort { $0.fault.id < $1.fault.id }
    var names: [String: Int] = [:]
    for (index, entry) in found.enumerated() { names[entry.fault.id] = index }
    for (index, entry) in found.enumerated() {
      for alias in entry.fault.aliases {
        if let other = names[alias] {
          throw Self.error(
            (entry.file, entry.text), "aliases", "the alias '\(alias)' already means '\(found[other].fault.id)'")
        }
        names[alias] = index
      }
    }
    entries = found
    byName = names
  }

  /// All faults, sorted by id.
  public var faults: [Fault] { entries.map(\.fault) }

  /// The fault of that id or alias.
  ///
  /// - Throws: `UnknownFault` with the nearest name.
  public func entry(_ name: String) throws(UnknownFault) -> Entry {
    if let index = byName[name] { return entries[index] }
    let names = entries.map(\.fault.id) + entries.flatMap(\.fault.aliases)
    throw UnknownFault(name: name, suggestion: Suggestion.closest(to: name, in: names), known: entries.map(\.fault.id))
  }

  /// The fault of that id or alias.
  ///
  /// - Throws: `UnknownFault` with the nearest name.
  public func fault(_ name: String) throws(UnknownFault) -> Fault { try entry(name).fault }

  private static func read(
    _ file: (name: String, text: String), _ sites: [SiteDefinition]?, _ checks: [String]?
  ) throws(FaultFileError) -> Fault {
    let fault = try FaultFile.parse(file.text, file: file.name, sites: sites, checks: checks)
    let base = file.name.split(separator: "/").last ?? ""
    let stem = base.hasSuffix(".toml") ? base.dropLast(5) : base
    guard stem == fault.id else {
      throw error(file, "id", "the id '\(fault.id)' is not the name of the file, '\(stem)'")
    }
    return fault
  }

  /// At the value of a key of the root table; the text was read before.
  private static func error(_ file: (name: String, text: String), _ key: String, _ message: String) -> SourceError {
    let source = SourceText(file: file.name, bytes: Array(file.text.utf8))
    do throws(SourceError) {
      let document = try TOMLDocument(parsing: file.text, file: file.name)
      return source.error(at: document.root[key]?.offset ?? 0, message)
    } catch {
      return error
    }
  }
}

/// A fault that nobody knows.
public struct UnknownFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// The name that was asked for.
  public var name: String
  /// The nearest id or alias; nil when none is near enough.
  public var suggestion: String?
  /// Ids of all faults.
  public var known: [String]

  /// The name, and what was probably meant or what there is.
  public var description: String {
    "no fault is called '\(name)'"
      + (suggestion.map { "; did you mean '\($0)'?" } ?? "; there are \(known.joined(separator: ", "))")
  }
}
