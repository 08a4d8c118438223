import Foundation

/// Engine code that swallows `Stopped`: a thread that does, and loops, never ends.
enum SwallowedStops {
  /// Blocking calls of the runtime; names that the project's own functions give to `throws(Stopped)` come on top.
  static let primitives: Set = [
    "lock", "withLock", "wait", "sleep", "join", "spawn", "yield", "send", "receive", "activity", "run",
  ]

  /// Names of functions that throw `Stopped`.
  static func blocking(_ text: String) -> Set<String> {
    guard text.contains("throws(Stopped)") else { return [] }
    var names: Set<String> = []
    let code = CodeText.blanked(text)
    for part in code.components(separatedBy: "throws(Stopped)").dropLast() {
      guard let head = part.components(separatedBy: "func ").dropFirst().last else { continue }
      let name = head.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
      // Nothing but the declaration's own parameters may stand between.
      if !head.contains("{"), !name.isEmpty { names.insert(String(name)) }
    }
    return names
  }

  /// Places in `text` that catch a stop and do not throw it on.
  static func found(in text: String, blocking: Set<String>) -> [String] {
    guard text.contains("catch") || text.contains("try?") else { return [] }
    let code = Array(CodeText.blanked(text))
    return optionalTries(code, blocking) + catches(code, blocking)
  }

  private static func optionalTries(_ code: [Character], _ blocking: Set<String>) -> [String] {
    var found: [String] = []
    for (number, line) in String(code).components(separatedBy: "\n").enumerated() {
      guard let at = line.range(of: "try?") else { continue }
      for name in calls(line[at.upperBound...]) where blocking.contains(name) {
        found.append("line \(number + 1): try? \(name)")
      }
    }
    return found
  }

  private static func catches(_ code: [Character], _ blocking: Set<String>) -> [String] {
    var found: [String] = []
    let word = Array("catch")
    for index in code.indices where code[index] == "c" && code[index...].starts(with: word) {
      let isWord = index > 0 && !code[index - 1].isLetter && index + 5 < code.count && !code[index + 5].isLetter
      guard isWord, let open = code[index...].firstIndex(of: "{"), let end = closing(code, from: open),
        let close = code[..<index].lastIndex(where: { $0 != " " && $0 != "\n" }), code[close] == "}",
        let start = opening(code, from: close)
      else { continue }
      let pattern = String(code[(index + 5)..<open])
      let head = String(code[..<start].suffix(60))
      let kind = head.components(separatedBy: "do").last ?? ""
      if kind.contains("throws("), !kind.contains("throws(Stopped)") { continue }
      if pattern.contains(" as "), !pattern.contains("Stopped") { continue }
      let body = String(code[start...close])
      let blocks = kind.contains("throws(Stopped)") || calls(body[...]).contains { blocking.contains($0) }
      let rescue = String(code[open...end])
      if blocks, !rescue.contains("throw ") && !rescue.contains("throw.") {
        found.append("line \(1 + code[..<index].count { $0 == "\n" }): a catch without a throw")
      }
    }
    return found
  }

  /// Names that are called.
  private static func calls(_ text: Substring) -> [String] {
    var names: [String] = []
    var name = ""
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        name.append(character)
        continue
      }
      if character == "(" || character == " ", !name.isEmpty { names.append(name) }
      name = ""
    }
    return names
  }

  private static func closing(_ code: [Character], from open: Int) -> Int? {
    var depth = 0
    for index in open..<code.count {
      if code[index] == "{" { depth += 1 }
      if code[index] == "}" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }

  private static func opening(_ code: [Character], from close: Int) -> Int? {
    var depth = 0
    for index in (0...close).reversed() {
      if code[index] == "}" { depth += 1 }
      if code[index] == "{" { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }
}
