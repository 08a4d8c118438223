import Basics
import ChaosRuntime
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM.
///
/// Work that can say what it has so far asks `isRequested` between two steps, writes its partial report, and ends with
/// `exitCode`; a second signal, or one outside such work, ends the process at once. Files that are being written are
/// finished before a first signal, which takes milliseconds, so that nothing half-written is left.
enum Interruption {
  private static let signalNumber = Atomic<Int32>(0)
  private static let signalCount = Atomic<Int32>(0)
  private static let isPolite = Atomic<Bool>(false)
  private static let shieldCount = Atomic<Int32>(0)

  /// Signals that this process was started with as ignored, as `nohup` does; bit n - 1 is signal n.
  static var ignoredBefore: UInt64 { ignored.load(ordering: .relaxed) }
  private static let ignored = Atomic<UInt64>(0)

  static func install() {
    keepStandardDescriptors()
    ignored.store(ChildProgram.ignoredSignals, ordering: .relaxed)
    signal(SIGINT) { Interruption.handle($0) }
    signal(SIGTERM) { Interruption.handle($0) }
    signal(SIGPIPE, SIG_IGN)
    // Whoever started this process may have blocked them, as some test runners and job schedulers do.
    var wanted = sigset_t()
    sigemptyset(&wanted)
    sigaddset(&wanted, SIGINT)
    sigaddset(&wanted, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
  }

  /// From here on the first signal only asks: called before the first word is printed, so that a signal which that word
  /// brings about finds the work that answers it.
  static func beginAsking() { isPolite.store(true, ordering: .relaxed) }

  /// Whether the work shall end; from its first call on, the first signal only asks.
  static var isRequested: Bool {
    beginAsking()
    return signalNumber.load(ordering: .relaxed) != 0
  }

  /// The name of the signal that asks for the end; nil: none came. Asked like `isRequested`.
  static var signalName: String? {
    guard isRequested else { return nil }
    return signalNumber.load(ordering: .relaxed) == SIGINT ? "SIGINT" : "SIGTERM"
  }

  /// Once a signal came: a red verdict that was established before, else 130 or 143; without one `code`.
  static func exitCode(_ code: Int32) -> Int32 {
    let number = signalNumber.load(ordering: .relaxed)
    return number == 0 || ExitCode.isRed(code) ? code : 128 + number
  }

  /// Writes files: the first signal waits for it where it ends the process. The second does not, so that a disk that hangs
  /// keeps nobody.
  static func shielded<R>(_ body: () -> R) -> R {
    shieldCount.add(1, ordering: .sequentiallyConsistent)
    defer {
      let isLast = shieldCount.subtract(1, ordering: .sequentiallyConsistent).newValue == 0
      if isLast, endsAtOnce(signalCount.load(ordering: .sequentiallyConsistent)) { _exit(exitCode(0)) }
    }
    return body()
  }

  private static func endsAtOnce(_ count: Int32) -> Bool { count > (isPolite.load(ordering: .relaxed) ? 1 : 0) }

  private static func handle(_ number: Int32) {
    _ = signalNumber.compareExchange(expected: 0, desired: number, ordering: .relaxed)
    let count = signalCount.add(1, ordering: .sequentiallyConsistent).newValue
    if shieldCount.load(ordering: .sequentiallyConsistent) > 0, count < 2 { return }
    if endsAtOnce(count) { _exit(128 + number) }
  }

  /// A file that is opened while 0, 1 or 2 is closed would get that number, and what is printed would land in it.
  private static func keepStandardDescriptors() {
    for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDWR)
    }
  }
}
