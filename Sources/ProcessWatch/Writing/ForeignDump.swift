import Basics

/// What is known of a process of somebody else's, as stackdump.txt says it.
public struct ForeignDump: Sendable {
  /// How certain the watcher is.
  public enum Verdict: String, Sendable {
    /// A circle of locks that nobody can leave.
    case deadlock = "DEADLOCK"
    /// A limit that the user gave has passed. From outside an idle queue looks like a deadlock.
    case suspected = "SUSPECTED"
    /// Nothing is claimed: the dump was asked for.
    case asked = "ASKED FOR"
  }

  /// One wait: `thread` wants `lock`, which `holder` took at `taken`.
  public struct Edge: Sendable, Equatable {
    var thread: ThreadName
    var lock: String
    var waits: String
    var holder: ThreadName
    var taken: String
    var seconds: Double
  }

  /// A thread's name, and its number in the system; 0: unknown.
  public struct ThreadName: Sendable, Equatable {
    var name: String
    var id: Int32 = 0

    var text: String { id == 0 ? name : "\(name) (tid \(id))" }
  }

  struct Lock: Sendable, Equatable {
    var name: String
    var holder: ThreadName
    var taken: String
    var waiterCount: Int
  }

  struct Frame: Sendable, Equatable {
    var function: String
    /// `file:line`, or the file of machine code.
    var place: String
    var isSource: Bool

    /// Of a library that comes with the interpreter.
    var isLibrary: Bool { isSource && place.contains("/lib/python") && !place.contains("/site-packages/") }

    var text: String { place.isEmpty ? function : "\(function)  \(isSource ? "at" : "in") \(place)" }
  }

  struct Thread: Sendable, Equatable {
    var label: ThreadName
    var verdict = ""
    var held: [String] = []
    var frames: [Frame] = []
    /// What the kernel says: state, call, counters.
    var kernel = ""
    var counters = ""
    /// Suspects first: lower is earlier.
    var rank = 2
    /// Why there is no stack.
    var absence = ""
  }

  /// A task of an event loop.
  struct AsyncTask: Sendable, Equatable {
    var name: String
    var loop: String
    var frames: [Frame] = []
  }

  /// One process of the tree.
  struct Process: Sendable {
    var id: Int32
    var facts: [String] = []
    /// Which ways of looking were tried, and what came of each.
    var ways: [String] = []
    var threads: [Thread] = []
    var tasks: [AsyncTask] = []
    var locks: [Lock] = []
    var isSymbolized = false
  }

  var verdict: Verdict
  /// One line each.
  var reasons: [String]
  var time: Instant
  var edges: [Edge] = []
  /// The one that the verdict is about comes first.
  var processes: [Process] = []
  var remarks: [String] = []

  /// The cycle in one line: `a -> "x" -> b -> "y" -> a`.
  var arrow: String {
    guard let first = edges.first else { return "" }
    return edges.reduce(first.thread.text) { "\($0) -> \"\($1.lock)\" -> \($1.holder.text)" }
  }
}

/// The layout of stackdump.txt for a foreign process: the same as for our own, so that one reader knows both.
struct ForeignDumpText {
  private var out = ""
  private static let framesMax = 200

  /// - Parameter path: where it will stand, for the command that explains it.
  static func render(_ dump: ForeignDump, path: String) -> String {
    var text = ForeignDumpText()
    text.header(dump)
    text.cycle(dump)
    text.locks(dump)
    if !dump.remarks.isEmpty {
      text.line("NOTES")
      for remark in dump.remarks { text.line("  \(remark)") }
      text.line()
    }
    text.line("NEXT")
    text.line("  what it means: chaos doctor \(path)")
    text.line()
    for process in dump.processes { text.process(process) }
    text.line("END complete")
    return text.out
  }

  private mutating func line(_ text: String = "") {
    // A name of somebody else's must not begin a line of its own.
    out += text.contains("\n") ? text.split(separator: "\n").joined(separator: " ") : text
    out += "\n"
  }

  private mutating func header(_ dump: ForeignDump) {
    let threads = dump.processes.reduce(0) { $0 + $1.threads.count }
    let first = dump.processes.first
    let symbols =
      first?.isSymbolized == true ? "full (function, file:line)" : "partial (what the ways below could tell)"
    line("STACKDUMP v1  pid \(first?.id ?? 0)  threads \(threads)  symbols: \(symbols)")
    line("TIME \(dump.time.iso8601())")
    switch dump.verdict {
    case .deadlock: line("REASON DEADLOCK: threads wait for each other in a cycle")
    case .suspected: line("REASON SUSPECTED: a limit that the user gave has passed; no proof")
    case .asked: line("REASON ASKED FOR: nothing is claimed")
    }
    for reason in dump.reasons { line("  \(reason)") }
    line()
  }

