/// The rules of the house: pure functions from text to what is wrong with it; empty is good.
enum Rules {
  static let fileLinesMax = 500
  static let functionLinesMax = 70
  static let folderFilesMax = 25

  /// Folders with more files than a listing can be read with.
  static func fullFolders(_ paths: [String]) -> [String] {
    let folders = Dictionary(grouping: paths) { $0.split(separator: "/").dropLast().joined(separator: "/") }
    return folders.filter { $0.value.count > folderFilesMax }.map { "\($0.key) holds \($0.value.count) files" }.sorted()
  }

  /// Tests whose names are no sentences: a raw identifier with a blank in it reads in a report as it stands.
  static func badTestNames(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var isTest = false
    var found: [String] = []
    for line in lines {
      let code = line.drop { $0 == " " }
      if code.hasPrefix("\"") { continue }
      if code.hasPrefix("@Test") { isTest = true }
      guard isTest, let word = code.firstRange(of: "func "), !code[..<word.lowerBound].contains("\"") else { continue }
      let name = code[word.upperBound...]
      isTest = false
      if !name.hasPrefix("`") || !name.dropFirst().prefix(while: { $0 != "`" }).contains(" ") {
        found.append(String(name.prefix { $0 != "(" }))
      }
    }
    return found
  }

  // MARK: Layers

  /// The table of DESIGN.md section 2: what each module may import.
  static let layers: [String: Set<String>] = {
    let engine: Set = ["Monitoring", "Trading", "ChaosRuntime", "Basics"]
    let exploration: Set = ["Watchdog", "FaultInjection", "ChaosRuntime", "Basics"]
    var layers: [String: Set<String>] = [
      "CPlatform": [],
      "PthreadLocks": [],
      "Basics": [],
      "ChaosRuntime": ["Basics", "CPlatform"],
      "FaultInjection": ["ChaosRuntime", "Basics"],
      "Watchdog": ["ChaosRuntime", "Basics", "CPlatform"],
      "ProcessWatch": ["Watchdog", "ChaosRuntime", "Basics", "CPlatform"],
      "Exploration": exploration,
      "ClassicPrograms": ["Exploration", "ChaosRuntime", "Basics"],
      "Proof": exploration.union(["Exploration"]),
      "Monitoring": ["ChaosRuntime", "Basics"],
      "HTTP": ["CPlatform", "ChaosRuntime", "Basics"],
      "MetricsServer": ["HTTP", "Monitoring", "ChaosRuntime", "Basics"],
      "Trading": ["Basics"],
      "WireClient": ["HTTP", "Trading", "ChaosRuntime", "Basics"],
      "FakeExchange": ["FaultInjection", "Trading", "ChaosRuntime", "Basics"],
      "ExchangeServer": ["HTTP", "FakeExchange", "FaultInjection", "Trading", "ChaosRuntime", "Basics"],
      "TradingEngine": engine,
      "Checks": ["Trading", "Basics"],
      "HistoricalBugs": engine.union(["Checks", "TradingEngine"]),
    ]
    let apart: Set = [
      "CPlatform", "PthreadLocks", "ClassicPrograms", "HTTP", "ExchangeServer", "WireClient", "ProcessWatch",
    ]
    layers["PaperSession"] = Set(layers.keys).subtracting(apart)
    layers["FieldReconciliation"] = ["HistoricalBugs", "Checks", "Trading", "FaultInjection", "ChaosRuntime", "Basics"]
    layers["FieldReproduction"] = Set(layers.keys).subtracting(apart.union(["MetricsServer"]))
    layers["BotRun"] = [
      "ExchangeServer", "HTTP", "Checks", "Proof", "FaultInjection", "Trading", "ChaosRuntime", "Basics",
    ]
    layers["chaos"] = Set(layers.keys).subtracting(["CPlatform", "PthreadLocks"])
    return layers
  }()

  /// Modules of the system that any layer may import; Foundation only where its formatting is allowed.
  static let systemModules: Set = ["Glibc", "Synchronization", "Runtime"]
  static let foundationLayers: Set = ["chaos", "PaperSession"]

