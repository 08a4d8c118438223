import ChaosRuntime
import Testing

@Suite struct RecordingTests {
  static let lines = [
    Recording.Line(kind: .run, subject: "main/a#2", site: "lock budget state", occurrence: 3, value: "b"),
    Recording.Line(kind: .stall, subject: "a", site: "sleep", occurrence: 0, value: "1000000"),
    Recording.Line(kind: .fault, subject: "x/0", site: "exchange.place_order AIX/USDT", occurrence: 12, value: "1"),
    Recording.Line(kind: .latency, subject: "exchange call", site: "fetch_balance", occurrence: 1, value: "8"),
  ]

  @Test func `A recording reads back`() throws {
    let recording = Recording(header: [("seed", "7"), ("strategy", "walk: a, b: c")], lines: Self.lines)
    let again = try Recording(parsing: recording.text)
    #expect(again.lines == recording.lines)
    #expect(again["seed"] == "7")
    #expect(again["strategy"] == "walk: a, b: c")
    #expect(again["none"] == nil)
    #expect(again == recording)
  }

  @Test func `The text is one choice a line`() {
    #expect(
      Recording(header: [("seed", "7")], lines: Self.lines).text == """
        # chaos recording, format 1; delete a line to undo its choice
        # seed: 7
        run | main/a#2 | lock budget state | 3 | b
        stall | a | sleep | 0 | 1000000
        fault | x/0 | exchange.place_order AIX/USDT | 12 | 1
        latency | exchange call | fetch_balance | 1 | 8

        """)
  }

  @Test func `Blanks and empty lines do not matter`() throws {
    let recording = try Recording(parsing: "\n#   seed:   7\n\n  run  |a|sleep|0|  b  \n#comment\n")
    #expect(recording.lines == [Recording.Line(kind: .run, subject: "a", site: "sleep", occurrence: 0, value: "b")])
    #expect(recording["seed"] == "7")
    #expect(try Recording(parsing: "") == Recording())
  }

  @Test(arguments: [
    ("nonsense", 1), ("# x: y\nrun | a | sleep | 0", 2), ("run | a | sleep | 0 | b | c", 1),
    ("\n\njump | a | sleep | 0 | b", 3), ("run | a | sleep | x | b", 1), ("run | a | sleep | -1 | b", 1),
    ("run | a | sleep | 99999999999999999999 | b", 1),
  ])
  func `A line that is no choice is named`(_ wrong: (text: String, line: Int)) {
    let error = #expect(throws: RecordingError.self) { try Recording(parsing: wrong.text) }
    #expect(error?.line == wrong.line)
    #expect(error?.description.hasPrefix("line \(wrong.line): not a choice: '") == true)
  }
}
