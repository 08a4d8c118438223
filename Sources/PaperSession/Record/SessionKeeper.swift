import Basics
import ChaosRuntime
import FakeExchange
import Monitoring

/// Keeps the files of a live session that nobody else writes up to date: the venue's truth line by line, and run.json.
///
/// A killed session is judged from them, so they are half a second behind, not a session. One thread of its own does it;
/// the engine's threads meet it only at the venue's lock, for as long as a few entries take to copy. What it writes is no
/// part of the engine: it goes to the disk past the runtime, where no fault acts.
final class SessionKeeper: @unchecked Sendable {
  /// From one look to the next.
  private static let interval = Duration.milliseconds(500)
  /// Looks after which run.json is written again though no phase began.
  private static let looksPerRun = 10
  /// Entries that are copied at a time.
  private static let batchMax = 4096

  private let system: PaperSystem
  private let session: PaperSessionState
  private let live: LiveSession
  private let runtime: Runtime
  private let disk: FileDisk
  private let pacer: Pacer
  // The thread's own.
  private var venue = VenueHistory.Position()
  /// Lines of a venue elsewhere that the disk has refused so far.
  private var unwritten: [UInt8] = []
  private var looks = 0
  private var phasesWritten = 0

  init(_ system: PaperSystem, _ session: PaperSessionState, _ live: LiveSession, _ runtime: Runtime) {
    self.system = system
    self.session = session
    self.live = live
    self.runtime = runtime
    disk = FileDisk(directory: live.directory)
    pacer = Pacer(runtime, "session-files")
  }

  func start() throws(Stopped) -> ThreadHandle {
    try runtime.spawn("session-files") { [self] () throws(Stopped) in
      var isLast = false
      while !isLast {
        isLast = try pacer.wait(until: runtime.now + Self.interval)
        try keep()
      }
    }
  }

  /// Writes what is left and ends the thread, within 5 s: a disk may not answer.
  func finish(_ thread: ThreadHandle) throws(Stopped) {
    try pacer.end()
    _ = try thread.join(timeout: .seconds(5))
  }

  private func keep() throws(Stopped) {
    // What run.json says of its moment holds for the venue's lines too: they are written before it.
    let now = runtime.now
    guard try keepVenue() else { return }
    let phases = session.state.withLock { $0.phases.count }
    looks += 1
    guard phases != phasesWritten || looks >= Self.looksPerRun else { return }
    if try keepRun(at: now) { (looks, phasesWritten) = (0, phases) }
  }

  /// False: the disk refused lines. It gets them again the next time: the history has them until the end.
  private func keepVenue() throws(Stopped) -> Bool {
    let (front, other) = session.state.withLock { ($0.front, $0.venue) }
    if let other {
      unwritten += other.newLines()
      guard !unwritten.isEmpty else { return true }
      guard case .success = try disk.append(unwritten, to: "logs/exchange.jsonl") else { return false }
      unwritten = []
    }
    guard let front else { return true }
    while true {
      let (bytes, next) = front.lines(since: venue, max: Self.batchMax)
      guard !bytes.isEmpty else { return true }
      guard case .success = try disk.append(bytes, to: "logs/exchange.jsonl") else { return false }
      venue = next
    }
  }

  private func keepRun(at now: Instant) throws(Stopped) -> Bool {
    let temporary = "run.json.tmp"
    guard
      case .success = try disk.write(
        system.unfinishedRun(session, at: now, in: runtime, for: live), to: temporary, for: "run.json"),
      case .success = try disk.sync(temporary, for: "run.json")
    else { return false }
    // A disk may have held this thread until the session was over and its last word written.
    if runtime.isStopping {
      _ = try disk.remove(temporary)
      return false
    }
    guard case .success = try disk.rename(temporary, to: "run.json") else { return false }
    return true
  }
}
