import Basics
import FaultInjection
import PaperSession
import TradingEngine

/// Engine settings from a TOML file: `NAME = VALUE`, one a line, no tables.
enum ConfigFile {
  static func settings(_ bytes: [UInt8], path: String) throws(UsageError) -> [PaperInputs.Setting] {
    let document: TOMLDocument
    do throws(SourceError) { document = try TOMLDocument(parsing: bytes, file: path) } catch {
      throw UsageError(text: error.description)
    }
    var settings: [PaperInputs.Setting] = []
    var known = EngineSettings()
    var session = SessionSettings()
    for entry in document.root.entries {
      guard let text = text(entry.value, in: document) else {
        let error = document.error(at: entry, "'\(entry.key)' is not a single value; settings are NAME = VALUE")
        throw UsageError(text: error.description)
      }
      do throws(SettingError) {
        if try !session.set(entry.key, text) { try known.set(entry.key, text) }
      } catch {
        let isUnknown = if case .unknownName = error { true } else { false }
        let place = isUnknown ? entry.offset : entry.value.offset
        let near = isUnknown ? Suggestion.closest(to: entry.key, in: EngineSettings.names) : nil
        throw UsageError(text: document.source.error(at: place, "\(error)", meant: near).description)
      }
      settings.append(PaperInputs.Setting(name: entry.key, value: text))
    }
    return settings
  }

  private static func text(_ value: TOMLValue, in document: TOMLDocument) -> String? {
    switch value.kind {
    case .string(let text): text
    case .integer(let number): "\(number)"
    // As it stands there: floating point would round it.
    case .float: document.written(value)
    case .boolean(let flag): flag ? "True" : "False"
    default: nil
    }
  }
}
