import Glibc
import Synchronization

/// Ctrl-C and SIGTERM.
///
/// Work that can say what it has so far asks `isRequested` between two steps, writes its partial report, and ends with
/// `exitCode`; a second signal, or one outside such work, ends the process at once. Directories appear by rename only, so
/// nothing half-written is left under its own name.
enum Interruption {
  private static let signalNumber = Atomic<Int32>(0)
  private static let isPolite = Atomic<Bool>(false)

  static func install() {
    signal(SIGINT) { Interruption.handle($0) }
    signal(SIGTERM) { Interruption.handle($0) }
    signal(SIGPIPE, SIG_IGN)
    // Whoever started this process may have blocked them.
    var ours = sigset_t()
    sigemptyset(&ours)
    sigaddset(&ours, SIGINT)
    sigaddset(&ours, SIGTERM)
    sigprocmask(SIG_UNBLOCK, &ours, nil)
  }

  /// Whether the work shall end; from its first call on, the first signal only asks.
  static var isRequested: Bool {
    isPolite.store(true, ordering: .relaxed)
    return signalNumber.load(ordering: .relaxed) != 0
  }

  /// Once a signal came: a red verdict that was established before, else 130 or 143; without one `code`.
  static func exitCode(_ code: Int32) -> Int32 {
    let number = signalNumber.load(ordering: .relaxed)
    return number == 0 || ExitCode.isRed(code) ? code : 128 + number
  }

  private static func handle(_ number: Int32) {
    let isFirst = signalNumber.compareExchange(expected: 0, desired: number, ordering: .relaxed).exchanged
    if !isFirst || !isPolite.load(ordering: .relaxed) { _exit(128 + number) }
  }
}
