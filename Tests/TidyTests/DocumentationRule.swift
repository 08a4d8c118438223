/// The rule that every declaration that another module can use says what its name does not, and when it throws.
extension Rules {
  /// Public and package declarations, requirements of public protocols and cases of public enums that have no `///`
  /// line above them (attributes may stand between), or one that says the name again: `The name.` above `name`; and
  /// functions that throw an error of their own and do not say so. Every blocking call throws `Stopped`, which goes
  /// without saying.
  static func undocumented(_ text: String) -> [String] {
    let written = text.split(separator: "\n", omittingEmptySubsequences: false)
    let code = CodeText.blanked(text).split(separator: "\n", omittingEmptySubsequences: false)
    var found: [String] = []
    var scopes = Scopes()
    for (index, line) in code.enumerated() {
      if let declaration = Declaration(line, in: scopes) {
        scopes.opens = declaration.scope
        if declaration.isPublic {
          let comment = comment(above: index, written)
          if comment.isEmpty {
            found.append("line \(index + 1): \(declaration.text) is not documented")
          } else if repeats(comment, declaration.name) {
            found.append("line \(index + 1): the comment of \(declaration.name) says its name again")
          } else if declaration.isFunction, let error = thrown(from: index, code),
            !comment.lowercased().contains("throw"),
            !comment.contains("error")
          {
            found.append("line \(index + 1): the comment of \(declaration.text) does not say when it throws \(error)")
          }
        }
      }
      scopes.read(line)
    }
    return found
  }

  /// The `///` lines above a line, as one text; attributes on lines of their own may stand between.
  private static func comment(above index: Int, _ lines: [Substring]) -> String {
    var at = index - 1
    func code() -> Substring { lines[at].drop { $0 == " " } }
    while at >= 0, code().hasPrefix("@") { at -= 1 }
    var words: [Substring] = []
    while at >= 0, code().hasPrefix("///") {
      words.insert(code().dropFirst(3), at: 0)
      at -= 1
    }
    return words.joined(separator: " ")
  }

  /// The error type of the function that begins at a line, `Stopped` excepted; nil for none. What stands in parentheses
  /// belongs to parameters: a closure among them throws errors of its own.
  private static func thrown(from index: Int, _ code: [Substring]) -> String? {
    var depth = 0
    var outside = ""
    for at in index..<min(index + 12, code.count) {
      var rest = code[at]
      while let character = rest.popFirst() {
        if depth == 0, character == "{" { return nil }
        if depth == 0, character == "(", outside.hasSuffix("throws") {
          let name = rest.prefix { $0 != ")" }
          return name == "Stopped" ? nil : String(name)
        }
        if character == "(" { depth += 1 }
        if depth == 0 { outside.append(character) }
        if character == ")" { depth -= 1 }
      }
      let next = at + 1 < code.count ? code[at + 1].drop { $0 == " " } : ""
      guard depth > 0 || ["{", "->", "throws", "where"].contains(where: { next.hasPrefix($0) }) else { return nil }
    }
    return nil
  }

  /// Whether a comment has no word that its declaration's name does not have.
  private static func repeats(_ comment: String, _ name: String) -> Bool {
    let fillers: Set = ["the", "a", "an", "of", "its", "this"]
    var known: Set<String> = fillers
    var word = ""
    for character in name {
      if character.isUppercase || !character.isLetter {
        known.insert(word)
        word = ""
      }
      if character.isLetter { word += character.lowercased() }
    }
    known.insert(word)
    let said = comment.lowercased().split { !$0.isLetter && !$0.isNumber }
    return said.allSatisfy { known.contains(String($0)) }
  }
}

/// What braces are open around a line.
private struct Scopes {
  enum Scope { case publicProtocol, publicEnum, other }

  private var open: [Scope] = []
  private var parentheses = 0
  /// Of the next brace.
  var opens = Scope.other

  var innermost: Scope? { open.last }
  var isInPublicList: Bool { innermost == .publicProtocol || innermost == .publicEnum }
  /// Whether a line may begin a declaration.
  var isBetweenDeclarations: Bool { parentheses == 0 }

  mutating func read(_ line: Substring) {
    for byte in line.utf8 {
      switch byte {
      case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
      case UInt8(ascii: "{"):
        open.append(parentheses == 0 ? opens : .other)
        if parentheses == 0 { opens = .other }
      case UInt8(ascii: "}"): _ = open.popLast()
      default: break
      }
    }
  }
}

/// What a line declares.
private struct Declaration {
  let kind: String
  let name: String
  /// As a message names it.
  var text: String { kind == "init" || kind == "subscript" ? kind : "\(kind) \(name)" }
  var isFunction: Bool { kind == "func" || kind == "init" || kind == "subscript" }
  /// Whether other modules see it.
  let isPublic: Bool
  /// Of the braces that follow.
  let scope: Scopes.Scope

  private static let modifiers: Set<Substring> = [
    "public", "package", "internal", "fileprivate", "private", "open", "static", "final", "override", "mutating",
    "nonmutating", "nonisolated", "convenience", "required", "indirect", "lazy", "weak", "unowned", "borrowing",
    "consuming", "prefix", "postfix", "infix", "dynamic",
  ]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "actor", "protocol", "extension", "func", "var", "let", "typealias", "init", "subscript",
    "associatedtype", "case", "macro",
  ]

  /// Nil when the line declares nothing.
  init?(_ line: Substring, in scopes: Scopes) {
    guard scopes.isBetweenDeclarations, scopes.isInPublicList || Self.mayBePublic(line) else { return nil }
    var words = line.split { $0 == " " || $0 == "(" || $0 == ":" || $0 == "<" || $0 == "?" || $0 == "{" || $0 == "," }[
      ...]
    while words.first?.hasPrefix("@") == true { words.removeFirst() }
    var isPublic = false
    while let word = words.first, Self.isModifier(word, words.dropFirst().first) {
      if word == "public" || word == "package" || word == "open" { isPublic = true }
      words.removeFirst()
    }
    guard let kind = words.first, Self.kinds.contains(kind) else { return nil }
    self.kind = String(kind)
    name = words.dropFirst().first.map(String.init) ?? ""
    switch (kind, scopes.innermost) {
    case ("case", .publicEnum): self.isPublic = true
    case ("case", _), ("extension", _): self.isPublic = false
    case (_, .publicProtocol): self.isPublic = true
    default: self.isPublic = isPublic
    }
    scope = isPublic && kind == "protocol" ? .publicProtocol : isPublic && kind == "enum" ? .publicEnum : .other
  }

  /// Only these can matter; splitting every line of the project into words would take seconds.
  private static func mayBePublic(_ line: Substring) -> Bool {
    line.utf8.contains(UInt8(ascii: "p")) && (line.contains("public") || line.contains("package"))
      || line.utf8.contains(UInt8(ascii: "o")) && line.contains("open ")
  }

  /// `class` before `func` or `var` is a modifier; so is `set)` of `private(set)`.
  private static func isModifier(_ word: Substring, _ next: Substring?) -> Bool {
    if word == "class" { return next == "func" || next == "var" }
    return modifiers.contains(word) || word == "set)" || word == "unsafe)" || word == "__always)" || word == "never)"
      || word == "unchecked)"
  }
}
