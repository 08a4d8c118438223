/// What faulthandler writes: stacks by the thread's own number, without names.
enum FaultHandlerText {
  /// `Thread 0x00007f01 (most recent call first):` and lines `  File "bot.py", line 12 in function`. Newer versions put the
  /// thread's name in brackets.
  static func threads(_ text: String, names: [String: ForeignDump.ThreadName]) -> [ForeignDump.Thread] {
    var threads: [ForeignDump.Thread] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("Thread 0x") || line.hasPrefix("Current thread 0x") {
        let hexadecimal = line.drop { $0 != "x" }.dropFirst().prefix { $0.isHexDigit }
        let number = UInt64(hexadecimal, radix: 16).map { String($0) } ?? ""
        let name = names[number] ?? ForeignDump.ThreadName(name: "thread-\(number)")
        threads.append(ForeignDump.Thread(label: name))
      } else if !threads.isEmpty, let frame = frame(line) {
        threads[threads.count - 1].frames.append(frame)
      }
    }
    return threads
  }

  private static func frame(_ line: Substring) -> ForeignDump.Frame? {
    guard line.hasPrefix("  File \""), let end = line.range(of: "\", line ", backwards: true) else { return nil }
    let file = line[..<end.lower].dropFirst(8)
    let rest = line[end.upper...]
    let number = rest.prefix { $0.isNumber }
    let function = rest.dropFirst(number.count).split(separator: " ").dropFirst().joined(separator: " ")
    return ForeignDump.Frame(
      function: function.isEmpty ? "?" : function, place: "\(file):\(number)", isSource: true)
  }
}

extension Substring {
  /// Where a text stands last.
  func range(of text: String, backwards: Bool) -> (lower: Index, upper: Index)? {
    var found: Range<Index>?
    var rest = self
    while let range = rest.firstRange(of: text) {
      found = range
      if !backwards { break }
      rest = rest[range.upperBound...]
    }
    return found.map { ($0.lowerBound, $0.upperBound) }
  }
}
