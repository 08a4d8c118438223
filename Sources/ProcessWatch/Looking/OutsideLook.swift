import ChaosRuntime
import CPlatform
import Glibc

/// Ways to see into a process that does not help: the best tool that is installed and permitted, and /proc always.
struct OutsideLook {
  let options: WatchOptions
  /// Runs a tool beside the watch; nil: it cannot be started or takes too long.
  let run: (_ path: String, _ words: [String]) -> String?
  /// Lets the watch go on for some seconds.
  let pause: (Double) -> Void

  struct Result {
    var threads: [ForeignDump.Thread] = []
    var circle: [ForeignDump.Edge] = []
    var ways: [String] = []
    var isSymbolized = false
  }

  /// One tool: how it is called, and how its words are read.
  private struct Tool {
    var name: String
    var words: [String]
    var isSource: Bool
    var read: (String) -> (threads: [ForeignDump.Thread], circle: [ForeignDump.Edge])
  }

  func stacks(of process: Int32) -> Result {
    var result = Result()
    let executable = KernelFacts.executable(of: process)
    for tool in tools(for: Programs.kind(of: executable), process) {
      guard let path = path(of: tool.name, beside: executable) else {
        result.ways.append("\(tool.name): not installed")
        continue
      }
      guard let text = run(path, [tool.name] + tool.words) else {
        result.ways.append("\(tool.name): no answer within its limit")
        continue
      }
      let found = tool.read(text)
      guard found.threads.contains(where: { !$0.frames.isEmpty }) else {
        let words = text.split(separator: "\n").last.map { String($0.prefix(160)) } ?? "no word"
        result.ways.append("\(tool.name): nothing found (\(words))")
        continue
      }
      result.ways.append("\(tool.name): stacks of \(found.threads.count) threads")
      (result.threads, result.circle, result.isSymbolized) = (found.threads, found.circle, tool.isSource)
      return result
    }
    return result
  }

  private func tools(for kind: Programs.Kind, _ process: Int32) -> [Tool] {
    let machine: (String) -> (threads: [ForeignDump.Thread], circle: [ForeignDump.Edge]) = {
      (DebuggerText.machineCode($0), [])
    }
    let id = "\(process)"
    let general = [
      Tool(name: "eu-stack", words: ["-p", id], isSource: false, read: machine),
      Tool(
        name: "gdb",
        words: ["-p", id, "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex", "thread apply all bt 60"],
        isSource: false, read: machine),
    ]
    switch kind {
    case .python:
      return [
        Tool(name: "py-spy", words: ["dump", "--pid", id], isSource: true, read: { (DebuggerText.pySpy($0), []) })
      ]
        + general
    case .java:
      let read: (String) -> (threads: [ForeignDump.Thread], circle: [ForeignDump.Edge]) = {
        let text = JavaText($0)
        return (text.threads, text.circle)
      }
      return [Tool(name: "jstack", words: ["-l", id], isSource: true, read: read)] + general
    case .go, .other: return general
    }
  }

  /// jstack stands beside the java that runs, which need not be in PATH.
  private func path(of tool: String, beside executable: String) -> String? {
    if tool == "jstack", let slash = executable.lastIndex(of: "/") {
      let beside = executable[...slash] + tool
      if access(String(beside), X_OK) == 0 { return String(beside) }
    }
    return options.executable(tool)
  }

  /// Adds what the kernel says, over two looks, to threads that are known, and lists those that are not.
  func addKernel(to process: inout ForeignDump.Process) {
    let before = KernelFacts.threads(of: process.id)
    let started = cp_monotonic_ns()
    pause(0.2)
    let after = KernelFacts.threads(of: process.id)
    let seconds = Span.seconds(from: started, to: cp_monotonic_ns())
    for look in after {
      let index =
        process.threads.firstIndex { $0.label.id == look.id }
        ?? {
          var thread = ForeignDump.Thread(label: ForeignDump.ThreadName(name: look.name, id: look.id))
          if !process.isSymbolized { thread.absence = "no way to see its stack" }
          if process.isSymbolized { thread.absence = "a thread that the way above does not know"; thread.rank = 3 }
          process.threads.append(thread)
          return process.threads.count - 1
        }()
      let told = KernelFacts.describe(before.first { $0.id == look.id }, look, seconds: seconds)
      process.threads[index].kernel = told.kernel
      process.threads[index].counters = told.counters
      if process.threads[index].label.name.isEmpty { process.threads[index].label.name = look.name }
      if process.threads[index].verdict.isEmpty {
        process.threads[index].verdict = Self.verdict(look, ran: told.ran)
        if told.ran { process.threads[index].rank = min(process.threads[index].rank, 1) }
      }
    }
    if after.isEmpty { process.ways.append("/proc: the process has ended, or may not be read") }
    if !after.isEmpty, after.allSatisfy({ $0.systemCall < 0 }) {
      process.ways.append("/proc: no system calls, as this user may not read them")
    }
  }

  private static func verdict(_ look: KernelFacts.Look, ran: Bool) -> String {
    switch look.state {
    case "T", "t": "STOPPED by a signal or a debugger"
    case "D": "waits for a device or a file system, cannot be interrupted"
    case "Z", "X": "has ended"
    default: ran ? "BUSY, it runs" : "waits in the kernel; from outside nobody knows whether it is idle"
    }
  }
}
