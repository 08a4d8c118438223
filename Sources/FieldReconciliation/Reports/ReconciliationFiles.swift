public import Basics
import Trading

extension Reconciliation {
  /// Everything, for programs. Money stands as text, exact.
  public func json(with diagnosis: FieldDiagnosis?) -> JSON {
    .object([
      ("session", .string(session.path)), ("map", .string(session.map)),
      (
        "files",
        .array(
          session.files.map { file in
            .object([
              ("path", .string(file.path)), ("side", .string(file.side.rawValue)), ("lines", .int(file.lines)),
              ("broken", .int(file.broken.count)), ("copies", .int(file.copies)),
              ("out_of_order", .int(file.disordered)),
            ])
          })
      ),
      (
        "table",
        .array(
          rows.map { row in
            .object([
              ("row", .string(row.name)), ("log", .int(row.log)), ("venue", .int(row.venue)),
              ("bound", .string(row.bound.rawValue)),
            ])
          })
      ),
      ("unseen", .array(unseen.map(Self.json))),
      ("sums", .array(sums.map { .object([("kind", .string($0.kind.rawValue)), ("money", Self.json($0.money))]) })),
      ("disagreements", .array(disagreements.map(json))),
      (
        "doubled",
        .array(
          doubled.map { run in
            .object([
              ("symbol", .string(run.symbol)), ("side", .string(run.side.rawValue)),
              ("orders", .int(run.matches.count)),
              ("gaps_s", .array(run.gaps.map { .double($0) })), ("attempts", .int(run.attempts.count)),
            ])
          })
      ),
      (
        "clock",
        .array(
          clock.steps.map { step in
            .object([("from", .string(step.from.description)), ("add_s", .int(step.seconds))])
          })
      ),
      ("diagnosis", diagnosis?.json(session) ?? .null), ("notes", .array(notes.map { .string($0) })),
      ("verdict", .string(verdict)), ("exit_code", .int(Int(exitCode))),
    ])
  }

  var json: JSON { json(with: nil) }

  private static func json(_ money: FieldMoney) -> JSON {
    .object([
      ("amount", .string(money.amount.description)), ("asset", .string(money.asset)),
      ("bound", .string(money.bound.rawValue)),
    ])
  }

  private func json(_ entry: Disagreement) -> JSON {
    .object([
      ("kind", .string(entry.kind.rawValue)), ("also", .array(entry.also.map { .string($0.rawValue) })),
      ("symbol", .string(entry.symbol)), ("names", .string(entry.names)),
      ("time", entry.time.map { .string($0.description) } ?? .null), ("money", entry.money.map(Self.json) ?? .null),
      ("says", .string(entry.says)), ("log", .array(entry.log.map { .string(session.place($0)) })),
      ("truth", .array(entry.truth.map { .string(session.place($0)) })),
    ])
  }

  /// The disagreements as a table with a header (RFC 4180), every place of them included.
  public var csv: String {
    var out = "kind,also,symbol,names,time,amount,asset,bound,says,log,truth\n"
    for entry in disagreements {
      let cells = [
        entry.kind.rawValue, entry.also.map(\.rawValue).joined(separator: " "), entry.symbol, entry.names,
        entry.time?.description ?? "", entry.money?.amount.description ?? "", entry.money?.asset ?? "",
        entry.money?.bound.rawValue ?? "", entry.says, entry.log.map { session.place($0) }.joined(separator: " "),
        entry.truth.map { session.place($0) }.joined(separator: " "),
      ]
      out += cells.map(Self.cell).joined(separator: ",") + "\n"
    }
    return out
  }

  /// A text that begins like a formula is quoted for table programs as well.
  package static func cell(_ text: String) -> String {
    let needs = text.contains { $0 == "," || $0 == "\"" || $0 == "\n" }
    let safe = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
    return needs ? "\"\(safe.replacing("\"", with: "\"\""))\"" : safe
  }

  /// The timeline as a picture.
  public var svg: String { Timeline(self).svg }
}
