import Basics
import Foundation
import HistoricalBugs
import PaperSession
import TestSupport
import TradingEngine

@testable import chaos

/// README, the articles and the landing pages, as tests read them.
enum DocumentationText {
  static let folder = Folder.root + "/Sources/chaos/Documentation.docc"
  static let readme = Folder.root + "/README.md"
  /// Every page, README first.
  static let pages: [String] = [readme] + all(below: Folder.root + "/Sources").filter { $0.contains(".docc/") }

  static func text(_ page: String) -> String {
    FileManager.default.contents(atPath: page).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  private static func all(below folder: String) -> [String] {
    (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".md") }.sorted().map { "\(folder)/\($0)" }
  }

  /// Cells of the tables whose first cell is a code span, by that span.
  static func rows(_ text: String) -> [String: [String]] {
    var rows: [String: [String]] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      rows[spans(cells[0]).first ?? ""] = cells
    }
    return rows
  }

  /// The code blocks of a page that are marked as Swift.
  static func swiftBlocks(_ text: String) -> [String] {
    text.components(separatedBy: "```swift\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
  }

  /// How many code blocks a page has, of whatever language.
  static func blockCount(_ text: String) -> Int { (text.components(separatedBy: "```").count - 1) / 2 }

  /// What stands between backquotes on one line.
  static func spans(_ line: some StringProtocol) -> [String] {
    line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  /// The commands of a page: lines of code blocks and code spans that begin with `chaos` and a verb.
  static func commands(_ text: String) -> [String] {
    var found: [String] = []
    var isCode = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = line.drop { $0 == " " }
      if line.hasPrefix("```") {
        isCode.toggle()
        continue
      }
      var candidates = isCode ? [String(line)] : spans(line)
      if isCode, line.hasPrefix("$ ") { candidates = line.dropFirst(2).components(separatedBy: "; ") }
      for var words in candidates {
        for path in ["swift run -c release ", ".build/release/"] where words.hasPrefix(path) {
          words = String(words.dropFirst(path.count))
        }
        guard words.hasPrefix("chaos "), words.dropFirst(6).first?.isLowercase == true else { continue }
        found.append(words)
      }
    }
    return found.filter { !$0.contains("...") && !$0.contains("${") && !$0.hasSuffix("\\") }
  }

  /// Words as a shell splits them: blanks, single and double quotes; a comment, a pipe or a redirection ends the command.
  static func words(_ command: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isOpen = false
    for character in command {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isOpen = true
      } else if character == " " {
        if isOpen || !word.isEmpty { words.append(word) }
        (word, isOpen) = ("", false)
      } else if word.isEmpty, !isOpen, "#|>&;".contains(character) {
        return words
      } else {
        word.append(character)
      }
    }
    if isOpen || !word.isEmpty { words.append(word) }
    return words
  }

  /// Words that stand for something that the reader has.
  private static let stands = ["DIR", "ID", "FILE", "BUG", "NAME", "N", "S", "PATH.toml", "TEXT", "KIND"]

  /// What is wrong with a command; nil: the program would take it.
  static func wrong(_ command: String) -> String? {
    let words = Array(words(command).dropFirst())
    guard let name = words.first else { return "no verb" }
    guard let verb = Verbs.all.first(where: { $0.name == name }) else { return "no verb is called '\(name)'" }
    do throws(UsageError) {
      let arguments = try Arguments(Array(words.dropFirst()), options: verb.options, verb: name)
      var (settings, session) = (EngineSettings(), SessionSettings())
      for setting in try CommonOptions.settings(arguments) where !stands.contains(setting.name) {
        do throws(SettingError) {
          if try !session.set(setting.name, setting.value) { try settings.set(setting.name, setting.value) }
        } catch { return error.description }
      }
      _ = try CommonOptions.seed(arguments)
      let library = try FaultSelection(directory: nil)
      // A served exchange has sites of its own, and none of the engine's.
      let isServed = name == "serve" || arguments.has("engine")
      if isServed { _ = try WireFaultWords.faults(arguments) }
      for word in arguments.all("fault") where !isServed && !stands.contains(word) && !word.hasSuffix(".toml") {
        _ = try library.source(word)
      }
      if name != "list" { _ = try CommonOptions.checkNames(arguments) }
      let bugs =
        [arguments["bug"], arguments["scenario"]].compactMap { $0 }
        + arguments.all("revision").compactMap { $0.contains("=") ? String($0.prefix { $0 != "=" }) : nil }
      for bug in bugs where !stands.contains(bug) && AllBugs.named(bug) == nil && PaperScene.named(bug) == nil {
        return "no bug is called '\(bug)'"
      }
      return nil
    } catch {
      return error.text
    }
  }
}
