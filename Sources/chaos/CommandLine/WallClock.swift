import Basics
import Glibc

/// The only place that reads the wall clock: names of directories, durations on screens, and where live runs begin.
enum WallClock {
  /// Seconds of the monotonic clock.
  static var monotonic: Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  /// Processor seconds of this process and of its children that have ended.
  static var processor: Double {
    var total = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      var usage = rusage()
      getrusage(__rusage_who_t(who.rawValue), &usage)
      for time in [usage.ru_utime, usage.ru_stime] { total += Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    }
    return total
  }

  /// Processor seconds of the calling thread.
  static var threadProcessor: Double {
    var used = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used)
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
