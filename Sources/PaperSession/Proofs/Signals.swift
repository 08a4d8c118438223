import Checks

/// How often the engine saw a signal, per symbol: what recorded data is worth.
public enum Signals {
  /// One line, of a session's files; empty when they cannot be read.
  public static func text(_ files: [(path: String, bytes: [UInt8])]) -> String {
    guard let record = try? SessionRecord(files: SessionFiles(files)) else { return "" }
    var counts: [(symbol: String, count: Int)] = []
    for event in record.events(.decisionEnd) where event.text(.outcome) == "signal_detected" {
      let symbol = event.text(.symbol) ?? "?"
      if let index = counts.firstIndex(where: { $0.symbol == symbol }) {
        counts[index].count += 1
      } else {
        counts.append((symbol, 1))
      }
    }
    let all = record.events.first { $0.type == .engineStart }?.fields["symbols"]?.array?.compactMap(\.string) ?? []
    let list = counts.sorted { $0.symbol < $1.symbol }.map { "\($0.symbol) \($0.count)" }.joined(separator: "  ")
    return "Signals \(list.isEmpty ? "none" : list)   (of \(all.count) symbols)\n"
  }
}
