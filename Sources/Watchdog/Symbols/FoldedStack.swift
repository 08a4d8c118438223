/// A stack with the program's own frames, and the runtime's and the libraries' in one line.
///
/// Frames keep their numbers, so that a gap shows where something is folded; the line names, of each folded run, the frame
/// next to the program's own.
struct FoldedStack {
  private static let width = 80

  /// Lines of a stack, innermost frame first; a stack without a frame of its own is left as it is.
  static func lines(_ stack: ArraySlice<String>) -> [String] {
    let stack = Array(stack)
    let own = stack.map(isOwn)
    guard own.contains(true), own.contains(false) else { return numbered(stack, where: { _ in true }) }
    var out = numbered(stack) { own[$0] }
    var line = "  folded:"
    for run in runs(own) {
      let isOutermost = run.upperBound == stack.count
      let nearest = name(stack[isOutermost ? run.lowerBound : run.upperBound - 1])
      let numbers = run.count == 1 ? "#\(run.lowerBound)" : "#\(run.lowerBound)-#\(run.upperBound - 1)"
      let text = " \(numbers) \(nearest)" + (isOutermost ? "" : ",")
      if line.utf8.count + text.utf8.count > width, line.hasSuffix(",") {
        out.append(line)
        line = "         "
      }
      line += text
    }
    out.append(line.hasSuffix(",") ? String(line.dropLast()) : line)
    return out
  }

  private static func numbered(_ stack: [String], where isShown: (Int) -> Bool) -> [String] {
    stack.indices.filter(isShown).map { "  #\($0)  \(stack[$0])" }
  }

  private static func runs(_ own: [Bool]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var at = 0
    while at < own.count {
      if own[at] {
        at += 1
        continue
      }
      let start = at
      while at < own.count, !own[at] { at += 1 }
      runs.append(start..<at)
    }
    return runs
  }

  /// Whether a frame is of the program: neither the runtime's, nor a library's, nor what the compiler put between two.
  static func isOwn(_ frame: String) -> Bool {
    guard let at = frame.firstRange(of: "  at ") else {
      guard let image = frame.firstRange(of: "  in ") else { return false }
      // Symbols of a library may stand in a file of their own, which then names the frame.
      let file = frame[image.upperBound...]
      return !file.contains(".so") && !file.hasSuffix(".debug") && !frame.hasPrefix("_start ")
        && !frame.hasPrefix("partial apply ") && !frame.hasPrefix("reabstraction thunk ")
    }
    let place = frame[at.upperBound...]
    if place.hasPrefix("<compiler-generated>") { return false }
    return !["ChaosRuntime/", "CPlatform/"].contains { place.hasPrefix($0) || place.contains("/\($0)") }
  }

  /// The function alone: without place, offset, and what the optimizer says.
  private static func name(_ frame: String) -> String {
    let end = [frame.firstRange(of: "  at "), frame.firstRange(of: "  in "), frame.firstRange(of: " + ")]
      .compactMap { $0?.lowerBound }.min()
    var name = frame[..<(end ?? frame.endIndex)]
    if name.hasPrefix("specialized ") { name = name.dropFirst("specialized ".count) }
    return String(name)
  }
}

/// Places as an editor opens them, in lines that name them as the compiler does: `Module/File.swift:12`.
struct EditorPaths {
  private var paths: [Substring: String] = [:]

  /// Learns from a frame's place: `Sources/Module/Folder/File.swift:12`.
  mutating func learn(_ frame: String) {
    guard let at = frame.firstRange(of: "  at "), let colon = frame.lastIndex(of: ":"), at.upperBound < colon else {
      return
    }
    let path = frame[at.upperBound..<colon]
    let parts = path.split(separator: "/")
    guard path.hasSuffix(".swift"), let file = parts.last,
      let root = parts.lastIndex(where: { $0 == "Sources" || $0 == "Tests" }), root + 2 < parts.count
    else { return }
    paths["\(parts[root + 1])/\(file)"] = String(path)
  }

  /// The line with every place that is known by its path.
  func shown(_ line: Substring) -> String {
    guard line.contains(".swift:") else { return String(line) }
    return line.split(separator: " ", omittingEmptySubsequences: false).map { word in
      guard let colon = word.lastIndex(of: ":"), let path = paths[word[..<colon]] else { return String(word) }
      return path + word[colon...]
    }.joined(separator: " ")
  }
}
