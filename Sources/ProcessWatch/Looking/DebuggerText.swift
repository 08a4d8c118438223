/// What tools that look from outside print, as threads.
enum DebuggerText {
  /// gdb's `thread apply all bt` and eu-stack: frames begin with `#n`, threads with `Thread ... LWP n` or `TID n:`.
  static func machineCode(_ text: String) -> [ForeignDump.Thread] {
    var threads: [ForeignDump.Thread] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("TID "), let id = Int32(line.dropFirst(4).prefix { $0.isNumber }) {
        threads.append(ForeignDump.Thread(label: ForeignDump.ThreadName(name: "", id: id)))
      } else if line.hasPrefix("Thread "), let at = line.firstRange(of: "LWP "),
        let id = Int32(line[at.upperBound...].prefix { $0.isNumber })
      {
        threads.append(ForeignDump.Thread(label: ForeignDump.ThreadName(name: "", id: id)))
      } else if line.hasPrefix("#"), !threads.isEmpty {
        threads[threads.count - 1].frames.append(machineFrame(line))
      }
    }
    return threads
  }

  /// `#0  0x00007f in name (args) from lib` and `at file:line` of gdb; `#0  0x00007f name - lib` of eu-stack. Arguments are
  /// left out: they are values of the program.
  private static func machineFrame(_ line: Substring) -> ForeignDump.Frame {
    var rest = line.drop { $0 != " " }.drop { $0 == " " }
    if rest.hasPrefix("0x") { rest = rest.drop { $0 != " " }.drop { $0 == " " } }
    if rest.hasPrefix("in ") { rest = rest.dropFirst(3) }
    for (mark, isSource) in [(" at ", true), (" from ", false), (" - ", false)] {
      guard let at = rest.range(of: mark, backwards: true) else { continue }
      return ForeignDump.Frame(
        function: name(rest[..<at.lower]), place: String(rest[at.upper...]), isSource: isSource)
    }
    return ForeignDump.Frame(function: name(rest), place: "", isSource: false)
  }

  private static func name(_ text: Substring) -> String {
    let name = (text.firstRange(of: " (").map { text[..<$0.lowerBound] } ?? text).split(separator: " ").joined(
      separator: " ")
    return name.isEmpty || name == "??" ? "?" : name
  }

  /// py-spy's dump: `Thread 123 (idle): "name"` and lines `    function (file.py:12)`.
  static func pySpy(_ text: String) -> [ForeignDump.Thread] {
    var threads: [ForeignDump.Thread] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("Thread ") {
        let words = line.split(separator: " ")
        let id = words.count > 1 ? Int32(words[1].prefix { $0.isNumber }) ?? 0 : 0
        let name = line.split(separator: "\"", omittingEmptySubsequences: false)
        threads.append(
          ForeignDump.Thread(label: ForeignDump.ThreadName(name: name.count > 2 ? String(name[1]) : "", id: id)))
      } else if line.hasPrefix("    "), let open = line.range(of: " (", backwards: true), line.hasSuffix(")"),
        !threads.isEmpty
      {
        threads[threads.count - 1].frames.append(
          ForeignDump.Frame(
            function: String(line[..<open.lower].drop { $0 == " " }), place: String(line[open.upper...].dropLast()),
            isSource: true))
      }
    }
    return threads
  }

  /// Go's own dump at SIGQUIT: `goroutine 7 [chan receive, 2 minutes]:`, then a line for the call and one for its place.
  static func goroutines(_ text: String) -> [ForeignDump.Thread] {
    var threads: [ForeignDump.Thread] = []
    var call = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix("goroutine "), line.hasSuffix("]:"), let open = line.firstIndex(of: "[") {
        let number = line.dropFirst(10).prefix { $0.isNumber }
        var thread = ForeignDump.Thread(label: ForeignDump.ThreadName(name: "goroutine \(number)"))
        let state = String(line[line.index(after: open)...].dropLast(2))
        thread.verdict =
          state.hasPrefix("running") || state.hasPrefix("runnable") ? "BUSY, \(state)" : "waits: \(state)"
        thread.rank =
          state.contains("Mutex") || state.contains("semacquire") ? 0 : thread.verdict.hasPrefix("B") ? 1 : 2
        threads.append(thread)
      } else if line.hasPrefix("\t"), !threads.isEmpty, !call.isEmpty {
        let place = line.drop { $0 == "\t" }.prefix { $0 != " " }
        threads[threads.count - 1].frames.append(
          ForeignDump.Frame(function: withoutArguments(call), place: String(place), isSource: true))
        call = ""
      } else {
        call = String(line)
      }
    }
    return threads
  }

  private static func withoutArguments(_ call: String) -> String {
    if call.hasPrefix("created by ") { return call }
    guard call.hasSuffix(")"), let open = call.lastIndex(of: "(") else { return call }
    return String(call[..<open])
  }
}
