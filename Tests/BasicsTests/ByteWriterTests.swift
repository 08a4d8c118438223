import Basics
import Testing

@Suite struct ByteWriterTests {
  @Test func `Numbers are written as values would be`() {
    var text = ByteWriter(capacity: 1)
    for value in [0, 7, -7, 10, 99, 100, 1000, 12_345, 1_234_567_890, .max, .min] {
      text.integer(value)
      text.byte(0x20)
    }
    #expect(text.string == "0 7 -7 10 99 100 1000 12345 1234567890 \(Int.max) \(Int.min) ")
  }

  @Test(
    arguments: [
      (12_340, 3, "12.34"), (-5, 3, "-0.005"), (1_000, 3, "1"), (7, 0, "7"), (-7, 0, "-7"), (1, 9, "0.000000001"),
      (500_000_000_000, 12, "0.5"), (1_230_000_000_004, 12, "1.230000000004"), (-20_000_100_000, 12, "-0.0200001"),
      (.min, 19, "-0.9223372036854775808"), (.max, 12, "9223372.036854775807"), (0, 12, "0"), (10, 1, "1"),
      (15, 1, "1.5"),
    ] as [(Int64, Int, String)])
  func `Fixed numbers cut their zeros`(_ scaled: Int64, _ places: Int, _ expected: String) {
    var text = ByteWriter()
    text.fixed(scaled, places: places)
    #expect(text.string == expected)
  }

  @Test(arguments: [
    "", "plain", "exactly8", "a text of more than two words", "\"", "back\\slash", "line\nfeed", "\u{1}\u{1F} \u{7F}",
    "seven77\"", "1234567\t12345678", "Grüße, 世界 🎈", "\u{80}\u{FF}ÿ\u{22}", "ends with a quote after words \"",
  ])
  func `Strings are escaped as RFC 8259 asks`(_ value: String) throws {
    var text = ByteWriter(capacity: 1)
    text.quoted(value)
    var expected = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": expected += "\\\""
      case "\\": expected += "\\\\"
      case "\n": expected += "\\n"
      case "\r": expected += "\\r"
      case "\t": expected += "\\t"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        expected += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: expected.unicodeScalars.append(scalar)
      }
    }
    #expect(text.string == expected + "\"")
    #expect(try JSON.parse(text.string).string == value)
  }

  @Test func `Moments of one second and of others follow each other`() {
    let start = Instant.simulationEpoch
    var text = ByteWriter()
    var expected = ""
    for nanoseconds in [0, 999, 1_000, 999_999_999, 1_000_000_000, 1_000_000_001, 86_400_000_000_000, 5, -1] as [Int64]
    {
      let time = start + Duration(nanoseconds: nanoseconds)
      text.time(time)
      expected += time.iso8601()
    }
    #expect(text.string == expected)
  }

  @Test func `Pieces stay in order as the memory grows`() {
    var text = ByteWriter(capacity: 1)
    var other = ByteWriter(capacity: 1)
    for index in 0..<200 {
      text.key("k")
      text.integer(index)
      let start = text.count
      text.text("piece ")
      text.text("\(index)")
      other.append(text, from: start)
    }
    #expect(text.string == (0..<200).map { ",\"k\":\($0)piece \($0)" }.joined())
    #expect(other.string == (0..<200).map { "piece \($0)" }.joined())
    #expect(other.bytes(from: other.count - 3) == Array("199".utf8))
    text.removeAll()
    #expect(text.isEmpty && text.bytes().isEmpty)
  }
}
