import Basics
import TestSupport
import Testing
import Trading

@testable import FieldReconciliation

/// Streams, lines, cells, amounts and moments.
@Suite struct ReadingTests {
  private func lines(_ path: String) throws -> [String] {
    let stream = try LineStream(path)
    var lines: [String] = []
    while let line = try stream.next() { lines.append(String(decoding: line, as: UTF8.self)) }
    return lines
  }

  @Test func `Lines come whole, whatever the chunks of the file are`() throws {
    let scratch = Scratch()
    let long = String(repeating: "x", count: 3 << 20)
    scratch.write("a\r\n\n\(long)\nlast", to: "log")
    #expect(try lines("\(scratch.path)/log") == ["a", "", long, "last"])
    scratch.write("", to: "empty")
    #expect(try lines("\(scratch.path)/empty") == [])
  }

  @Test func `A line that is too long costs itself and no other`() throws {
    let scratch = Scratch()
    scratch.write("a\n" + String(repeating: "x", count: LineStream.lineBytesMax + (2 << 20)) + "\nb\n", to: "log")
    let stream = try LineStream("\(scratch.path)/log")
    #expect(try stream.next().map { String(decoding: $0, as: UTF8.self) } == "a")
    #expect(try stream.next()?.count == 0)
    #expect(stream.isTooLong)
    #expect(try stream.next().map { String(decoding: $0, as: UTF8.self) } == "b")
    #expect(!stream.isTooLong && stream.line == 3)
  }

  @Test func `A packed file is read as the file it was, a cut one as far as it goes, and a broken one says so`() throws
  {
    let scratch = Scratch()
    scratch.write((0..<5000).map { "line \($0)\n" }.joined(), to: "log")
    #expect(try Tool.run("/usr/bin/env", ["gzip", "\(scratch.path)/log"]).code == 0)
    #expect(try lines("\(scratch.path)/log.gz").count == 5000)
    func make(_ command: String) throws {
      #expect(try Tool.run("/usr/bin/env", ["bash", "-c", "cd \(scratch.path); \(command)"]).code == 0)
    }
    // Half of it is read as far as it goes; a byte that is wrong makes all of it doubtful, and a head alone says nothing.
    try make(
      "head -c 6000 log.gz > cut; head -c 12 log.gz > head; (head -c 6000 log.gz; printf XXXX; tail -c +6005 log.gz) > bad"
    )
    let cut = try LineStream("\(scratch.path)/cut")
    var count = 0
    while try cut.next() != nil { count += 1 }
    #expect(cut.isCutOff && (1000..<5000).contains(count), "\(count)")
    for name in ["bad", "head"] {
      let error = #expect(throws: InputError.self) { try lines("\(scratch.path)/\(name)") }
      #expect(error?.message.contains("no whole gzip file") == true, "\(name)")
    }
    #expect(throws: InputError.self) { try lines("/dev/null") }
  }

  private func places(_ text: String, _ paths: [String]) -> [String]? {
    var walk = JSONWalk(JSONWalk.Names(paths: paths), slots: paths.count)
    let bytes = Array(text.utf8)
    let padded = bytes + [UInt8](repeating: 0, count: LineStream.padding)
    return padded.withUnsafeBufferPointer { buffer in
      let line = UnsafeBufferPointer(rebasing: buffer[..<bytes.count])
      guard walk.read(line) else { return nil }
      return walk.places.map { $0.isEmpty ? "-" : String(decoding: bytes[$0], as: UTF8.self) }
    }
  }

