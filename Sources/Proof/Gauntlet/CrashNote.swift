public import Exploration
import Glibc

/// What this process is at, for the last words of a process that traps: which schedule, and the command that comes to it
/// again.
///
/// The text is made before each schedule, in memory of a fixed size; the signal handler only writes it. It runs on a stack of
/// its own, since the schedule's may be used up. Workers of a gauntlet have `WorkerNote` instead: their parent speaks.
public enum CrashNote {
  private static let textMax = 2048
  /// Length, then the text.
  nonisolated(unsafe) private static let note = UnsafeMutableRawPointer.allocate(byteCount: 8 + textMax, alignment: 8)
  private static let signalCount = 7
  /// Handlers that were there before.
  nonisolated(unsafe) private static let before = UnsafeMutablePointer<sigaction>.allocate(capacity: signalCount)
  private static let stackBytes = 64 << 10
  /// Of an internal error, DESIGN.md section 12.
  private static let exitCode: Int32 = 70

  /// Installs the handler, once per process, before the first schedule.
  public static func install() {
    set("before the first schedule\n")
    var stack = stack_t()
    if sigaltstack(nil, &stack) == 0, stack.ss_flags & Int32(SS_DISABLE) != 0 {
      var own = stack_t(
        ss_sp: UnsafeMutableRawPointer.allocate(byteCount: stackBytes, alignment: 16), ss_flags: 0, ss_size: stackBytes)
      sigaltstack(&own, nil)
    }
    // Whoever started this process may have blocked every signal: the guard's must arrive.
    var mine = sigset_t()
    sigemptyset(&mine)
    for index in 0..<signalCount {
      sigaddset(&mine, signal(at: index))
      var action = sigaction()
      action.__sigaction_handler.sa_sigaction = { CrashNote.speak($0, $1, $2) }
      action.sa_flags = SA_ONSTACK | SA_SIGINFO
      sigaction(signal(at: index), &action, before + index)
    }
    sigprocmask(SIG_UNBLOCK, &mine, nil)
  }

  /// In a worker: the guard does not end whoever is telling where it trapped. What was installed before tells it.
  static func giveTime() {
    for index in 0..<signalCount where signal(at: index) != SIGALRM {
      sigaction(signal(at: index), nil, before + index)
      let old = (before + index).pointee
      guard old.sa_flags & SA_SIGINFO != 0, old.__sigaction_handler.sa_sigaction != nil else { continue }
      var action = old
      action.__sigaction_handler.sa_sigaction = { CrashNote.letSpeak($0, $1, $2) }
      sigaction(signal(at: index), &action, nil)
    }
  }

  private static func letSpeak(
    _ number: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
  ) {
    alarm(lastWordsSeconds)
    for index in 0..<signalCount where number == signal(at: index) {
      (before + index).pointee.__sigaction_handler.sa_sigaction?(number, info, context)
    }
  }

  /// Longer than Swift gives its backtrace.
  private static let lastWordsSeconds: UInt32 = 45

  /// Says which schedule begins: `what` names program and arm, `index` counts its schedules from 0.
  public static func begin(_ what: String, _ index: Int, _ request: RunRequest, replay: String) {
    set(
      "in \(what), schedule \(index), scenario seed \(request.scenarioSeed), schedule seed \(request.scheduleSeed)\n"
        + "Replay  \(replay)\n")
  }

  private static func set(_ text: String) {
    let bytes = Array(text.utf8.prefix(textMax))
    note.storeBytes(of: 0, as: Int.self)
    bytes.withUnsafeBytes { if let base = $0.baseAddress { (note + 8).copyMemory(from: base, byteCount: $0.count) } }
    note.storeBytes(of: bytes.count, as: Int.self)
  }

  /// In the handler: nothing that takes memory or a lock.
  private static func speak(
    _ number: Int32, _ info: UnsafeMutablePointer<siginfo_t>?, _ context: UnsafeMutableRawPointer?
  ) {
    say(number)
    for index in 0..<signalCount where number == signal(at: index) {
      let old = (before + index).pointee
      if old.sa_flags & SA_SIGINFO != 0, let handler = old.__sigaction_handler.sa_sigaction {
        // Swift's own handler prints where it was, at length.
        handler(number, info, context)
        say(number)
      }
    }
    _exit(exitCode)
  }

  private static func say(_ number: Int32) {
    let how: StaticString =
      switch number {
      case SIGALRM: "\nchaos: ended by its guard: one schedule took too long "
      case SIGSEGV, SIGBUS: "\nchaos: crashed "
      default: "\nchaos: trapped "
      }
    _ = write(2, how.utf8Start, how.utf8CodeUnitCount)
    _ = write(2, note + 8, note.load(as: Int.self))
  }

  /// Not an array: the handler must not count references.
  private static func signal(at index: Int) -> Int32 {
    switch index {
    case 0: SIGILL
    case 1: SIGTRAP
    case 2: SIGABRT
    case 3: SIGSEGV
    case 4: SIGBUS
    case 5: SIGFPE
    default: SIGALRM
    }
  }
}
