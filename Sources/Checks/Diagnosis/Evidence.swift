import Basics
import Trading

/// Lines of a session as evidence.
extension SessionRecord {
  typealias Evidence = Diagnosis.Evidence

  /// Letters of a line that are shown.
  private static let textMax = 200
  /// Members of a line that stand for themselves.
  private static let unshown = ["timestamp", "level", "event_type", "kind", "message"]

  func evidence(_ event: Event) -> Evidence {
    let name = event.level == "INFO" ? event.typeName : "\(event.level) \(event.typeName)"
    return Evidence(place: place(event), text: Self.shown(name, event))
  }

  func evidence(_ line: VenueLine) -> Evidence {
    Evidence(place: "logs/exchange.jsonl:\(line.line)", text: Self.shown(line.kind, line))
  }

  /// The line of config.json that sets this; nil when the file or the setting is absent.
  func settingLine(_ name: SettingName) -> Evidence? {
    config.flatMap { file in
      file.line(name.rawValue).map { Evidence(place: "\(file.path):\($0.number)", text: $0.text) }
    }
  }

  /// The line of metrics/summary.json that has this figure.
  func metricLine(_ name: FieldName) -> Evidence? {
    summaryFile.flatMap { file in
      file.line(name.rawValue).map { Evidence(place: "\(file.path):\($0.number)", text: $0.text) }
    }
  }

  /// The value of a setting in force; nil when config.json does not tell.
  func setting(_ name: SettingName) -> String? { config?.string(name.rawValue) }

  private static func shown(_ name: String, _ line: some RecordLine) -> String {
    var text = name
    for (key, value) in line.fields.members ?? [] where !unshown.contains(key) {
      text += " \(key)=\(value.string ?? value.text)"
    }
    return text.count > textMax ? String(text.prefix(textMax - 3)) + "..." : text
  }
}

extension Diagnosis.Cause {
  /// A cause with at most as many lines as are shown; nil without any.
  init?(
    _ id: String, _ says: String, weight: Int, _ evidence: [Diagnosis.Evidence?], next: String
  ) {
    let lines = evidence.compactMap { $0 }
    guard !lines.isEmpty, weight > 0 else { return nil }
    self.init(
      id: id, says: says, weight: weight, evidence: Array(lines.prefix(Diagnosis.evidenceMax)), next: next)
  }
}

/// `1 order`, `2 orders`.
func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
  "\(count) \(count == 1 ? one : many ?? one + "s")"
}