  private mutating func cycle(_ dump: ForeignDump) {
    guard !dump.edges.isEmpty else { return }
    let count = dump.edges.count
    if dump.verdict == .deadlock {
      line("CYCLE  (\(count) \(count == 1 ? "thread" : "threads"), every wait seen twice, unchanged)")
    } else {
      line("CHAIN  (\(count) \(count == 1 ? "wait" : "waits"))")
    }
    for edge in dump.edges {
      line("  \(edge.thread.text)")
      line("      waits \(Self.duration(edge.seconds)) for \"\(edge.lock)\" at \(edge.waits)")
      line("      held by \(edge.holder.text), taken at \(edge.taken)")
    }
    line("  => \(dump.arrow)")
    if dump.verdict == .deadlock { for text in Self.mend(dump.edges) { line(text) } }
    line()
  }

  /// The first thread's order is as good as any.
  private static func mend(_ edges: [ForeignDump.Edge]) -> [String] {
    guard edges.count > 1, let first = edges.first, let last = edges.last else {
      return ["  mend: the thread holds the lock that it waits for: take it once, or make it an RLock"]
    }
    return [
      "  mend: take \"\(last.lock)\" before \"\(first.lock)\" everywhere, as \(first.thread.name) does,",
      "        or let go of one before taking the other",
    ]
  }

  private mutating func locks(_ dump: ForeignDump) {
    let locks = dump.processes.flatMap(\.locks)
    guard !locks.isEmpty else { return }
    line("LOCKS")
    for lock in locks {
      line("  \"\(lock.name)\"  held by \(lock.holder.text)  waiters \(lock.waiterCount)")
      line("      taken at \(lock.taken)")
    }
    line()
  }

  private mutating func process(_ process: ForeignDump.Process) {
    line("PROCESS pid \(process.id)")
    for fact in process.facts { line("  \(fact)") }
    for way in process.ways { line("  looked by \(way)") }
    line()
    for thread in process.threads.sorted(by: { ($0.rank, $0.label.id) < ($1.rank, $1.label.id) }) {
      self.thread(thread)
    }
    for task in process.tasks {
      line("TASK \(task.name)  of the loop in \(task.loop)")
      frames(task.frames)
      line()
    }
  }

  private mutating func thread(_ thread: ForeignDump.Thread) {
    let id = thread.label.id == 0 ? "" : "  tid \(thread.label.id)"
    line("THREAD \(thread.label.name)\(id)\(thread.kernel)")
    line("  verdict: \(thread.verdict)")
    if !thread.counters.isEmpty { line("  \(thread.counters)") }
    for held in thread.held { line("  holds \(held)") }
    frames(thread.frames)
    if thread.frames.isEmpty, !thread.absence.isEmpty { line("  (\(thread.absence))") }
    line()
  }

  private mutating func frames(_ frames: [ForeignDump.Frame]) {
    // Frames of the language's own library, but for the innermost: they say the same for every thread.
    let own = frames.indices.filter { !frames[$0].isLibrary }
    let isFolded = own.isEmpty ? { _ in false } : { (index: Int) in index > own[0] && frames[index].isLibrary }
    for (index, frame) in frames.prefix(Self.framesMax).enumerated() where !isFolded(index) {
      line("  #\(index)  \(frame.text)")
    }
    let folded = frames.prefix(Self.framesMax).indices.filter(isFolded)
    if let first = folded.first {
      line(
        "  folded: \(folded.count) \(folded.count == 1 ? "frame" : "frames") of the library, from #\(first) \(frames[first].function)"
      )
    }
    if frames.count > Self.framesMax { line("  (\(frames.count - Self.framesMax) frames further out are not listed)") }
  }

  /// `0.022 ms`, `5.012 s`.
  static func duration(_ seconds: Double) -> String {
    var out = ByteWriter()
    let thousandths = Int64((max(0, seconds) * (seconds >= 1 ? 1000 : 1_000_000)).rounded())
    out.fixed(thousandths, places: 3)
    return out.string + (seconds >= 1 ? " s" : " ms")
  }
}
