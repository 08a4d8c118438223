import Basics
import Trading

/// A session that an incident or a crash ended: what it had not done yet says nothing about who would have done it.
extension Diagnosis {
  static let cutShort: Reader = { record in
    let incident = record.run.incidents.first
    guard record.isCutShort || incident != nil, record.count(.shutdownComplete) == 0 else { return nil }
    let told = incident == nil ? nil : record.runFile.line("summary")
    let silence =
      record.run.isUnfinished ? "run.json was never finished, so it was killed, or it still runs" : "no word why"
    let length = seconds((record.lastWord - record.run.start).seconds)
    return Cause(
      "cut-short",
      "the session was cut short after \(length): \(incident?.summary ?? record.run.crash ?? silence)",
      // The whole log, so that it stands before all that the log seems to lack.
      weight: max(1, record.events.count),
      [
        (told ?? (record.run.isUnfinished ? record.runFile.line("unfinished") : nil)).map {
          Evidence(place: "\(record.runFile.path):\($0.number)", text: $0.text)
        }
      ]
        + record.events.suffix(1).map { record.evidence($0) },
      next: record.run.isUnfinished
        ? "who ended it: 'journalctl -k' shows whether memory ran out, the caller of the exit code; or wait for its end"
        : "what ended it: incidents of run.json, stackdump.txt; 'chaos check' judges no-deadlock, no-stuck-wait and "
          + CheckName.noCrash.rawValue)
  }
}
