import Basics
import ChaosRuntime
import Checks
import Exploration
import PaperSession
import Watchdog

/// Writes runs as session directories.
enum RunDirectory {
  /// What run.json gets on top of what the session knows of itself.
  struct Extras {
    var seed: UInt64
    var judgedBy: [String]
    var replay: String?
    /// What `--lock-order` found; the verdicts are made again with it.
    var lockOrder: JSON?
  }

  /// All files of one run: the session's, its recording, and its dump when there was an incident.
  static func files(_ report: RunReport, extras: Extras) -> [(path: String, bytes: [UInt8])] {
    var files = SessionFiles(report.judgement.files)
    let recording = Array(headed(report.recording, files, extras).text.utf8)
    files.set("recording.txt", recording)
    if let dump = report.dump { files.set("stackdump.txt", Array(dump.render(symbolized: true).utf8)) }
    complete(&files, extras: extras, recording: recording)
    return files.files
  }

  /// The recording with what is known only here: the run seed, the build, and a hash of the inputs.
  private static func headed(_ recording: Recording, _ files: SessionFiles, _ extras: Extras) -> Recording {
    var recording = recording
    recording.header.removeAll { ["seed", "build", "scenario"].contains($0.name) }
    let inputs = files["run.json"].flatMap { try? JSON.parse($0) }?["inputs"]
    recording.header.insert(
      contentsOf: [
        ("seed", "\(extras.seed)"), ("build", BuildIdentity.current),
        ("scenario", inputs.map { RecordedRun.hash($0) } ?? "unknown"),
      ], at: 0)
    return recording
  }

  static func complete(_ files: inout SessionFiles, extras: Extras, recording: [UInt8]?) {
    guard let bytes = files["run.json"], let json = try? JSON.parse(bytes), var members = json.members else { return }
    let at = members.firstIndex { $0.key == "verdicts" } ?? members.count
    let hash = recording.map { Mixing.hash(String(decoding: $0, as: UTF8.self)) }
    let added: [(key: String, value: JSON)] = [
      ("seed", .number("\(extras.seed)")), ("judged_by", .array(extras.judgedBy.map { .string($0) })),
      ("recording_hash", hash.map { .string(String($0, radix: 16)) } ?? .null),
      ("wall_started", .string(WallClock.now.iso8601())),
      ("replay", extras.replay.map { .string($0) } ?? .null),
    ]
    members.insert(contentsOf: added, at: at)
    if let order = extras.lockOrder { members.insert(("lock_order", order), at: at) }
    files.set("run.json", Array(JSON.object(members).pretty().utf8))
    if extras.lockOrder != nil { judgeAgain(&files) }
  }

  /// Makes the verdicts of run.json again, where something that they read or name has changed since.
  private static func judgeAgain(_ files: inout SessionFiles) {
    guard let record = try? SessionRecord(files: files), var members = record.run.json.members else { return }
    members.removeAll { $0.key == "verdicts" }
    members.append(("verdicts", .array(Check.judge(record).map(\.json))))
    files.set("run.json", Array(JSON.object(members).pretty().utf8))
  }
}

extension RunDirectory {
  /// The event log named after the session, as the guide's globs expect: `logs/events_<stamp>.jsonl`. The evidence in
  /// run.json names it so too.
  static func stamped(_ files: [(path: String, bytes: [UInt8])], base: String) -> [(path: String, bytes: [UInt8])] {
    let name = base.split(separator: "/").last ?? ""
    guard name.hasPrefix("session_") else { return files }
    let stamp = name.dropFirst("session_".count)
    var stamped = SessionFiles(
      files.map { path, bytes in
        path == "logs/events_session.jsonl" ? ("logs/events_\(stamp).jsonl", bytes) : (path, bytes)
      })
    judgeAgain(&stamped)
    return stamped.files
  }
}
