import FaultInjection
import PaperSession

/// Engine settings from a TOML file: `NAME = VALUE`, one a line, no tables.
enum ConfigFile {
  static func settings(_ bytes: [UInt8], path: String) throws(UsageError) -> [PaperInputs.Setting] {
    let document: TOMLDocument
    do throws(SourceError) { document = try TOMLDocument(parsing: bytes, file: path) } catch {
      throw UsageError(text: error.description)
    }
    var settings: [PaperInputs.Setting] = []
    for entry in document.root.entries {
      guard let text = text(entry.value) else {
        let error = document.error(at: entry, "'\(entry.key)' is no single value; settings are NAME = VALUE")
        throw UsageError(text: error.description)
      }
      settings.append(PaperInputs.Setting(name: entry.key, value: text))
    }
    return settings
  }

  private static func text(_ value: TOMLValue) -> String? {
    switch value.kind {
    case .string(let text): text
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .boolean(let flag): flag ? "True" : "False"
    default: nil
    }
  }
}
