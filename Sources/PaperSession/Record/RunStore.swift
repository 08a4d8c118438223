public import Basics
import ChaosRuntime
public import Checks
public import Exploration
import Watchdog

/// Makes session directories of runs, and writes them.
public struct RunStore: Sendable {
  /// Of the program that made the recordings.
  public var build: String
  /// The wall clock.
  public var now: @Sendable () -> Instant
  /// Writes a whole directory; why it failed, nil: it is there.
  public var put: @Sendable (_ files: [(path: String, bytes: [UInt8])], _ directory: String) -> String?

  /// A store; `put` says why it could not write, nil: it has.
  public init(
    build: String, now: @escaping @Sendable () -> Instant,
    put: @escaping @Sendable (_ files: [(path: String, bytes: [UInt8])], _ directory: String) -> String?
  ) {
    self.build = build
    self.now = now
    self.put = put
  }

  /// What run.json gets on top of what the session knows of itself.
  public struct About {
    /// The run seed of the command.
    public var seed: UInt64
    /// Names of the checks that judge the run.
    public var judgedBy: [String]
    /// The command that runs it again.
    public var replay: String?
    /// What `--lock-order` found; the verdicts are made again with it.
    public var lockOrder: JSON?

    /// Without an order of locks.
    public init(seed: UInt64, judgedBy: [String], replay: String?) {
      self.seed = seed
      self.judgedBy = judgedBy
      self.replay = replay
    }
  }

  /// Writes a run into a directory of its own; why it failed, nil: it is there.
  public func write(_ report: RunReport, _ about: About, to directory: String) -> String? {
    put(files(report, about), directory)
  }

  /// All files of one run: the session's, its recording, and its dump when there was an incident.
  public func files(_ report: RunReport, _ about: About) -> [(path: String, bytes: [UInt8])] {
    var files = SessionFiles(report.judgement.files)
    let json = files["run.json"].flatMap { try? JSON.parse($0) }
    let recording = Array(headed(report.recording, json, about).text.utf8)
    files.set("recording.txt", recording)
    if let dump = report.dump {
      files.set("stackdump.txt", Array(dump.render(symbolized: true, next: next(about)).utf8))
    }
    if let json { complete(json, &files, about, recording: recording) }
    return files.files
  }

  /// What a dump leads on to: the session has a recording.
  private func next(_ about: About) -> [String] {
    guard let replay = about.replay, let place = replay.split(separator: " ").last else { return [] }
    return ["what it means: chaos doctor \(place)", "again: \(replay)", "smallest case: chaos shrink \(place)"]
  }

  /// The recording with what is known only here: the run seed, the build, and a hash of the inputs.
  private func headed(_ recording: Recording, _ run: JSON?, _ about: About) -> Recording {
    var recording = recording
    recording.header.removeAll { ["seed", "build", "scenario"].contains($0.name) }
    let inputs = run?["inputs"]
    recording.header.insert(
      contentsOf: [
        ("seed", "\(about.seed)"), ("build", build),
        ("scenario", inputs.map { RecordedRun.hash($0) } ?? "unknown"),
      ], at: 0)
    return recording
  }

  /// Adds what only the command knows to run.json.
  public func complete(_ files: inout SessionFiles, _ about: About, recording: [UInt8]?) {
    guard let bytes = files["run.json"], let json = try? JSON.parse(bytes) else { return }
    complete(json, &files, about, recording: recording)
  }

  private func complete(_ run: JSON, _ files: inout SessionFiles, _ about: About, recording: [UInt8]?) {
    guard var members = run.members else { return }
    let at = members.firstIndex { $0.key == "verdicts" } ?? members.count
    let hash = recording.map { Mixing.hash($0) }
    let added: [(key: String, value: JSON)] = [
      ("seed", .number("\(about.seed)")), ("judged_by", .array(about.judgedBy.map { .string($0) })),
      ("recording_hash", hash.map { .string(String($0, radix: 16)) } ?? .null),
      ("wall_started", .string(now().iso8601())),
      ("replay", about.replay.map { .string($0) } ?? .null),
    ]
    members.insert(contentsOf: added, at: at)
    if let order = about.lockOrder { members.insert(("lock_order", order), at: at) }
    files.set("run.json", Array(JSON.object(members).pretty().utf8))
    if about.lockOrder != nil { Self.judgeAgain(&files) }
  }

  /// Makes the verdicts of run.json again, where something that they read or name has changed since.
  private static func judgeAgain(_ files: inout SessionFiles) {
    guard let record = try? SessionRecord(files: files), var members = record.run.json.members else { return }
    members.removeAll { $0.key == "verdicts" }
    members.append(("verdicts", .array(Check.judge(record).map(\.json))))
    files.set("run.json", Array(JSON.object(members).pretty().utf8))
  }
}

extension RunStore {
  /// The event log named after the session, as the guide's globs expect: `logs/events_<stamp>.jsonl`. The evidence in
  /// run.json names it so too.
  public static func stamped(_ files: [(path: String, bytes: [UInt8])], base: String) -> [(
    path: String, bytes: [UInt8]
  )] {
    let name = base.split(separator: "/").last ?? ""
    guard name.hasPrefix("session_") else { return files }
    let stamp = name.dropFirst("session_".count)
    let log = "logs/events_\(stamp).jsonl"
    var stamped = SessionFiles(
      files.map { path, bytes in path == PaperSystem.eventsPath ? (log, bytes) : (path, bytes) })
    // A dump that has come since is evidence too.
    if stamped["stackdump.txt"] != nil || !rename(PaperSystem.eventsPath, log, &stamped) { judgeAgain(&stamped) }
    return stamped.files
  }

  /// Names a file anew in the verdicts of run.json; false where they are not those of every check.
  private static func rename(_ old: String, _ new: String, _ files: inout SessionFiles) -> Bool {
    guard let bytes = files["run.json"], let json = try? JSON.parse(bytes), var members = json.members,
      let at = members.firstIndex(where: { $0.key == "verdicts" }), let verdicts = members[at].value.array,
      verdicts.compactMap({ $0["check"]?.string }) == Check.all.map(\.name)
    else { return false }
    members[at].value = .array(verdicts.map { renamed($0, old, new) })
    files.set("run.json", Array(JSON.object(members).pretty().utf8))
    return true
  }

  private static func renamed(_ value: JSON, _ old: String, _ new: String) -> JSON {
    switch value {
    // Few pieces of evidence name it, and replacing is slow also where there is nothing to replace.
    case .string(let text): .string(text.contains(bytesOf: old) ? text.replacing(old, with: new) : text)
    case .array(let items): .array(items.map { renamed($0, old, new) })
    case .object(let members): .object(members.map { ($0.key, renamed($0.value, old, new)) })
    case .null, .bool, .number: value
    }
  }
}

extension String {
  /// Whether the bytes of `part`, which has some, stand anywhere in the text.
  fileprivate func contains(bytesOf part: String) -> Bool {
    var (text, part) = (self, part)
    return text.withUTF8 { text in
      part.withUTF8 { part in
        var start = 0
        while start + part.count <= text.count {
          var length = 0
          while length < part.count, text[start + length] == part[length] { length += 1 }
          if length == part.count { return true }
          start += 1
        }
        return false
      }
    }
  }
}
