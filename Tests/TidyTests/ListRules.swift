/// Rules that compare a list in the text with what lies in a folder.
extension Rules {
  /// Fault files and the list that embeds them; names without `.toml`.
  static func badFaultList(_ list: String, files: [String]) -> [String] {
    var listed: [String] = []
    var found: [String] = []
    for line in list.split(separator: "\n") where line.contains("PackageResources.") {
      let quoted = line.split(separator: "\"", omittingEmptySubsequences: false)
      guard quoted.count == 3 else { continue }
      let name = String(quoted[1])
      listed.append(name)
      let member = name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined() + "_toml"
      if !line.contains("PackageResources.\(member))") { found.append("\(name) is embedded from another file") }
    }
    found += files.filter { !listed.contains($0) }.map { "faults/\($0).toml is not in the list" }
    found += listed.filter { !files.contains($0) }.map { "\($0) is listed and has no file" }
    found += Set(listed).filter { name in listed.filter { $0 == name }.count > 1 }.map { "\($0) is listed twice" }
    return found.sorted()
  }

  /// Each fault has a row in a table of the page, with its id in code quotes first.
  static func missingRows(_ page: String, faults: [String]) -> [String] {
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("|") }.map { $0.filter { $0 != " " } }
    return faults.filter { id in !rows.contains { $0.hasPrefix("|`\(id)`|") } }.map { "\($0) has no row" }
  }

  /// Bugs that a file declares: `static let name = HistoricalBug(`, or with the type written out.
  static func declaredBugs(_ text: String) -> [String] {
    CodeText.blanked(text).split(separator: "\n").compactMap { line in
      let words = line.split { " :=(".contains($0) }
      guard let at = words.firstIndex(of: "let"), words.contains("static"), words.contains("HistoricalBug") else {
        return nil
      }
      return at + 1 < words.count ? String(words[at + 1]) : nil
    }
  }

  static func badBugList(_ list: String, declared: [String]) -> [String] {
    let listed = CodeText.blanked(list).split(separator: "\n").compactMap { line -> String? in
      let word = line.filter { $0 != " " }
      return word.hasPrefix(".") && word.hasSuffix(",") ? String(word.dropFirst().dropLast()) : nil
    }
    return declared.filter { !listed.contains($0) }.map { ".\($0) is not in the list" }
      + listed.filter { !declared.contains($0) }.map { ".\($0) is listed and has no file" }
  }

  /// Products of a build or a run, and files whose names somebody's slip of the shell has given.
  static func badTracked(_ paths: [String]) -> [String] {
    let made = [".build", "runs", "sessions"]
    return paths.filter { path in
      path.hasSuffix("Package.resolved") || made.contains(path.split(separator: "/").first.map(String.init) ?? "")
        || (!path.contains("/") && path.wholeMatch(of: /[A-Za-z0-9._-]+/) == nil)
    }
  }

  static func badPackage(_ manifest: String) -> [String] {
    [".package(", "unsafeFlags"].filter { CodeText.blanked(manifest).contains($0) }
  }

  /// What a manifest lets each target import, where the target names its dependencies one by one.
  static func manifestLayers(_ manifest: String) -> [String: Set<String>] {
    var layers: [String: Set<String>] = [:]
    let compact = manifest.filter { !$0.isWhitespace }
    for kind in [".target(name:\"", ".executableTarget(name:\""] {
      var rest = compact[...]
      while let start = rest.firstRange(of: kind) {
        rest = rest[start.upperBound...]
        let name = String(rest.prefix { $0 != "\"" })
        guard name.allSatisfy({ $0.isLetter }), name != "TestSupport" else { continue }
        let own = rest.firstRange(of: "arget(name:").map { rest[..<$0.lowerBound] } ?? rest
        guard let from = own.firstRange(of: "dependencies:[") else {
          layers[name] = []
          continue
        }
        let names = own[from.upperBound...].prefix { $0 != "]" }.split(separator: ",")
        layers[name] = Set(names.map { $0.filter { $0 != "\"" } })
      }
    }
    return layers
  }

  /// Where the manifest allows what the table does not.
  static func badManifestLayers(_ manifest: String) -> [String] {
    manifestLayers(manifest).sorted { $0.key < $1.key }.flatMap { module, names -> [String] in
      guard let allowed = layers[module] else { return ["\(module) is not in the table of layers"] }
      return names.subtracting(allowed).sorted().map { "\(module) depends on \($0)" }
    }
  }

  /// The texts that the enumerations of names give their cases.
  static func writtenNames(_ schema: String) -> Set<String> {
    Set(
      schema.split(separator: "\n").compactMap { line in
        guard line.firstRange(of: "case ") != nil || line.firstRange(of: "= LandmarkName(") != nil else { return nil }
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
      })
  }

  /// Names of the schema that a text writes out instead of using the schema; names of one word may mean something else.
  static func looseNames(_ text: String, schema: Set<String>) -> [String] {
    text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.flatMap { line in
      line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset % 2 == 1 }.map { String($0.element) }
        .filter { name in schema.contains(name) && name.contains { $0 == "-" || $0 == "_" } }
    }
  }
}
