import Basics
import Checks
import ExchangeServer
import FaultInjection
import PaperSession

/// Faults of a served exchange as the user names them: an id, a fault file, or a one-line fault.
enum WireFaultWords {
  /// Every fault that was asked for.
  static func faults(_ arguments: Arguments) throws(UsageError) -> [Fault] {
    let selection = try CommonOptions.faults(arguments)
    var all: [Fault] = []
    for word in arguments.all("fault") { all.append(try fault(word, selection)) }
    return all
  }

  /// The built-in faults that a served exchange can do.
  static func builtIn(_ selection: FaultSelection) -> [Fault] { selection.library.faults.filter { missing($0) == nil } }

  private static func fault(_ word: String, _ selection: FaultSelection) throws(UsageError) -> Fault {
    if word.hasSuffix(".toml") { return try served(try file(word)) }
    if word.contains("=") {
      let fault: Fault
      do throws(FaultFileError) { fault = try Fault(oneLine: word, sites: sites) } catch {
        throw UsageError(text: error.description)
      }
      return try served(fault)
    }
    return try served(try selection.source(word).fault)
  }

  private static func file(_ path: String) throws(UsageError) -> Fault {
    let text: String
    do throws(InputError) { text = try InputFile.text(path, .toml) } catch {
      throw UsageError(text: "--fault: the fault file cannot be read: \(error)")
    }
    let found: [Fault]
    do throws(FaultFileError) {
      found = try FaultLibrary([(path, text)], sites: sites, checks: Check.all.map(\.name)).faults
    } catch {
      throw UsageError(text: error.description)
    }
    guard let fault = found.first else { throw UsageError(text: "--fault: \(path) has no fault") }
    return fault
  }

  /// Sites of both layers, so that a site of the other one is told from a misspelt one.
  static let sites =
    PaperSites.definitions
    + WireSites.definitions.filter { own in !PaperSites.definitions.contains { $0.name == own.name } }

  private static func served(_ fault: Fault) throws(UsageError) -> Fault {
    if let site = missing(fault) {
      throw UsageError(
        text: "--fault: '\(fault.id)' acts at \(site), which is inside the engine; a served exchange has "
          + WireSites.definitions.map(\.name).joined(separator: ", "))
    }
    return fault
  }

  /// The first site of a fault that a served exchange does not have; nil: it has all.
  private static func missing(_ fault: Fault) -> String? {
    fault.injects.map(\.site).first { site in !WireSites.definitions.contains { $0.name == site } }
  }
}