  @Test func `Wanted fields are found at any depth, and the first of a name counts`() {
    #expect(
      places(#"{"a": "x\"y", "b" : {"c":[1,{"d":2}],"e":null}, "a":2, "f":-1.5e3}"#, ["a", "b.e", "b.c", "f", "g"])
        == [#""x\"y""#, "null", #"[1,{"d":2}]"#, "-1.5e3", "-"])
    #expect(
      places(#"[1762074759818304000,"fetch_balance",279,true]"#, ["0", "1", "3"]) == [
        "1762074759818304000", "\"fetch_balance\"", "true",
      ])
    #expect(places("{}", ["a"]) == ["-"])
  }

  @Test(arguments: [
    "", "{", "{\"a\":1", "{\"a\":1}}", "{\"a\":1}{\"b\":2}", "{\"a\" 1}", "{\"a\":tru}", "{\"a\":}", "{\"a\":1,}x",
    "{\"a\":\"x}", "nonsense", "{\"a\":\"tab\there\"}", "\"text\"",
  ])
  func `What is no whole line is found`(text: String) {
    #expect(places(text, ["a"]) == nil)
  }

  @Test func `A long text is scanned eight bytes at a time and ends where it ends`() {
    for length in 0..<40 {
      let inner = String(repeating: "é", count: length) + "\\\"" + String(repeating: "z", count: length)
      #expect(places("{\"key\":\"\(inner)\",\"b\":1}", ["key", "b"]) == ["\"\(inner)\"", "1"])
    }
  }

  @Test func `Cells of a table`() {
    func cells(_ text: String, _ separator: Character = ",") -> [String]? {
      Array(text.utf8).withUnsafeBufferPointer { CSVWalk(separator: separator.asciiValue ?? 0x2C).cells($0) }
    }
    #expect(cells("\u{FEFF}a, b ,\"c,\"\"d\"\"\",") == ["a", "b", "c,\"d\"", ""])
    #expect(cells("\"open") == nil)
    #expect(CSVWalk.plain("\u{FEFF}Order Price1 ") == "order price")
  }

  @Test func `Amounts are read exactly, with the asset behind them`() {
    func cell(_ text: String, _ assets: [String] = [], comma: Bool = false) -> String? {
      FieldNumber.cell(text, assets: assets, isComma: comma).map { "\($0.value) \($0.asset)\($0.isCut ? " cut" : "")" }
    }
    #expect(cell("26.77DOGE") == "26.77 DOGE")
    #expect(cell("120.41INCH", ["1INCH", "USDT"]) == "120.4 1INCH")
    #expect(cell("403.324", ["4", "USDT"]) == "403.32 4")
    #expect(cell("1,234,567.5") == "1234567.5 ")
    #expect(cell("1.234,56 EUR", comma: true) == "1234.56 EUR")
    #expect(cell("5,2") == nil && cell("12,34") == nil && cell("1,234") == "1234 ")
    #expect(cell("5.9127519257041971") == "5.912751925704  cut")
    #expect(cell("1e-06") == "0.000001 ")
    #expect(cell("abc") == nil && cell("") == nil)
  }

  @Test func `Moments are recognised in the forms that logs and exports have`() {
    func time(_ text: String, _ form: FieldTime = FieldTime()) -> String? {
      form.read(text).map { "\($0.time)\($0.isWithoutZone ? " no zone" : "")" }
    }
    let moment = "2025-11-02T09:14:39.466588Z"
    #expect(time("2025-11-02T09:14:39.466588+00:00") == moment && time(moment) == moment)
    #expect(time("2025-11-02 10:14:39.466588 +0100") == nil && time("2025-11-02 10:14:39.466588+0100") == moment)
    #expect(time("1762074879.466588") == moment && time("1762074879466588000") == moment)
    #expect(time("1762074879466") == "2025-11-02T09:14:39.466000Z")
    #expect(time("25-11-02 09:14:39", FieldTime(zone: 0)) == "2025-11-02T09:14:39.000000Z")
    #expect(time("2025-11-02 09:14:39") == "2025-11-02T09:14:39.000000Z no zone")
    #expect(time("2025-11-02 17:14:39", FieldTime(zone: 8 * 3600)) == "2025-11-02T09:14:39.000000Z")
    #expect(time("02.11.2025 09:14:39", FieldTime(zone: 0)) == "2025-11-02T09:14:39.000000Z")
    #expect(time("11/02/2025 09:14", FieldTime(zone: 0)) == nil)
    #expect(time("11/02/2025 09:14", FieldTime(pattern: "MM/DD/YYYY HH:mm", zone: 0)) == "2025-11-02T09:14:00.000000Z")
    #expect(time("2025-13-02 09:14:39") == nil && time("yesterday") == nil && time("12") == nil)
  }

  @Test func `Zones stand in headers and in the names of files`() {
    #expect(FieldTime.zone(in: "date(utc)") == 0 && FieldTime.zone(in: "Date(UTC+8)") == 8 * 3600)
    #expect(FieldTime.zone(in: "Spot Trade History (UTC-05:30).csv") == -(5 * 3600 + 1800))
    #expect(FieldTime.zone(in: "trades.csv") == nil)
    #expect(SessionReader.zone("+08:00") == 8 * 3600 && SessionReader.zone("Berlin") == nil)
  }

  @Test func `Pairs, sides and states are known by any of their names`() {
    #expect(
      ["AIX/USDT", "AIX_USDT", "aix-usdt", "AIXUSDT"].map(FieldNames.symbol) == Array(repeating: "AIX/USDT", count: 4))
    #expect(FieldNames.symbol("1INCHUSDT") == "1INCH/USDT")
    #expect(FieldNames.side("BUY") == .buy && FieldNames.side("Sell") == .sell && FieldNames.side("?") == nil)
    #expect(FieldNames.status("Partially Filled") == .open && FieldNames.status("EXPIRED") == .canceled)
  }
}
