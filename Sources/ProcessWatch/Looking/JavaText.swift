/// jstack's thread print: threads with the objects that they hold and want, and the circle that the JVM has found.
struct JavaText {
  private(set) var threads: [ForeignDump.Thread] = []
  /// Empty: the JVM found none.
  private(set) var circle: [ForeignDump.Edge] = []
  /// Object -> who holds it, taken where; by thread name what it wants.
  private var holders: [String: (holder: ForeignDump.ThreadName, taken: String)] = [:]
  private var wants: [String: (object: String, name: String, at: String)] = [:]

  init(_ text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while let line = lines.popFirst() {
      // What follows says the same of the circle's threads once more.
      if line.hasPrefix("Found "), line.contains("Java-level deadlock") { break }
      read(line)
    }
    circle(lines)
    for index in threads.indices {
      let label = threads[index].label
      threads[index].held = holders.filter { $0.value.holder == label }.map {
        "\"\($0.key)\" taken at \($0.value.taken)"
      }
      .sorted()
      guard let want = wants[label.name] else { continue }
      let holder = holders[want.object]?.holder.text ?? "nobody known"
      threads[index].verdict = "BLOCKED, waits for \"\(want.name)\" at \(want.at), held by \(holder)"
      threads[index].rank = 0
    }
  }

  private mutating func read(_ line: Substring) {
    if line.hasPrefix("\""), let end = line.dropFirst().firstIndex(of: "\"") {
      let name = String(line[line.index(after: line.startIndex)..<end])
      let id = line.firstRange(of: "nid=").map { line[$0.upperBound...].prefix { $0 != " " } } ?? ""
      let number = id.hasPrefix("0x") ? Int32(id.dropFirst(2), radix: 16) : Int32(id)
      threads.append(ForeignDump.Thread(label: ForeignDump.ThreadName(name: name, id: number ?? 0)))
      return
    }
    guard let last = threads.indices.last else { return }
    let text = line.drop { $0 == " " || $0 == "\t" }
    if text.hasPrefix("java.lang.Thread.State: ") {
      let state = text.dropFirst(24)
      threads[last].verdict = state.hasPrefix("RUNNABLE") ? "runs, or is in a call of the system" : "waits: \(state)"
      threads[last].rank = state.hasPrefix("RUNNABLE") ? 1 : 2
    } else if text.hasPrefix("at "), let open = text.lastIndex(of: "("), text.hasSuffix(")") {
      threads[last].frames.append(
        ForeignDump.Frame(
          function: String(text[..<open].dropFirst(3)), place: String(text[text.index(after: open)...].dropLast()),
          isSource: true))
    } else if let (object, name) = Self.object(text) {
      let at = threads[last].frames.last.map { "\($0.place)" } ?? "an unknown place"
      if text.hasPrefix("- locked ") { holders[object] = (threads[last].label, at) }
      if text.hasPrefix("- waiting to lock ") { wants[threads[last].label.name] = (object, name, at) }
    }
  }

  /// The address and the class of `<0x...> (a Class)`.
  private static func object(_ text: Substring) -> (object: String, name: String)? {
    guard text.hasPrefix("- "), let open = text.firstIndex(of: "<"), let close = text.firstIndex(of: ">"), open < close
    else { return nil }
    let address = String(text[text.index(after: open)..<close])
    let kind = text[close...].firstRange(of: "(a ").map { text[$0.upperBound...].prefix { $0 != ")" } }
    return (address, "\(kind ?? "an object") \(address)")
  }

  /// `"A":`, `waiting to lock monitor 0x... (object 0x..., a Class),`, `which is held by "B"`.
  private mutating func circle(_ lines: ArraySlice<Substring>) {
    var waiter = ""
    for line in lines {
      let text = line.drop { $0 == " " || $0 == "\t" }
      if text.hasPrefix("Java stack information") { return }
      if text.hasPrefix("\""), text.hasSuffix("\":") { waiter = String(text.dropFirst().dropLast(2)) }
      guard text.hasPrefix("which is held by \""), let want = wants[waiter], let held = holders[want.object] else {
        continue
      }
      let label = threads.first { $0.label.name == waiter }?.label ?? ForeignDump.ThreadName(name: waiter)
      circle.append(
        ForeignDump.Edge(
          thread: label, lock: want.name, waits: want.at, holder: held.holder, taken: held.taken, seconds: 0))
    }
  }
}