  /// Modules that a text imports, in its order.
  static func imports(_ text: String) -> [String] {
    var found: [String] = []
    for line in CodeText.blanked(text).split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == ";" }
      guard let at = words.firstIndex(of: "import"), at + 1 < words.count else { continue }
      let before = words[..<at]
      let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
      guard before.allSatisfy({ $0.first == "@" || access.contains($0) }) else { continue }
      let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
      let name = kinds.contains(words[at + 1]) ? words.dropFirst(at + 2).first : words[at + 1]
      if let module = name?.split(separator: ".").first { found.append(String(module)) }
    }
    return found
  }

  static func badImports(_ text: String, of module: String) -> [String] {
    guard let allowed = layers[module] else { return ["module \(module) is not in the table of layers"] }
    return imports(text).filter { name in
      if name.hasPrefix("Foundation") { return !foundationLayers.contains(module) }
      return name != module && !allowed.contains(name) && !systemModules.contains(name)
    }.map { "\(module) imports \($0)" }
  }

  // MARK: Lengths

  static func longFile(_ text: String) -> [String] {
    let count = text.split(separator: "\n", omittingEmptySubsequences: false).count - (text.hasSuffix("\n") ? 1 : 0)
    return count > fileLinesMax ? ["\(count) lines, \(fileLinesMax) at most"] : []
  }

  /// Functions, initializers and computed properties that do not fit a screen; lines of a long text are not counted.
  static func longFunctions(_ text: String) -> [String] {
    let lines = CodeText.blanked(text).utf8.split(separator: newline, omittingEmptySubsequences: false).map(Array.init)
    let written = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
    var found: [String] = []
    for (index, line) in lines.enumerated() {
      guard let name = declared(line), let last = end(of: index, lines) else { continue }
      let count = (index...last).count { at in
        lines[at].contains { $0 != space } || written[at].isEmpty || written[at].hasPrefix("//")
      }
      if count > functionLinesMax {
        found.append("line \(index + 1): \(name) has \(count) lines, \(functionLinesMax) at most")
      }
    }
    return found
  }

  private static let newline = UInt8(ascii: "\n")
  private static let space = UInt8(ascii: " ")
  private static let modifiers: Set = [
    "public", "package", "internal", "fileprivate", "private", "static", "final", "override", "mutating", "nonmutating",
    "nonisolated", "convenience", "required", "class", "lazy", "borrowing", "consuming", "@inlinable",
    "@usableFromInline", "@discardableResult", "@inline", "__always)", "never)", "@Test",
  ]

  /// The name of the function that a line declares.
  private static func declared(_ line: [UInt8]) -> String? {
    let words = line.split { $0 < 0x40 && " (<?:".utf8.contains($0) }.map { String(decoding: $0, as: UTF8.self) }
    guard let first = words.firstIndex(where: { !modifiers.contains($0) }) else { return nil }
    switch words[first] {
    case "func": return first + 1 < words.count ? words[first + 1] : nil
    case "init", "deinit", "subscript": return words[first]
    case "var": return words.last == "{" && first + 1 < words.count ? words[first + 1] : nil
    default: return nil
    }
  }

  /// Line of the brace that closes the body begun at or after a line; nil for a requirement without a body.
  private static func end(of start: Int, _ lines: [[UInt8]]) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<lines.count {
      for character in lines[index] {
        switch character {
        case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
        case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
        case UInt8(ascii: "}") where parentheses == 0 || braces > 0:
          braces -= 1
          if braces == 0 { return index }
          if braces < 0 { return nil }
        default: break
        }
      }
      if braces == 0, parentheses == 0, !continues(lines, after: index) { return nil }
    }
    return nil
  }

  /// Whether a declaration without its brace yet goes on after a line.
  private static func continues(_ lines: [[UInt8]], after index: Int) -> Bool {
    guard index + 1 < lines.count else { return false }
    let next = lines[index + 1].drop { $0 == space }
    return ["{", "->", "throws", "async", "where", "rethrows"].contains { next.starts(with: $0.utf8) }
      || lines[index].last == UInt8(ascii: ",") || lines[index].reversed().starts(with: " where".utf8.reversed())
  }

  // MARK: Words

  /// Written in two halves, so that this file does not trip over itself.
  static let unfinished = ["TO" + "DO", "FIX" + "ME"]

  static func unfinishedWork(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().flatMap { index, line in
      unfinished.filter { line.contains($0) }.map { "line \(index + 1): \($0)" }
    }
  }
}
