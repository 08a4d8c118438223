public import Basics
import HistoricalBugs

extension FieldDiagnosis {
  /// Signs of one hypothesis that the screen shows.
  private static let candidatesMax = 3

  /// For people, in 80 columns: what is named, with the signs for and against it, and what would decide.
  public func text(_ session: FieldSession) -> String {
    var out = "Diagnosis\n"
    if named.isEmpty {
      out +=
        signs.contains { $0.state == .seen }
        ? "  unknown: no mechanism that is known here explains these signs\n" : "  none: no sign of a known mechanism\n"
    }
    for entry in named {
      let tie =
        named.count { $0.rank == entry.rank && $0.seen.map(\.sign) == entry.seen.map(\.sign) } > 1 ? ", tied" : ""
      let kind =
        switch entry.hypothesis.origin {
        case .catalogue: ""
        case .known: ", outside the catalogue: no proof of a fix here"
        case .doctor: ", of the surroundings ('chaos doctor' says more of a session of ours)"
        }
      let head = "  \(entry.rank). \(entry.hypothesis.name)  "
      out += head + Reconciliation.wrapped("\(entry.hypothesis.title)\(tie)\(kind)", indent: head.count) + "\n"
      for sign in entry.seen { out += line("seen", sign, session) }
      for sign in entry.missed { out += line("missed", sign, session) }
      for sign in entry.notObservable + entry.wouldDecide { out += line("open", sign, session) }
      for sign in entry.against { out += line("against", sign, session) }
    }
    for sign in unexplained { out += line("not explained ", sign, session, indent: 2) }
    let close = ranked.filter { entry in
      !entry.isNamed && entry.score > 0 && !named.contains { $0.hypothesis.aliases.contains(entry.hypothesis.id) }
    }.prefix(Self.candidatesMax)
    if !close.isEmpty {
      let names = close.map { entry in
        let shows = entry.seen.map(\.sign.rawValue).joined(separator: ", ")
        let lacks = (entry.missed + entry.against).map(\.sign.rawValue).joined(separator: ", ")
        return "\(entry.hypothesis.name) (\(shows)\(lacks.isEmpty ? "" : "; but not \(lacks)"))"
      }
      out +=
        "  \(Reconciliation.wrapped("less likely: \(names.joined(separator: "; "))", indent: 2))\n"
    }
    return out
  }

  private func line(_ word: String, _ sign: SignReading, _ session: FieldSession, indent: Int = 5) -> String {
    let place = sign.place.map { " (\(session.place($0)))" } ?? ""
    let text = "\(sign.sign.rawValue)\(sign.says.isEmpty ? "" : ": \(sign.says)")\(place)"
    let head = String(repeating: " ", count: indent) + Reconciliation.pad(word, 8)
    return head + Reconciliation.wrapped(text, indent: head.count) + "\n"
  }

  /// For programs: every sign, and every hypothesis with a sign, the best first.
  public func json(_ session: FieldSession) -> JSON {
    func names(_ signs: [SignReading]) -> JSON { .array(signs.map { .string($0.sign.rawValue) }) }
    return .object([
      (
        "signs",
        .array(
          signs.map { sign in
            .object([
              ("sign", .string(sign.sign.rawValue)), ("state", .string(sign.state.rawValue)),
              ("says", .string(sign.says)),
              ("place", sign.place.map { .string(session.place($0)) } ?? .null),
            ])
          })
      ),
      (
        "hypotheses",
        .array(
          ranked.filter { !$0.seen.isEmpty || $0.score > 0 }.map { entry in
            .object([
              ("id", .string(entry.hypothesis.id)), ("rank", .int(entry.rank)), ("named", .bool(entry.isNamed)),
              ("score", .double(entry.score)), ("seen", names(entry.seen)), ("missed", names(entry.missed)),
              ("not_observable", names(entry.notObservable)), ("would_decide", names(entry.wouldDecide)),
              ("against", names(entry.against)),
            ])
          })
      ),
      ("named", .array(named.map { .string($0.hypothesis.id) })), ("unexplained", names(unexplained)),
    ])
  }
}
