import Basics
import ChaosRuntime

/// What a live session has besides a simulated one: a directory that grows with it, and somebody who may end it early.
public struct LiveSession: Sendable {
  /// The session's directory; it exists.
  public var directory: String
  /// What run.json says of the command.
  public var seed: UInt64
  /// Names of the checks that judge the session; empty: all.
  public var judgedBy: [String]
  /// The name of the signal that wants the session to end; nil: none. Asked about ten times a second.
  public var interruption: @Sendable () -> String?

  /// A live session in a directory that exists; nobody ends it early unless `interruption` says so.
  public init(
    directory: String, seed: UInt64, judgedBy: [String], interruption: @escaping @Sendable () -> String? = { nil }
  ) {
    self.directory = directory
    self.seed = seed
    self.judgedBy = judgedBy
    self.interruption = interruption
  }
}

/// An end that somebody asked for before the session's time.
struct SessionInterruption: Sendable {
  /// Its name, such as SIGINT.
  var signal: String
  var time: Instant

  var json: JSON { .object([("signal", .string(signal)), ("timestamp", .string(time.iso8601()))]) }
}
