import Basics
import Trading

/// The orders of a session over time: one lane for each pair and side of the story.
public struct Timeline {
  /// One mark in a lane.
  struct Mark {
    var time: Instant
    /// `s` sent, `a` acknowledged, `F` filled, `p` in part, `x` failed, `c` canceled, `?` no end.
    var letter: Character
    /// Whether the two sides differ in this order.
    var isDisputed: Bool
    var says: String
  }

  /// The marks of one pair by one side.
  struct Lane {
    var symbol: String
    var side: FieldMap.Side
    var marks: [Mark]
  }

  let lanes: [Lane]
  let first: Instant
  let last: Instant
  private let hidden: Int

  private static let lanesMax = 12
  /// Columns of the names before the lanes.
  private static let nameWidth = 18
  private static let laneWidth = Reconciliation.width - nameWidth

  init(_ reconciliation: Reconciliation) {
    let session = reconciliation.session
    let disputed = Set(reconciliation.disagreements.flatMap { $0.log + $0.truth })
    var logs: [String: [Mark]] = [:]
    var venues: [String: [Mark]] = [:]
    for belief in session.beliefs {
      let isDisputed = belief.sent.map { disputed.contains($0.place) } ?? false
      func put(_ mark: FieldMark?, _ letter: Character, _ word: String) {
        guard let mark else { return }
        logs[belief.symbol, default: []].append(
          Mark(
            time: reconciliation.clock.venueTime(mark.time), letter: letter, isDisputed: isDisputed,
            says: "\(word) \(belief.side?.rawValue ?? "") \(belief.clientId) (\(session.place(mark.place)))"))
      }
      put(belief.sent, "s", "sent")
      put(belief.finals.first?.mark, "F", "filled")
      put(belief.failed, "x", "failed")
      put(belief.canceled, "c", "canceled")
    }
    let unlogged = Set(reconciliation.matches.filter { $0.belief == nil }.compactMap(\.truth))
    for (index, truth) in session.truths.enumerated() {
      if truth.isOwnCall, unlogged.contains(index) { continue }
      guard let placed = truth.placed ?? truth.last else { continue }
      let letter: Character =
        switch truth.state {
        case .filled: "F"
        case .partly: "p"
        case .canceled: "c"
        case .failed: "x"
        case .open: "o"
        case .unknown: "?"
        }
      venues[truth.symbol, default: []].append(
        Mark(
          time: truth.trades.last?.mark.time ?? placed.time, letter: letter,
          isDisputed: disputed.contains(placed.place),
          says:
            "\(truth.state.rawValue) \(truth.side?.rawValue ?? "") \(truth.orderId) (\(session.place(placed.place)))"))
    }
    let symbols = Set(logs.keys).union(venues.keys)
    func weight(_ symbol: String) -> Int {
      let marks = (logs[symbol] ?? []) + (venues[symbol] ?? [])
      return marks.filter(\.isDisputed).count * 1000 + marks.count
    }
    let ranked = symbols.sorted { (weight($1), $0) < (weight($0), $1) }
    let shown = ranked.prefix(Self.lanesMax / 2)
    hidden = ranked.count - shown.count
    lanes = shown.flatMap { symbol in
      [
        Lane(symbol: symbol, side: .log, marks: logs[symbol] ?? []),
        Lane(symbol: symbol, side: .truth, marks: venues[symbol] ?? []),
      ]
    }
    let times = lanes.flatMap { $0.marks.map(\.time) }
    first = times.min() ?? .simulationEpoch
    last = times.max() ?? .simulationEpoch
  }

  private func column(_ time: Instant, of width: Int) -> Int {
    let span = (last - first).seconds
    return span <= 0 ? 0 : min(width - 1, Int((time - first).seconds / span * Double(width - 1)))
  }

  /// In 80 columns. Where several marks fall on one column the most telling is shown.
  public var text: String {
    if lanes.allSatisfy(\.marks.isEmpty) { return "" }
    let (start, end) = (Self.clock(first), Self.clock(last))
    var out = "Timeline  s sent, F filled, p in part, c canceled, x failed, o open, ? no end\n"
    let gap = String(repeating: " ", count: max(1, Self.laneWidth - start.count - end.count))
    out += String(repeating: " ", count: Self.nameWidth) + start + gap + end + "\n"
    for lane in lanes {
      var row = [Character](repeating: "·", count: Self.laneWidth)
      for mark in lane.marks {
        let at = column(mark.time, of: Self.laneWidth)
        if Self.order.firstIndex(of: mark.letter) ?? 9 < Self.order.firstIndex(of: row[at]) ?? 9 {
          row[at] = mark.letter
        }
      }
      let name = lane.side == .log ? String(lane.symbol.prefix(10)) : ""
      out +=
        "\(Reconciliation.pad(name, 11))\(Reconciliation.pad(lane.side == .log ? "log" : "venue", 7))\(String(row))\n"
    }
    if hidden > 0 { out += "  ... and \(hidden) more pairs (--svg has the same ones, --csv all orders that differ)\n" }
    return out
  }

  private static let order: [Character] = ["F", "p", "x", "c", "o", "?", "s"]

  static func clock(_ time: Instant) -> String { String(time.iso8601().dropFirst(11).prefix(12)) }

  // MARK: SVG

  /// As a picture: circles are marks, red where the two sides differ; a title tells each.
  public var svg: String {
    let (left, width, row) = (150, 1000, 26)
    let height = 60 + row * lanes.count
    var out = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(left + width + 20)\" height=\"\(height)\""
    out += " font-family=\"monospace\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    out += "<text x=\"\(left)\" y=\"20\">\(first)</text>\n"
    out += "<text x=\"\(left + width)\" y=\"20\" text-anchor=\"end\">\(last)</text>\n"
    for (index, lane) in lanes.enumerated() {
      let y = 45 + row * index
      out +=
        "<text x=\"8\" y=\"\(y + 4)\">\(Self.escaped("\(lane.symbol) \(lane.side == .log ? "log" : "venue")"))</text>\n"
      out += "<line x1=\"\(left)\" y1=\"\(y)\" x2=\"\(left + width)\" y2=\"\(y)\" stroke=\"#ccc\"/>\n"
      for mark in lane.marks {
        let x = left + column(mark.time, of: width)
        out += "<g><title>\(Self.escaped("\(mark.time) \(mark.says)"))</title>"
        out +=
          "<circle cx=\"\(x)\" cy=\"\(y)\" r=\"8\" fill=\"\(mark.isDisputed ? "#d33" : "#3a7")\" fill-opacity=\"0.6\"/>"
        out += "<text x=\"\(x)\" y=\"\(y + 4)\" text-anchor=\"middle\">\(mark.letter)</text></g>\n"
      }
    }
    return out + "</svg>\n"
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.append(character)
      }
    }
    return out
  }
}
