public import Basics
public import TradingEngine

/// The bot's own watchdog as an exhibit of a broken oracle: a dump every 30 s, whatever the process does.
///
/// It was armed once with `repeat=True` and never by progress. Of the 115 dumps in the bot's history 84 show a healthy
/// process, 31 a real hang, and none a cycle of locks (HISTORY 3); its analysts took the first one for a crash. It rides on
/// the heartbeat, which is the engine's own.
public final class PeriodicDump: HeartbeatLogger {
  /// Where the dumps are appended, in the session directory.
  public static let path = "stackdump-metronome.txt"
  /// The first line of each.
  public static let header = "Timeout (0:00:30)!"
  private static let interval = Duration.seconds(30)

  private let context: EngineContext
  private let heartbeat: SteadyHeartbeat

  /// The exhibit beside the engine's own heartbeat.
  public init(_ parts: EngineAssembly) {
    context = parts.context
    heartbeat = SteadyHeartbeat(parts)
  }

  /// Starts the thread that dumps, then beats as the engine does.
  public func run() throws(Stopped) {
    try context.threads.start("metronome") { [self] () throws(Stopped) in try tick() }
    try heartbeat.run()
  }

  private func tick() throws(Stopped) {
    var next = context.startedAt + Self.interval
    while try !context.stopping.wait(until: next) {
      let alive = context.threads.all.filter { !$0.isFinished }.map {
        "Thread [\($0.name)] (most recent call first):\n"
      }
      _ = try context.runtime.disk.append(Array("\(Self.header)\n\(alive.joined())\n".utf8), to: Self.path)
      next = next + Self.interval
    }
  }
}
