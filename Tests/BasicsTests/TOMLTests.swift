import TestSupport
import ChaosRuntime
import Basics
import FaultInjection
import Testing

@Suite("The TOML reader")
struct TOMLTests {
  static func error(_ text: String) -> String { errorText { _ = try TOMLDocument(parsing: text, file: "t.toml") } }

  @Test
  func `Every type of value is read, in the order of the document`() throws {
    let document = try TOMLDocument(
      parsing: """
        z = "text"
        a = 0x_1
        """.replacing("0x_1", with: "0xdead_beef")
          + "\nf = 6.626e-34\nb = true\nd = 1979-05-27 07:32:00Z\nl = [1, [2]]\n"
          + "t = { x.y = 1 }\n[[r]]\nn = 1\n[[r]]\nn = 2\n", file: "t.toml")
    #expect(document.root.entries.map(\.key) == ["z", "a", "f", "b", "d", "l", "t", "r"])
    #expect(document.root["z"]?.string == "text")
    #expect(document.root["a"]?.integer == 0xdead_beef)
    #expect(document.root["b"]?.boolean == true)
    #expect(document.root["l"]?.array?.last?.array?.first?.integer == 2)
    #expect(document.root["t"]?.table?["x"]?.table?["y"]?.integer == 1)
    #expect(document.root["r"]?.array?.map { $0.table?["n"]?.integer } == [1, 2])
    if case .float(let value) = document.root["f"]?.kind {
      #expect(value == 6.626e-34)
    } else {
      Issue.record("no float")
    }
    if case .dateTime(let text, let kind) = document.root["d"]?.kind {
      #expect(text == "1979-05-27 07:32:00Z")
      #expect(kind == .offsetDateTime)
    } else {
      Issue.record("no date-time")
    }
  }

  @Test(arguments: [
    ("a = 1\na = 2\n", "2:1: 'a' is already defined in line 1"),
    ("[a]\n[a]\n", "2:2: 'a' is already defined in line 1"),
    ("a.b = 1\n[a]\n", "2:2: 'a' is already defined in line 1"),
    ("a = {}\na.b = 1\n", "2:1: 'a' is already defined in line 1"),
    ("a = []\n[[a]]\n", "2:3: 'a' is already defined in line 1"), ("a\n", "1:2: after a key stands '='"),
    ("= 1\n", "1:1: a key is expected: letters, digits, '_' and '-', or text in quotes"),
    ("a = \n", "1:5: a value is expected"), ("a = True\n", "1:5: 'True' is not a value; did you mean 'true'?"),
    ("a = hello\n", "1:5: 'hello' is not a value; text stands in quotes: \"hello\""),
    ("a = 01\n", "1:5: '01' is not a number, date or time"),
    ("a = 1__0\n", "1:5: '1__0' is not a number, date or time"),
    ("a = 1979-02-29\n", "1:5: '1979-02-29' is not a number, date or time"),
    ("a = 9223372036854775808\n", "1:5: the integer does not fit into 64 bits"),
    ("a = 1 b = 2\n", "1:7: nothing but a comment may follow on this line"),
    ("a = \"x\n", "1:5: the text is not closed on its line"),
    ("a = \"\"\"x\n", "1:5: the text is not closed; three quotes end it"),
    (
      "a = \"\\q\"\n",
      "1:6: an unknown escape; known are \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX; '...' knows none"
    ),
    ("a = \"\\uD800\"\n", "1:6: no Unicode scalar value"),
    ("a = \"\\u12\"\n", "1:6: 4 hexadecimal digits are expected"),
    ("a = [1 2]\n", "1:8: between the values of an array stands ','"), ("a = [1,\n", "1:5: the array is not closed"),
    ("a = {b = 1,}\n", "1:12: no ',' stands after the last entry of an inline table"),
    ("a = {b = 1\n}\n", "1:5: an inline table is closed on its line"), ("[a\n", "1:3: a table header ends with ']'"),
    ("[[a]\n", "1:5: a table header ends with ']]'"), ("# \u{1}\n", "1:3: a comment may not hold control characters"),
    ("a = \"\u{1}\"\n", "1:6: a control character in text is written as an escape"),
  ])
  func `A mistake is shown where it stands`(text: String, expected: String) {
    let found = Self.error(text)
    #expect(found.hasPrefix("t.toml:\(expected)\n"), "\(found)")
  }

  @Test
  func `The line is shown with a caret, tabs kept, control characters not`() {
    #expect(
      Self.error("\tkey =\t\u{1b}[31mx\n") == "t.toml:1:8: a value is expected\n    \tkey =\t?[31mx\n    \t     \t^")
  }

  @Test
  func `A long line is cut around the place`() {
    let found = Self.error("a = [" + String(repeating: "1, ", count: 500) + "x, 2]\n")
    #expect(found.hasPrefix("t.toml:1:1506: 'x' is not a value"))
    #expect(found.split(separator: "\n").allSatisfy { $0.utf8.count < 200 })
  }

  @Test
  func `Bytes that are not UTF-8 are found`() {
    let bytes = Array("a = 1\nb = \"".utf8) + [0xFF] + Array("\"\n".utf8)
    #expect(
      errorText { _ = try TOMLDocument(parsing: bytes, file: "t.toml") }.hasPrefix(
        "t.toml:2:6: a byte that is not UTF-8\n"))
  }

  @Test
  func `Size and nesting are bounded`() {
    let large = [UInt8](repeating: 0x20, count: TOMLDocument.bytesMax + 1)
    #expect(
      errorText { _ = try TOMLDocument(parsing: large, file: "t.toml") }.hasPrefix(
        "t.toml:1:1: the document has 1048577 bytes; at most 1048576 are read\n"))
    let fits = String(repeating: " ", count: TOMLDocument.bytesMax)
    #expect(Self.error(fits) == "no error")
    for (open, close) in [("[", "]"), ("{a=", "}")] {
      let deep = "a = " + String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
      #expect(Self.error(deep).contains("values nest at most 64 deep"))
      let okay = "a = " + String(repeating: open, count: 64) + "1" + String(repeating: close, count: 64)
      #expect(Self.error(okay) == "no error")
    }
    let parts = "a" + String(repeating: ".a", count: 64) + " = 1"
    #expect(Self.error(parts).contains("a key has at most 64 parts"))
  }

  @Test
  func `A large document takes time in proportion to its size`() {
    var text = ""
    for i in 0..<60_000 { text += "k\(i) = \(i)\n" }
    #expect(Self.error(text) == "no error")
  }

  @Test
  func `Keys that look alike are different when their bytes are`() {
    #expect(Self.error("\"\u{e9}\" = 1\n\"e\u{301}\" = 2\n") == "no error")
  }
}
