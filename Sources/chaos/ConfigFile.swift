import FaultInjection
import PaperSession

/// Engine settings from a TOML file: `NAME = VALUE`, one a line, no tables.
enum ConfigFile {
  static func settings(_ bytes: [UInt8], path: String) throws(UsageError) -> [PaperInputs.Setting] {
    let table: TOMLTable
    do throws(TOMLError) { table = try TOML.parse(bytes, file: path) } catch { throw UsageError(text: error.description) }
    var settings: [PaperInputs.Setting] = []
    for entry in table.entries {
      guard let text = entry.value.scalarText else {
        throw UsageError(text: "\(path): \(entry.key) is no single value; settings are NAME = VALUE")
      }
      settings.append(PaperInputs.Setting(name: entry.key, value: text))
    }
    return settings
  }
}
