import Basics
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-0", "12.50", "-1e10", "1E+3", "1e-7", "\"\"", "[]", "{}", "[1,[2,[3]]]",
    #"{"b":1,"a":{"c":[null,true]},"b":2}"#, #""täxt 🙂 \u0001\n\t\"\\""#,
    "123456789012345678901234567890.000000000001",
  ])
  func `What is written reads back`(text: String) throws {
    let value = try JSON.parse(text)
    #expect(value.text == text)
    #expect(try JSON.parse(value.pretty()) == value)
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `Any document reads back`(seed: UInt64) throws {
    var draws = SplitMix(seed: seed)
    let value = Self.draw(&draws, depth: 0)
    #expect(try JSON.parse(value.text) == value)
    #expect(try JSON.parse(value.pretty()) == value)
  }

  @Test func `Escapes are understood`() throws {
    #expect(try JSON.parse(#""\/\b\f\r\u00e4\ud83d\ude42""#).string == "/\u{8}\u{c}\rä🙂")
  }

  @Test(arguments: [
    ("", 1, 1, "the text ends where a value should stand"),
    ("[1,2", 1, 5, "',' or ']' should stand here"),
    ("{\"a\" 1}", 1, 6, "':' should stand here"),
    ("{\"a\":1 \"b\"", 1, 8, "',' or '}' should stand here"),
    ("{a:1}", 1, 2, "a member name in quotes should stand here"),
    ("[\n  1,\n  x\n]", 3, 3, "unexpected character"),
    ("nul", 1, 1, "unexpected character"),
    ("01", 1, 3, "a number has no leading zero"),
    ("-", 1, 2, "a digit should stand here"),
    ("1.", 1, 3, "a digit should follow the point"),
    ("1e+", 1, 4, "a digit should follow the exponent sign"),
    ("1 2", 1, 3, "trailing data after the document"),
    ("\"abc", 1, 5, "the string does not end"),
    ("\"a\nb\"", 1, 3, "a control character stands in a string"),
    (#""\x""#, 1, 4, "no such escape"),
    (#""\u12g4""#, 1, 6, "four hexadecimal digits should stand here"),
    (#""\ud800""#, 1, 8, "half of a surrogate pair"),
    ("[1,]", 1, 4, "unexpected character"),
  ])
  func `A mistake is named with its place`(_ wrong: (text: String, line: Int, column: Int, message: String)) {
    let error = #expect(throws: JSONError.self) { try JSON.parse(wrong.text) }
    #expect(error?.line == wrong.line, "\(wrong.text)")
    #expect(error?.column == wrong.column, "\(wrong.text)")
    #expect(error?.message == wrong.message, "\(wrong.text)")
  }

  @Test func `Nesting is bounded`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSON.parse(nested(64))
    let error = #expect(throws: JSONError.self) { try JSON.parse(nested(65)) }
    #expect(error?.message == "nested more than 64 deep")
    #expect(throws: JSONError.self) { try JSON.parse(nested(100_000)) }
  }

  @Test func `A mistake carries its line`() throws {
    let error = #expect(throws: JSONError.self) { try JSON.parse("\n\n{\"a\":}\n") }
    #expect(error?.line == 3)
    #expect(error?.column == 6)
    #expect(error?.offset == 7)
    #expect(error?.description == "line 3, column 6: unexpected character")
  }

  @Test(
    arguments: [
      (0, "0"), (1.5, "1.5"), (-0.25, "-0.25"), (2.0004, "2"), (0.0005, "0.001"), (1e14, "100000000000000"),
      (.infinity, "null"), (.nan, "null"), (1e15, "null"),
    ] as [(Double, String)])
  func `Doubles are written short`(_ value: Double, _ text: String) {
    #expect(JSON.double(value).text == text)
  }

  @Test func `A double with too many digits is null`() {
    #expect(JSON.double(123_456_789_012, places: 6).text == "123456789012")
    #expect(JSON.double(1_234_567_890_123, places: 6) == .null)
  }

  @Test func `Values of another kind are nil`() throws {
    let value = try JSON.parse(#"{"n":1,"s":"x"}"#)
    #expect(value["n"]?.string == nil && value["s"]?.int == nil && value["none"] == nil)
    #expect(value["n"]?["deeper"] == nil && value.array == nil)
    #expect(value["n"]?.double == 1)
  }

  @Test func `Pretty text is for people`() throws {
    #expect(
      try JSON.parse(#"{"a":[1,{"b":[]}],"c":{}}"#).pretty() == """
        {
          "a": [
            1,
            {
              "b": []
            }
          ],
          "c": {}
        }

        """)
  }

  private static func draw(_ draws: inout SplitMix, depth: Int) -> JSON {
    switch Mixing.index(draws.next(), below: depth > 5 ? 4 : 6) {
    case 0: return .null
    case 1: return .bool(draws.next() % 2 == 0)
    case 2: return .int(Int(truncatingIfNeeded: draws.next()))
    case 3:
      let scalars = (0..<Mixing.index(draws.next(), below: 8)).compactMap { _ in
        Unicode.Scalar(UInt32(draws.next() % 0x1_1000))
      }
      return .string(String(String.UnicodeScalarView(scalars)))
    case 4: return .array((0..<Mixing.index(draws.next(), below: 5)).map { _ in draw(&draws, depth: depth + 1) })
    default:
      return .object(
        (0..<Mixing.index(draws.next(), below: 5)).map { ("key \($0)\n", draw(&draws, depth: depth + 1)) })
    }
  }
}
