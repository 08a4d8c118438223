public import Basics

/// What to watch, by which signs, and where dumps go.
public struct WatchOptions: Sendable {
  /// Whom to watch.
  public enum Subject: Sendable {
    /// A program that the watcher starts: its words, its path or name first.
    case command([String])
    /// A process that runs already; it is looked at from outside only.
    case process(Int32)
  }

  /// What tells that the program gets on.
  public enum Heartbeat: Sendable {
    /// The file's size, time or identity changes.
    case file(String)
    /// A line of the program's output that the function accepts; the text is how the user wrote it.
    case line(String, @Sendable (String) -> Bool)
    /// The address answers with a status of 200 to 299.
    case url(HeartbeatURL)

    /// How a report names it.
    var text: String {
      switch self {
      case .file(let path): "no change of '\(path)'"
      case .line(let pattern, _): "no line of output like '\(pattern)'"
      case .url(let url): "no answer of status 200 to 299 from \(url.text)"
      }
    }
  }

  /// Whom to watch.
  public var subject: Subject
  /// What tells that it gets on; nil: nothing, so that only what a bootstrap sees is judged.
  public var heartbeat: Heartbeat?
  /// Seconds without a heartbeat, in one wait for a lock, or in one callback of an event loop, that make a suspicion. Nil:
  /// 60 for heartbeats, and no limit for the others.
  public var stall: Double?
  /// Path of the first dump; the others are numbered, eight at most.
  public var dumpPath: String
  /// End the program at the first verdict.
  public var isFatal = false
  /// Write one dump now and end, without a verdict.
  public var isOneLook = false
  /// `libChaosLocks.so`, preloaded into the program so that its pthread mutexes have owners; nil: they have none.
  public var lockLibrary: String?
  /// The program's variables, `NAME=VALUE`.
  public var environment: [String]
  /// Signals that this process was started with as ignored; bit n - 1 is signal n.
  public var ignoredSignals: UInt64 = 0
  /// The wall clock.
  public var now: @Sendable () -> Instant
  /// Takes a line for people.
  public var say: @Sendable (String) -> Void

  /// Options with everything else at its default.
  public init(
    subject: Subject, dumpPath: String, environment: [String], now: @escaping @Sendable () -> Instant,
    say: @escaping @Sendable (String) -> Void
  ) {
    self.subject = subject
    self.dumpPath = dumpPath
    self.environment = environment
    self.now = now
    self.say = say
  }

  /// Seconds without a heartbeat.
  var heartbeatLimit: Double { stall ?? 60 }

  /// Dumps of one watch at most.
  static let dumpsMax = 8
  /// A circle that was found must still be there after so many seconds.
  static let confirmation = 0.5

  /// A variable's value.
  func variable(_ name: String) -> String? {
    environment.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
  }

  /// The file that a command's name stands for: searched for in PATH as a shell does. Nil: there is none.
  func executable(_ name: String) -> String? { Programs.path(of: name, variable("PATH")) }
}

/// What a watch ended with.
public struct WatchOutcome: Sendable {
  /// The worst verdict; nil: nothing was found.
  public var verdict: ForeignDump.Verdict?
  /// What each verdict said, in order.
  public var reasons: [String] = []
  /// Dumps that were written.
  public var dumps: [String] = []
  /// Verdicts without a dump, as eight had been written.
  public var undumpedCount = 0
  /// The program's exit code; nil: a signal ended it, or it was not waited for.
  public var ownCode: Int32?
  /// The signal that ended the program.
  public var ownSignal: Int32?
  /// Why the watch itself failed.
  public var failure: String?
  /// The code of such a failure: 125, or 126 and 127 where the program cannot be started or found.
  public var failureCode: Int32 = 125
  /// Seconds of the watch.
  public var seconds = 0.0
  /// What watched, and what could not.
  public var remarks: [String] = []

  /// 4: a circle of locks; 3: a suspicion; 125 to 127: the watch failed; else the program's own code, 128 and the number
  /// for a signal.
  public var exitCode: Int32 {
    switch verdict {
    case .deadlock: return ExitCode.stuck
    case .suspected: return ExitCode.inconclusive
    case .asked, nil: break
    }
    if failure != nil { return failureCode }
    return ownSignal.map { 128 + $0 } ?? ownCode ?? ExitCode.pass
  }

  /// For programs.
  public var json: JSON {
    let word =
      switch verdict {
      case .deadlock: "deadlock"
      case .suspected: "suspected"
      case .asked, nil: failure == nil ? "none" : "failed"
      }
    return .object([
      ("verdict", .string(word)), ("exit_code", .int(Int(exitCode))), ("reasons", .array(reasons.map { .string($0) })),
      ("dumps", .array(dumps.map { .string($0) })), ("undumped", .int(undumpedCount)),
      ("command_code", ownCode.map { .int(Int($0)) } ?? .null),
      ("command_signal", ownSignal.map { .int(Int($0)) } ?? .null),
      ("failure", failure.map { .string($0) } ?? .null), ("seconds", .double(seconds)),
      ("remarks", .array(remarks.map { .string($0) })),
    ])
  }
}
