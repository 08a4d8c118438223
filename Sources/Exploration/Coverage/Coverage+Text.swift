public import Basics

extension Coverage {
  /// Names of what was never seen that are listed per kind at most.
  private static let shownMax = 8

  /// A line a kind, and what was never seen.
  public var text: String {
    var out = "Coverage  \(schedules) schedules\n"
    out += "  \(Self.pad("", 22))\("  seen  new in last tenth  never hit  unseen mass")\n"
    for kind in Kind.allCases {
      let f = figures(kind)
      if f.seen == 0, f.neverHit == 0 { continue }
      let percent = JSON.double(f.unseenMass * 100, places: 2).text + " %"
      out +=
        "  \(Self.pad(kind.rawValue, 22))\(Self.right(f.seen, 6))\(Self.right(f.recent, 19))"
        + "\(Self.right(f.neverHit, 11))\(Self.right(percent, 13))\n"
    }
    for kind in Kind.allCases {
      let names = neverHit(kind)
      if names.isEmpty { continue }
      out += "  never hit, \(kind.rawValue): \(names.prefix(Self.shownMax).joined(separator: "; "))"
      out += names.count > Self.shownMax ? "; and \(names.count - Self.shownMax) more\n" : "\n"
    }
    if dropped > 0 { out += "  \(dropped) further names did not fit\n" }
    return out
  }

  /// Figures and all names, sorted: what a merge of several processes needs.
  public var json: JSON {
    .object([
      ("schedules", .int(schedules)), ("dropped", .int(dropped)),
      (
        "kinds",
        .object(
          Kind.allCases.map { kind in
            let f = figures(kind)
            return (
              kind.rawValue,
              .object([
                ("seen", .int(f.seen)), ("new_in_last_tenth", .int(f.recent)), ("seen_once", .int(f.once)),
                ("observations", .int(f.observations)), ("unseen_mass", .double(f.unseenMass, places: 6)),
                ("never_hit", .array(neverHit(kind).map { .string($0) })),
                (
                  "names",
                  .object(
                    sightings(kind).map { ($0.name, .array([.int($0.sighting.count), .int($0.sighting.first)])) })
                ),
              ])
            )
          })
      ),
    ])
  }

  /// Reads what `json` wrote; nil: it is none.
  public init?(json: JSON) {
    self.init()
    guard let schedules = json["schedules"]?.int, let kinds = json["kinds"] else { return nil }
    var other = Coverage()
    for kind in Kind.allCases {
      guard let members = kinds[kind.rawValue]?["names"]?.members else { return nil }
      for (name, pair) in members {
        guard let count = pair.array?.first?.int, let first = pair.array?.last?.int else { return nil }
        other.restore(Item(kind, name), Sighting(count: count, first: first))
      }
      other.expect((kinds[kind.rawValue]?["never_hit"]?.array ?? []).compactMap(\.string).map { Item(kind, $0) })
    }
    other.restore(schedules: schedules, dropped: json["dropped"]?.int ?? 0)
    merge(other)
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func right(_ value: some CustomStringConvertible, _ width: Int) -> String {
    let text = value.description
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
