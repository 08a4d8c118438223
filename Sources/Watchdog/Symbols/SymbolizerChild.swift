import CPlatform
import Glibc
import Synchronization

/// The child process that finishes a raw dump: the same executable, so that module and offset mean the same in it. A crash
/// or a hang of its DWARF reader cannot hurt the program.
final class SymbolizerChild {
  static let argument = "--symbolize-stackdump"
  /// Set by `ThreadWatchdog.symbolizeIfRequested()`; without it the child would run the program again.
  static let isOffered = Atomic<Bool>(false)
  /// Nanoseconds that a child has.
  static let limit: UInt64 = 10_000_000_000

  private let program = strdup("/proc/self/exe")
  private let arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let environmentCount: Int

  init() {
    arguments = .allocate(capacity: 4)
    arguments.initialize(repeating: nil, count: 4)
    arguments[0] = strdup("symbolize")
    arguments[1] = strdup(Self.argument)
    var kept: [UnsafeMutablePointer<CChar>?] = []
    var at = environ
    while let entry = at.pointee {
      if strncmp(entry, "LD_PRELOAD=", 11) != 0 { kept.append(strdup(entry)) }
      at += 1
    }
    environment = .allocate(capacity: kept.count + 1)
    environment.initialize(from: kept + [nil], count: kept.count + 1)
    environmentCount = kept.count
  }

  deinit {
    free(program)
    free(arguments[0])
    free(arguments[1])
    arguments.deallocate()
    for i in 0..<environmentCount { free(environment[i]) }
    environment.deallocate()
  }

  /// The child's id; nil: not offered, or it cannot be started. Allocates nothing.
  func start(_ file: UnsafeMutablePointer<CChar>?) -> pid_t? {
    guard Self.isOffered.load(ordering: .relaxed) else { return nil }
    arguments[2] = file
    var request = cp_spawn_request(
      program: program, arguments: arguments, environment: environment, directory: nil, descriptors: (-1, -1, -1),
      own_group: false)
    var error: Int32 = 0
    let child = cp_spawn(&request, &error)
    return child < 0 ? nil : child
  }

  /// Status with which the child says that the executable was stripped.
  static let withoutSymbols: Int32 = 3

  enum Result {
    case finished
    case failed(StaticString)
  }

  /// How the child has ended; nil: it works. Never waits.
  static func result(_ child: pid_t) -> Result? {
    var status: Int32 = 0
    let ended = waitpid(child, &status, WNOHANG)
    if ended == child { return result(status: status) }
    return ended < 0 && errno != EINTR ? .failed("somebody else collected the process that looks for the names") : nil
  }

  private static func result(status: Int32) -> Result {
    if status == 0 { return .finished }
    switch status & 0x7f {
    case 0:
      return .failed(
        status >> 8 == withoutSymbols ? "the executable has no symbols" : "the process that looks for the names failed")
    case SIGKILL: return .failed("the process that looks for the names was killed, by its limit of 10 s or for memory")
    default: return .failed("a signal ended the process that looks for the names")
    }
  }
}
