import Basics
import FaultInjection
import Testing

@Suite("A fault as a file and as one line")
struct FaultFormsTests {
  @Test
  func `Both are the same value, and each is read back as it was: three thousand random faults`() throws {
    var random = SplitMix(seed: 20_261_126)
    var patterns = 0
    for _ in 0..<3000 {
      var injects = (0..<Int.random(in: 1...3, using: &random)).map { _ in Arbitrary.inject(&random)
      }
      // A table has each key once.
      for index in injects.indices {
        var seen: Set<String> = []
        injects[index].match.removeAll { !seen.insert($0.key).inserted }
      }
      let fault = Fault(id: "x", title: "t", injects: injects)
      let text = FileForm.text(fault)
      if injects.contains(where: {
        $0.match.contains { $0.op == .notEqual && $0.value.utf8.contains(UInt8(ascii: "*")) }
      }) {
        // A file has no way to say "not this text with a star": there it is a pattern.
        #expect(try FaultFile.parse(text, file: "x.toml").injects != injects)
        patterns += 1
        continue
      }
      let file = try FaultFile.parse(text, file: "x.toml")
      let line = try Fault(oneLine: fault.oneLine)
      #expect(file.injects == injects, "\(text)")
      #expect(line.injects == file.injects, "\(text)\n\(fault.oneLine)")
      #expect(FileForm.text(file) == text)
    }
    #expect(patterns < 600)
  }
}

/// A fault as somebody would write its file.
enum FileForm {
  static func text(_ fault: Fault) -> String {
    "schema = 1\nid = \(quoted(fault.id))\ntitle = \(quoted(fault.title))\nseverity = \(quoted(fault.severity.rawValue))\n"
      + fault.injects.map(text).joined()
  }

  private static func text(_ inject: Fault.Inject) -> String {
    var lines = ["[[inject]]", "site = \(quoted(inject.site))"]
    if !inject.match.isEmpty {
      // '=' makes the text that follows literal.
      let pairs = inject.match.map { "\(quoted($0.key)) = \(quoted($0.op.rawValue + $0.value))" }
      lines.append("match = { \(pairs.joined(separator: ", ")) }")
    }
    if let per = inject.per { lines.append("per = \(quoted(per))") }
    if inject.after != 0 { lines.append("after = \(inject.after)") }
    if inject.every != 1 { lines.append("every = \(inject.every)") }
    if inject.window != Fault.Window() {
      let end = inject.window.end.map { "\($0.nanoseconds)ns" } ?? ""
      lines.append("window = \"\(inject.window.start.nanoseconds)ns..\(end)\"")
    }
    if !inject.when.isEmpty {
      lines.append("when = \"\(inject.when.map { $0.key + $0.op.rawValue + $0.value }.joined(separator: ", "))\"")
    }
    if let ttl = inject.ttl { lines.append("ttl = \"\(ttl.nanoseconds)ns\"") }
    if let thread = inject.thread { lines.append("thread = \(quoted(thread))") }
    lines.append("plan = \(quoted(inject.plan.text))")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
