import Basics
import FaultInjection
import Foundation
import Testing

/// Python's `tomllib` says what a document means.
@Suite("The TOML reader against Python's tomllib")
struct TOMLOracleTests {
  static let isAvailable = oracle([]) != nil

  @Test(.enabled(if: isAvailable, "no python3 with tomllib (3.11 or later) was found"))
  func `What is valid and what it means is the same for both`() throws {
    let documents = TOMLCorpus.valid + TOMLCorpus.invalid
    let answers = try #require(Self.oracle(documents.map { Array($0.utf8) }))
    #expect(answers.count == documents.count)
    for (document, answer) in zip(documents, answers) {
      #expect(Self.ours(Array(document.utf8)) == answer, "\(document)")
    }
    for (document, answer) in zip(TOMLCorpus.invalid, answers.dropFirst(TOMLCorpus.valid.count)) {
      #expect(answer == "invalid", "\(document)")
    }
    for (document, answer) in zip(TOMLCorpus.valid, answers) { #expect(answer != "invalid", "\(document)") }
  }

  @Test(.enabled(if: isAvailable, "no python3 with tomllib (3.11 or later) was found"))
  func `So it is for ten thousand documents with random damage`() throws {
    var random = SplitMix(seed: 42)
    let documents = (0..<10_000).map { _ in TOMLCorpus.damage(&random) }
    let answers = try #require(Self.oracle(documents))
    let different = zip(documents, answers).filter { Self.ours($0) != $1 }
    #expect(different.isEmpty, "\(different.prefix(3).map { String(decoding: $0.0, as: UTF8.self).debugDescription })")
    let validCount = answers.filter { $0 != "invalid" }.count
    #expect((1000...9000).contains(validCount), "\(validCount)")
  }

  // MARK: Both sides in one notation

  static func ours(_ document: [UInt8]) -> String {
    guard let read = try? TOMLDocument(parsing: document, file: "t") else { return "invalid" }
    return notation(read.root)
  }

  private static func notation(_ table: TOMLTable) -> String {
    "{" + table.entries.map { hex($0.key) + ":" + notation($0.value) }.joined(separator: ",") + "}"
  }

  private static func notation(_ value: TOMLValue) -> String {
    switch value.kind {
    case .string(let text): "s" + hex(text)
    case .integer(let number): "i\(number)"
    case .float(let number): number.isNaN ? "nan" : "f" + String(number.bitPattern, radix: 16)
    case .boolean(let flag): flag ? "true" : "false"
    case .dateTime(let text, let kind): kind.rawValue + " " + normal(text, kind)
    case .array(let values): "[" + values.map(notation).joined(separator: ",") + "]"
    case .table(let table): notation(table)
    }
  }

  private static func hex(_ text: String) -> String {
    text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// `YYYY-MM-DDTHH:MM:SS.ffffff+HH:MM`, as Python writes it.
  private static func normal(_ text: String, _ kind: TOMLValue.DateTimeKind) -> String {
    if kind == .localDate { return text }
    var out = kind == .localTime ? "" : text.prefix(10) + "T"
    var rest = kind == .localTime ? text[...] : text.dropFirst(11)
    out += rest.prefix(8) + "."
    rest = rest.dropFirst(8)
    var fraction = ""
    if rest.first == "." {
      fraction = String(rest.dropFirst().prefix { $0.isNumber })
      rest = rest.dropFirst(1 + fraction.count)
    }
    out += fraction.prefix(6) + String(repeating: "0", count: max(0, 6 - fraction.count))
    if rest.lowercased() == "z" || rest == "-00:00" { return out + "+00:00" }
    return out + rest
  }

  /// One answer a document; nil: there is no such Python.
  private static func oracle(_ documents: [[UInt8]]) -> [String]? {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("chaos-toml-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let input = folder.appendingPathComponent("documents")
    let lines = documents.map { bytes in bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", script, input.path]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(lines.joined(separator: "\n").utf8).write(to: input)
      try process.run()
    } catch {
      return nil
    }
    let answer = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return documents.isEmpty ? [] : answer.split(separator: "\n").map(String.init)
  }

  /// An integer beyond 64 bits is an error to TOML, which Python's reader lets pass.
  private static let script = #"""
    import datetime, struct, sys, tomllib
    class Big(Exception): pass
    def out(v):
        if isinstance(v, bool): return "true" if v else "false"
        if isinstance(v, int):
            if not -2**63 <= v < 2**63: raise Big()
            return "i%d" % v
        if isinstance(v, float): return "nan" if v != v else "f%x" % struct.unpack(">Q", struct.pack(">d", v))[0]
        if isinstance(v, str): return "s" + v.encode().hex()
        if isinstance(v, list): return "[" + ",".join(out(x) for x in v) + "]"
        if isinstance(v, dict): return "{" + ",".join(k.encode().hex() + ":" + out(x) for k, x in v.items()) + "}"
        if isinstance(v, datetime.datetime):
            return ("datetime-local " if v.tzinfo is None else "datetime ") + v.isoformat(timespec="microseconds")
        if isinstance(v, datetime.date): return "date-local " + v.isoformat()
        return "time-local " + v.isoformat(timespec="microseconds")
    for line in open(sys.argv[1]).read().split("\n"):
        try: print(out(tomllib.loads(bytes.fromhex(line).decode())))
        except (Big, ValueError, RecursionError): print("invalid")
    """#
}
