import Basics
import ChaosRuntime
import Glibc
import Watchdog

/// `chaos bench watchdog --hard`: the hard tests of the watchdog in full counts, a row each.
struct HardBench {
  /// Seconds that one round in a process of its own may take.
  private static let roundLimit = 60.0
  private let directory: String
  private let roundsMax: Int

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let rounds = try arguments.int("rounds", in: 1...100_000)
    if let name = arguments["only"] {
      guard let test = HardTest.named(name) else {
        let near = Suggestion.closest(to: name, in: HardTest.all.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
        throw UsageError(text: "bench: no hard test is called '\(InputError.shown(name))'\(near)")
      }
      return try once(test, rounds ?? 1, arguments["out"])
    }
    if arguments["out"] != nil { throw UsageError(text: "bench: --out goes with --only") }
    let directory = try folder(nil)
    defer { Files.removeTree(directory) }
    let bench = HardBench(directory: directory, roundsMax: rounds ?? .max)
    var failed = 0
    for test in HardTest.all where !Interruption.isRequested { failed += bench.row(test) ? 0 : 1 }
    Terminal.print("bench: hard tests \(HardTest.all.count), failed \(failed)")
    return Interruption.exitCode(failed == 0 ? ExitCode.pass : ExitCode.failed)
  }

  private static func folder(_ wanted: String?) throws(UsageError) -> String {
    let directory = wanted ?? Files.free("/tmp/chaos-hard-\(getpid())")
    if case .failure = FileDisk.makeDirectory(directory) {
      throw UsageError(text: "bench: '\(directory)' cannot be made")
    }
    return directory
  }

  /// One test in this process.
  private static func once(_ test: HardTest, _ rounds: Int, _ out: String?) throws(UsageError) -> Int32 {
    let directory = try folder(out)
    defer { if out == nil { Files.removeTree(directory) } }
    for round in 0..<rounds {
      guard let wrong = test.run(HardTest.Room(directory: directory, round: round)) else { continue }
      if isSkipped(wrong) {
        Terminal.print(wrong)
        return ExitCode.inconclusive
      }
      Terminal.print("round \(round + 1): \(wrong)")
      return ExitCode.failed
    }
    return ExitCode.pass
  }

  private static func isSkipped(_ text: String) -> Bool { text.hasPrefix("skipped") }

  /// All rounds of a test, and its row; false: one was bad.
  private func row(_ test: HardTest) -> Bool {
    let count = min(test.rounds, roundsMax)
    var done = 0
    var dumps = 0
    var longest = 0.0
    var wrong: String?
    let lifetime = test.name == HardTest.killed ? self.lifetime(test) : 0
    while done < count, wrong == nil, !Interruption.isRequested {
      let room = HardTest.Room(directory: "\(directory)/round", round: done)
      _ = FileDisk.makeDirectory(room.directory)
      let began = WallClock.monotonic
      if test.name == HardTest.killed {
        wrong = kill(test, room, lifetime)
        dumps += Files.exists("\(room.directory)/stackdump.txt") ? 1 : 0
      } else {
        wrong = test.isApart ? apart(test, room) : test.run(room)
      }
      longest = max(longest, WallClock.monotonic - began)
      Files.removeTree(room.directory)
      done += 1
    }
    if let wrong, Self.isSkipped(wrong) {
      Terminal.print("  \(Verbs.pad(test.name, 58))\(wrong)")
      return true
    }
    let good = wrong == nil ? done : done - 1
    let seconds = JSON.double(longest, places: 2).text
    let left = test.name == HardTest.killed ? ", \(dumps) dumps, all whole" : ""
    Terminal.print(
      "  \(Verbs.pad(test.name, 58))\(Verbs.pad(wrong == nil ? "ok" : "FAILED", 8))\(good) of \(count), "
        + "longest \(seconds) s\(left)")
    if let wrong { Terminal.print("    \(wrong)") }
    return wrong == nil
  }

  private func start(_ test: HardTest, _ room: HardTest.Room, output: Int32) -> Int32? {
    let words = ["chaos", "bench", "watchdog", "--hard", "--only", test.name, "--out", room.directory]
    var child = ChildProgram("/proc/self/exe", words: words, environment: ["PATH=/usr/bin:/bin"])
    child.descriptors.output = output
    return try? child.start()
  }

  /// A round in a process of its own.
  private func apart(_ test: HardTest, _ room: HardTest.Room) -> String? {
    let said = "\(directory)/said"
    let output = open(said, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o644)
    defer { if output >= 0 { close(output) } }
    guard let child = start(test, room, output: output) else { return "no process can be started" }
    guard let status = wait(for: child, seconds: Self.roundLimit) else { return "it had not ended after 60 s" }
    if status == 0 { return nil }
    let text = (try? InputFile.bytes(said, .report)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.isEmpty ? "it ended with status \(status)" : String(text.prefix { $0 != "\n" })
  }

  /// Seconds from the start of a round to its dump.
  private func lifetime(_ test: HardTest) -> Double {
    let folder = "\(directory)/first"
    _ = FileDisk.makeDirectory(folder)
    defer { Files.removeTree(folder) }
    let began = WallClock.monotonic
    guard let child = start(test, HardTest.Room(directory: folder, round: 0), output: -1) else { return 0.05 }
    while !Files.exists("\(folder)/stackdump.txt"), WallClock.monotonic - began < 5 { usleep(200) }
    defer { _ = wait(for: child, seconds: Self.roundLimit) }
    return WallClock.monotonic - began
  }

  /// Kills a round about when it dumps: each at another moment of the half before and the fifth after.
  private func kill(_ test: HardTest, _ room: HardTest.Room, _ lifetime: Double) -> String? {
    guard let child = start(test, room, output: -1) else { return "no process can be started" }
    let share = 0.5 + Double(room.round * 7919 % 1000) / 1000 * 0.7
    usleep(UInt32(lifetime * share * 1e6))
    Glibc.kill(child, SIGKILL)
    guard wait(for: child, seconds: Self.roundLimit) != nil else { return "it could not be killed" }
    return HardTest.afterKill(room.directory)
  }

  /// The status of waitpid(2); nil: it was killed as it did not end.
  private func wait(for child: Int32, seconds: Double) -> Int32? {
    let deadline = WallClock.monotonic + seconds
    var status: Int32 = 0
    while WallClock.monotonic < deadline {
      if waitpid(child, &status, WNOHANG) == child { return status }
      usleep(500)
    }
    Glibc.kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return nil
  }
}
