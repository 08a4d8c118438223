import Foundation

/// Words of code that would make a run something else than a function of its seed, and the few files that may use them.
struct Tripwire: Sendable, CustomStringConvertible {
  let name: String
  let words: [String]
  /// A module and the name of a file in it, in whatever folder; or a whole module, which ends in a slash.
  let allowed: [String]

  var description: String { name }

  /// Makes what the watchdog has to stand: waits of the kernel, threads of others.
  private static let kernelTests = "Watchdog/HardTest+Kernel.swift"

  static let all: [Tripwire] = [
    Tripwire(
      name: "wall clock",
      words: [
        "Date()", "Date.now", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday", "time(nil)",
        "DispatchTime", "CFAbsoluteTimeGetCurrent",
      ], allowed: ["chaos/WallClock.swift", kernelTests]),
    Tripwire(
      name: "system randomness",
      words: [
        "UUID()", "SystemRandomNumberGenerator", ".random(in:", ".random()", ".randomElement()", ".shuffled()",
        ".shuffle()", "arc4random", "drand48", "getrandom", "rand()", "random()",
      ], allowed: ["chaos/CommonOptions.swift"]),
    Tripwire(
      name: "threads beside the runtime",
      words: [
        "pthread_create", "Thread(", "Thread.detachNewThread", "DispatchQueue", "DispatchGroup", "DispatchSource",
        "OperationQueue", "Task {", "Task(", "Task.detached", "withTaskGroup", "async let", "await",
      ],
      allowed: [
        "ChaosRuntime/ThreadHandle.swift", "ChaosRuntime/ThreadCarrier.swift", "Watchdog/ThreadWatchdog.swift",
        "Watchdog/StuckRunMonitor.swift", "MetricsServer/", kernelTests,
      ]),
    Tripwire(
      name: "sleeps beside the runtime",
      words: ["Task.sleep", "Thread.sleep", "usleep", "nanosleep(", "clock_nanosleep"],
      allowed: ["ChaosRuntime/Runtime.swift", "MetricsServer/", "chaos/", kernelTests]),
    Tripwire(
      name: "locks beside the runtime",
      words: [
        "pthread_mutex", "pthread_rwlock", "pthread_cond", "NSLock", "NSRecursiveLock", "NSCondition",
        "DispatchSemaphore", "sem_wait", "os_unfair_lock",
      ], allowed: ["chaos/BenchCommand.swift", "chaos/LockBench.swift", "MetricsServer/"]),
    Tripwire(
      name: "environment", words: ["getenv", "ProcessInfo", "environ"],
      allowed: ["chaos/", "Watchdog/SymbolizerChild.swift"]),
    Tripwire(
      name: "addresses and seeded hashes",
      words: ["ObjectIdentifier", "hashValue", "Hasher()", "unsafeAddressOf"], allowed: []),
    Tripwire(
      name: "what belongs to an OS thread",
      words: ["TaskLocal", "pthread_getspecific", "pthread_self", "Thread.current"],
      allowed: ["Watchdog/ThreadWatchdog.swift", kernelTests]),
  ]

  func allows(_ path: String) -> Bool {
    let parts = path.split(separator: "/")
    guard parts.count > 2, parts[0] == "Sources" else { return false }
    return allowed.contains { $0 == "\(parts[1])/" || $0 == "\(parts[1])/\(parts[parts.count - 1])" }
  }

  /// Lines of code with one of the words, as whole words; comments and literals do not count.
  func found(in text: String) -> [String] {
    // Most files have none of the words in any form, and blanking is slow.
    let words = words.filter { strstr(text, $0) != nil }
    if words.isEmpty { return [] }
    let code = CodeText.blanked(text).split(separator: "\n", omittingEmptySubsequences: false)
    return code.enumerated().flatMap { index, line in
      words.filter { Self.has(line, $0) }.map { "line \(index + 1): \($0)" }
    }
  }

  private static func has(_ line: Substring, _ word: String) -> Bool {
    func isPart(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
    var rest = line
    while let range = rest.firstRange(of: word) {
      let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : nil
      let after = range.upperBound < line.endIndex ? line[range.upperBound] : nil
      let isMember = before == "." && word.first != "."
      let isWhole =
        (word.first == "." || !isPart(before)) && (word.last == "(" || word.hasSuffix("_mutex") || !isPart(after))
      // A generator of one's own is a seeded one; a member of that name is somebody else's.
      if isWhole, !isMember || word.contains("."), !(word == ".random(in:" && line.contains("using:")) { return true }
      rest = rest[range.upperBound...]
    }
    return false
  }
}
