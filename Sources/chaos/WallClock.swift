import ChaosRuntime
import Glibc

/// The only place that reads the wall clock: names of directories, durations on screens, and where live runs begin.
enum WallClock {
  /// Seconds of the monotonic clock.
  static var monotonic: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  /// Seconds of processor time of this process: rates per core on a busy machine.
  static var processor: Double {
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
  }

  static var now: Instant {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Instant(nanoseconds: Int64(now.tv_sec) * 1_000_000_000 + Int64(now.tv_nsec))
  }

  /// `YYYYMMDD_HHMMSS`, UTC.
  static var stamp: String {
    let text = now.iso8601()
    let digits = text.prefix(19).filter { $0.isNumber }
    return "\(digits.prefix(8))_\(digits.suffix(6))"
  }
}
