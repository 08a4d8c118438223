import Basics
import ChaosRuntime
import CPlatform
import Glibc

/// Disks, descriptors, signals and limits that do not help.
extension HardTest {
  static let files: [HardTest] = [
    HardTest("a file that may not grow: the old dump stays", rounds: 20, isApart: true) { room in
      signal(SIGXFSZ, SIG_IGN)
      let path = "\(room.directory)/stackdump.txt"
      let other = "\(room.directory)/other"
      mkdir(other, 0o755)
      let stage = HardStage(room.directory) { $0.fallbackDirectory = nil }
      let old = open(path, O_CREAT | O_WRONLY, 0o644)
      write(old, "old", 3)
      close(old)
      var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      stage.ring(2)
      guard stage.wait() else { return "nothing was found" }
      let error = stage.end()
      guard stage.watchdog.dumps.first?.error == EFBIG else { return "no error was told" }
      guard contents(path) == "old" else { return "the old file was touched" }
      let left = Files.names(in: room.directory).filter { $0.hasSuffix(".tmp") }
      return error ?? left.first.map { "\($0) was left" }
    },
    HardTest("a directory that takes nothing: the fallback", rounds: 20) { room in
      let other = "\(room.directory)/other"
      mkdir(other, 0o755)
      let stage = HardStage("/proc/self") { $0.fallbackDirectory = other }
      stage.ring(2)
      guard stage.wait() else { return "nothing was found; \(stage.end() ?? "")" }
      let wrong = stage.end()
      let dump = stage.watchdog.dumps.first
      return wrong ?? lacks(contents(dump?.path ?? ""), ["CYCLE  (2 threads", "stackdump-\(getpid()).txt"])
    },
    HardTest("no descriptor left", rounds: 20, isApart: true) { room in
      let stage = HardStage(room.directory)
      while open("/dev/null", O_RDONLY) >= 0 {}
      stage.ring(2)
      guard stage.wait() else { return "nothing was found" }
      let wrong = stage.end()
      closefrom(3)
      return wrong ?? lacks(stage.text, ["\nIMAGES\n", "THREAD engine-1  tid ", "#1  "])
    },
    HardTest("stderr is a full pipe", rounds: 20, isApart: true) { room in
      guard let ends = ChildProgram.pipe() else { return "no pipe" }
      _ = fcntl(ends.writing, F_SETFL, O_NONBLOCK)
      let block = [UInt8](repeating: 0x78, count: 4096)
      while write(ends.writing, block, block.count) > 0 {}
      _ = fcntl(ends.writing, F_SETFL, 0)
      dup2(ends.writing, 2)
      // Nothing takes the dump, so its words go to stderr, which takes none either.
      let stage = HardStage("/proc/self")
      let began = cp_monotonic_ns()
      stage.ring(2)
      guard stage.wait() else { return "nothing was found" }
      let took = cp_monotonic_ns() &- began
      return stage.end() ?? (took > 5_000_000_000 ? "it took \(took / 1_000_000) ms" : nil)
    },
  ]

  static let surroundings: [HardTest] = [
    HardTest("the program takes the signal for itself", rounds: 20, isApart: true) { room in
      let stage = HardStage(room.directory)
      for number in 34...64 { signal(Int32(number), SIG_DFL) }
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD engine-1  tid ", "  #1  "])
    },
    HardTest("all real-time signals but one are taken", rounds: 20, isApart: true) { room in
      for number in 35...64 { signal(Int32(number), SIG_IGN) }
      let stage = HardStage(room.directory)
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD engine-1  tid ", "  #1  "])
    },
    HardTest("no room for queued signals", rounds: 20, isApart: true) { room in
      var limit = rlimit(rlim_cur: 0, rlim_max: 0)
      setrlimit(Self.pendingSignals, &limit)
      let stage = HardStage(room.directory)
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD engine-1  tid ", "  #1  "])
    },
    HardTest("stopped for 1.2 s: named, nobody accused", rounds: 20, isApart: true) { room in
      let stage = HardStage(room.directory, limit: .milliseconds(600))
      // Rounds of 240 ms, in two waits: the stop falls into the first, and the second is still to come after it.
      let rounds = HardStage.Gate(2)
      stage.spawn("worker") { runtime throws(Stopped) in
        var isFirst = true
        while true {
          try runtime.activity("round") { () throws(Stopped) in
            if isFirst { try rounds.pass(in: runtime) }
            isFirst = false
            try runtime.sleep(.milliseconds(120))
            try runtime.sleep(.milliseconds(120))
          }
        }
      }
      do throws(Stopped) { try rounds.pass(in: stage.runtime) } catch { return "stopped" }
      stopForAWhile(milliseconds: 1200)
      rest(milliseconds: 500)
      let standstills = stage.watchdog.standstills
      let accused = stage.incidents.first?.summary
      if let wrong = stage.end() ?? accused { return wrong }
      guard standstills.count == 1, let one = standstills.first else { return "\(standstills.count) standstills" }
      let isNear = one.length > .milliseconds(1000) && one.length < .seconds(4) && !one.isSuspension
      return isNear ? nil : "a standstill of \(one.length.seconds) s"
    },
    HardTest("killed while it dumps", rounds: 1000, isApart: true) { room in
      // The parent kills this one soon; what it leaves is looked at by 'afterKill'.
      let stage = HardStage(room.directory)
      stage.ring(2)
      _ = stage.wait()
      return stage.end()
    },
  ]

  /// RLIMIT_SIGPENDING of resource.h, which Glibc's module lacks.
  private static let pendingSignals = __rlimit_resource_t(11)

  /// Name of the test whose rounds are killed from outside.
  public static let killed = "killed while it dumps"

  /// What is wrong with what a killed round left: a dump is whole or absent.
  public static func afterKill(_ directory: String) -> String? {
    let text = contents("\(directory)/stackdump.txt")
    return text.isEmpty ? nil : lacks(text, [])
  }

  /// Stops this process, and lets a child of it go on after a while.
  private static func stopForAWhile(milliseconds: Int) {
    let seconds = "\(milliseconds / 1000).\(milliseconds % 1000 / 100)"
    let words = ["sh", "-c", "sleep \(seconds); kill -CONT \(getpid())"]
    do throws(ChildProgram.Refusal) {
      let child = try ChildProgram("/bin/sh", words: words, environment: ["PATH=/usr/bin:/bin"]).start()
      kill(getpid(), SIGSTOP)
      waitpid(child, nil, 0)
    } catch {}
  }
}
