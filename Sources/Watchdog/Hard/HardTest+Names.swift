import Basics
import ChaosRuntime
import CPlatform
import Glibc

/// Processes that look for the names of a dump, and fail at it. Only a program that offers them can have these tests.
extension HardTest {
  static let names: [HardTest] = [
    HardTest("names within 2 s, ten idle threads", rounds: 20, isApart: true) { room in
      guard SymbolizerChild.isOffered.load(ordering: .relaxed) else { return "skipped: no names are offered here" }
      let stage = HardStage(room.directory) { $0.symbolize = true }
      for i in 0..<10 { stage.spawn("idle-\(i)") { runtime throws(Stopped) in try runtime.sleep(.seconds(600)) } }
      stage.ring(2)
      guard stage.wait() else { return "nothing was found" }
      let began = cp_monotonic_ns()
      while stage.watchdog.dumps.first?.isSymbolized != true, cp_monotonic_ns() &- began < 5_000_000_000 {
        rest(milliseconds: 1)
      }
      let took = cp_monotonic_ns() &- began
      let text = stage.text
      if let wrong = stage.end() { return wrong }
      if took > 2_000_000_000 { return "the names came after \(took / 1_000_000) ms" }
      return isRaw(text) ?? lacks(text, ["  folded: #0", "HardStage"])
    },
    HardTest("the next circle while the process of the first is stopped", rounds: 5, isApart: true) { room in
      guard SymbolizerChild.isOffered.load(ordering: .relaxed) else { return "skipped: no names are offered here" }
      let stage = HardStage(room.directory) { $0.symbolize = true }
      stage.ring(2, prefix: "first")
      guard stage.wait() else { return "nothing was found" }
      var child = children().first
      while child == nil, stage.watchdog.dumps.first?.isSymbolized != true {
        rest(milliseconds: 1)
        child = children().first
      }
      guard let child else { return "the process was not seen" }
      // Until it is another program, whoever started it waits for that.
      while contents("/proc/\(child)/cmdline").hasPrefix("symbolize") == false, kill(child, 0) == 0 {
        rest(milliseconds: 1)
      }
      kill(child, SIGSTOP)
      let began = cp_monotonic_ns()
      stage.ring(2, prefix: "second")
      let isFound = stage.wait(for: 2)
      let took = cp_monotonic_ns() &- began
      kill(child, SIGKILL)
      if let wrong = stage.end() { return wrong }
      guard isFound else { return "the second was not found" }
      if took > 1_000_000_000 { return "the second came after \(took / 1_000_000) ms" }
      return lacks(stage.text, ["symbols: raw (the process that looks for the names was killed"])
        ?? isRaw(contents("\(room.directory)/stackdump-2.txt"))
    },
    HardTest("a process for the names that cannot run", rounds: 10, isApart: true) { room in
      guard SymbolizerChild.isOffered.load(ordering: .relaxed) else { return "skipped: no names are offered here" }
      // A library that is none: the loader gives up before the program begins.
      let folder = "\(room.directory)/broken"
      mkdir(folder, 0o755)
      close(open("\(folder)/libm.so.6", O_CREAT | O_WRONLY, 0o644))
      setenv("LD_LIBRARY_PATH", folder, 1)
      let stage = HardStage(room.directory) { $0.symbolize = true }
      stage.ring(2)
      return judged(stage, .deadlock, [])
        ?? lacks(stage.text, ["symbols: raw (the process that looks for the names failed"])
    },
  ]

  /// Frames of libraries may stay without a name; those of the program have theirs.
  private static func isRaw(_ text: String) -> String? {
    if let wrong = lacks(text, []) { return wrong }
    return text.contains("symbols: raw") ? "the dump has no names" : nil
  }

  /// Ids of this process's children.
  private static func children() -> [pid_t] {
    Files.names(in: "/proc/self/task").flatMap { thread in
      contents("/proc/self/task/\(thread)/children").split(separator: " ").compactMap { pid_t($0) }
    }
  }
}
