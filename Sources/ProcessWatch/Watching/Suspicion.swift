/// Something that a watch found.
struct Suspicion {
  var verdict = ForeignDump.Verdict.suspected
  /// One incident has one key, and one dump.
  var key: String
  /// The process it is about.
  var process: Int32
  /// One line each.
  var reasons: [String]
  var edges: [ForeignDump.Edge] = []

  /// What the answers of a bootstrap show: circles always, the rest beyond a limit that the user gave.
  ///
  /// - Parameters:
  ///   - silence: seconds that the last question has been open.
  ///   - circles: those that were seen twice.
  static func found(
    process: Int32, circles: [PythonProcess.Circle], look: [[String]], silence: Double, limit: Double?
  ) -> [Suspicion] {
    var found = circles.map { circle in
      Suspicion(
        verdict: .deadlock, key: "circle \(process) \(circle.numbers.sorted())", process: process,
        reasons: circle.edges.map { "\($0.thread.text) waits at \($0.waits), \($0.holder.text) holds the lock" },
        edges: circle.edges)
    }
    guard let limit else { return found }
    let bound = "limit \(ForeignDumpText.duration(limit))"
    if silence > limit {
      let seconds = ForeignDumpText.duration(silence)
      found.append(
        Suspicion(
          key: "silence \(process)", process: process,
          reasons: ["the interpreter of process \(process) answers nothing for \(seconds), \(bound)"]))
      // What it said before is older than that.
      return found
    }
    for row in look where row.count > 4 && row[0] == "loop" {
      guard let seconds = Double(row[3]), seconds > limit else { continue }
      found.append(
        Suspicion(
          key: "loop \(process) \(row[1]) \(row[2])", process: process,
          reasons: [
            "the event loop of \(BootstrapRows.name(row[1], row[2]).text) is in one callback for "
              + "\(ForeignDumpText.duration(seconds)), \(bound); it stands at \(row[4])"
          ]))
    }
    for row in look where row.count == 9 && row[0] == "wait" {
      guard let seconds = Double(row[4]), seconds > limit else { continue }
      let edge = ForeignDump.Edge(
        thread: BootstrapRows.name(row[2], row[3]), lock: "a lock", waits: row[5],
        holder: BootstrapRows.name(row[6], row[7]), taken: row[8], seconds: seconds)
      found.append(
        Suspicion(
          key: "wait \(process) \(row[1])", process: process,
          reasons: [
            "\(edge.thread.text) waits for a lock at \(edge.waits) for \(ForeignDumpText.duration(seconds)), \(bound); "
              + "\(edge.holder.text) holds it"
          ], edges: [edge]))
    }
    return found
  }
}
