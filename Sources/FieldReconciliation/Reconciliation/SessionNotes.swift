import Basics
import Trading

/// What a reader has to know of the files before they trust the table.
enum SessionNotes {
  static func all(of session: FieldSession, _ matches: [OrderMatch], _ clock: ClockOffset) -> [String] {
    var notes = session.missing.map { "\($0.file) is missing; it would tell \($0.cost)" }
    for file in session.files { notes += of(file) }
    notes += runs(session)
    notes += times(session, clock)
    notes += grounds(session, matches)
    if session.files.contains(where: { $0.side == .truth }), !session.knowsOrders {
      let trades = session.truths.contains { !$0.trades.isEmpty }
      notes.append(
        "the truth has \(trades ? "trades" : "balances") and no orders: what was never sent, and what rests, cannot be told; "
          + "an export of orders would")
    }
    notes += outcomesUnknown(session, matches)
    let unlogged = matches.filter { match in
      match.belief == nil && match.truth.map { session.truths[$0].isOwnCall } == true
    }
    if !unlogged.isEmpty {
      let sum = unlogged.compactMap { $0.truth.flatMap { session.truths[$0].cost } }.reduce(Decimal.zero, +)
      let quote = unlogged.first?.truth.map { Reconciler.quote(session.truths[$0].symbol) } ?? ""
      let first =
        unlogged.first?.truth.flatMap { session.truths[$0].placed?.place }.map { " (first at \(session.place($0)))" }
        ?? ""
      notes.append(
        "the bot's own record of calls has \(unlogged.count) more orders that its order log does not have, "
          + "\(FieldMoney.text(sum)) \(quote)\(first)")
    }
    return notes
  }

  /// Orders that the venue does not have and of which the log says itself that it does not know what became of them: no
  /// disagreement, but an answer.
  private static func outcomesUnknown(_ session: FieldSession, _ matches: [OrderMatch]) -> [String] {
    let told = session.outcomesUnknown
    let lost = matches.compactMap { match in match.truth == nil ? match.belief.map { session.beliefs[$0] } : nil }
      .filter { $0.state == .unknown && told.contains($0.clientId) }
    guard session.knowsOrders, let first = lost.first else { return [] }
    let place = (first.sent ?? first.last).map { " (\(session.place($0.place)))" } ?? ""
    let which = lost.count == 1 ? "\(first.clientId)\(place)" : "first \(first.clientId)\(place)"
    return [
      "\(lost.count) order\(lost.count == 1 ? "" : "s") whose outcome the log calls unknown never reached the venue: \(which)"
    ]
  }

  private static func of(_ file: FieldFile) -> [String] {
    var notes: [String] = []
    if file.lines == 0 { notes.append("\(file.path) is empty") }
    if file.broken.count > 0 {
      let places = file.broken.first.map { "\(file.path):\($0)" }.joined(separator: ", ")
      notes.append("\(file.broken.count) of \(file.lines) lines were skipped, because they cannot be read: \(places)")
    }
    if file.isCutOff {
      notes.append(
        "\(file.path) is packed and ends too early, as a killed process or a broken copy leaves it; what comes before was read"
      )
    } else if file.isTorn {
      notes.append("\(file.path) ends within a line, as the file of a killed process does; that line was left out")
    }
    if file.copies > 0 {
      notes.append("\(file.copies) lines of \(file.path) are copies of lines that were read before; they count once")
    }
    if file.twins > 0 {
      notes.append(
        "\(file.twins) rows of \(file.path) are equal to another row of it; they count as trades of their own, and may be one twice"
      )
    }
    if file.disordered > 0 {
      notes.append("\(file.disordered) lines of \(file.path) are out of the order of time; they were sorted")
    }
    for line in file.setBack {
      notes.append(
        "the clock of \(file.path) goes back by an hour at line \(line), as at the end of summer time; what follows was moved on"
      )
    }
    if file.isWithoutZone { notes.append("the times of \(file.path) name no zone; UTC was assumed") }
    if file.cut > 0 {
      notes.append("\(file.cut) amounts of \(file.path) have more than 12 digits behind the point; the rest was cut")
    }
    return notes
  }

  private static func runs(_ session: FieldSession) -> [String] {
    let count = max(session.runs.count, session.starts.count)
    if count < 2 { return [] }
    let names = session.runs.isEmpty ? "" : ": \(session.runs.prefix(3).joined(separator: ", "))"
    return [
      "the log holds \(count) sessions\(names); they are read as one, and a name that comes again is another order"
    ]
  }

  private static func times(_ session: FieldSession, _ clock: ClockOffset) -> [String] {
    guard let first = clock.changes.first else { return [] }
    func words(_ seconds: Int) -> String {
      let (hours, minutes) = (abs(seconds) / 3600, abs(seconds) % 3600 / 60)
      let size = "\(hours):\(minutes < 10 ? "0" : "")\(minutes) h"
      return seconds == 0
        ? "as the venue's" : seconds > 0 ? "\(size) behind the venue's" : "\(size) ahead of the venue's"
    }
    if clock.changes.count == 1 { return ["the log's clock is \(words(first.seconds)); its times were corrected"] }
    return zip(clock.changes, clock.changes.dropFirst()).map { earlier, step in
      let before = earlier.seconds
      let why = abs(step.seconds - before) == 3600 ? "a change of summer time" : "the clock was set"
      return
        "the log's clock is \(words(before)), and from \(step.from) on \(words(step.seconds)) (\(why)); its times were corrected"
    }
  }

  private static func grounds(_ session: FieldSession, _ matches: [OrderMatch]) -> [String] {
    var notes: [String] = []
    for ground in OrderMatch.Ground.allCases {
      let count = matches.count { $0.ground == ground }
      if count == 0 || ground == .clientId { continue }
      let sure: String =
        switch ground {
        case .orderId: "sure"
        case .alone: "likely: nothing else fits"
        default: "possible: others fit as well, and sums by order may be exchanged between them"
        }
      notes.append("\(count) of \(session.beliefs.count) orders were matched by \(ground.rawValue) (\(sure))")
    }
    return notes
  }
}
