import Basics

/// The non-default choices of one run: what it takes to run it again.
///
/// Text, one choice a line, `kind | thread or key | site | occurrence | value`; a line taken out is a choice put back to
/// its default value. Lines that begin with `#` are the header.
public struct Recording: Sendable, Equatable {
  /// What is decided by a line; the raw value is its first word.
  public enum Kind: String, Sendable, BitwiseCopyable, CaseIterable {
    /// At `site` the named thread runs instead.
    case run
    /// The thread is preempted for `value` nanoseconds.
    case stall
    /// The fault fires.
    case fault
    /// The latency is `value` steps above nominal.
    case latency
    /// The wait ends at once, without a signal.
    case wake

    /// Whether the choice is the scheduler's: whose turn it is, who is held up, whose wait ends.
    public var isSchedule: Bool { self == .run || self == .stall || self == .wake }
  }

  /// One choice that was not the default.
  public struct Line: Sendable, Equatable, Hashable {
    /// What is decided; says how the other fields are read.
    public var kind: Kind
    /// Thread path of a scheduling choice; fault and inject index; kind of latency.
    public var subject: String
    /// Operation and object; site and per-key; key of the latency.
    public var site: String
    /// Tells equal moments apart: how often subject and site came up before, from 0; of a latency, the attempt. At most
    /// 4,294,967,295.
    public var occurrence: Int
    /// Thread path, nanoseconds, 1, steps.
    public var value: String

    /// A choice as given; ranges are checked when text is read.
    public init(kind: Kind, subject: String, site: String, occurrence: Int, value: String) {
      self.kind = kind
      self.subject = subject
      self.site = site
      self.occurrence = occurrence
      self.value = value
    }

    /// The line as a file has it, without the newline.
    public var text: String {
      var out = ByteWriter()
      write(into: &out)
      return out.string
    }

    func write(into out: inout ByteWriter) {
      out.text(kind.rawValue)
      out.text(" | ")
      out.text(subject)
      out.text(" | ")
      out.text(site)
      out.text(" | ")
      out.integer(occurrence)
      out.text(" | ")
      out.text(value)
    }
  }

  /// `name: value` pairs of the header, in order.
  public var header: [(name: String, value: String)]
  /// The choices: faults and latencies in the order in which they happened, then those of scheduling.
  public var lines: [Line]

  /// A recording in memory; without lines it replays the nominal schedule.
  public init(header: [(name: String, value: String)] = [], lines: [Line] = []) {
    self.header = header
    self.lines = lines
  }

  /// Equal in lines and header, order included.
  public static func == (a: Recording, b: Recording) -> Bool {
    a.lines == b.lines && a.header.elementsEqual(b.header, by: { $0.name == $1.name && $0.value == $1.value })
  }

  /// Paths of threads that get no turn in a replay, from the header's `without_threads`; what shrinking left out.
  public var heldThreads: [String] {
    get { self["without_threads"]?.split(separator: ", ").map(String.init) ?? [] }
    set {
      header.removeAll { $0.name == "without_threads" }
      if !newValue.isEmpty { header.append(("without_threads", newValue.joined(separator: ", "))) }
    }
  }

  /// Lines that the run made and the recording lacks, from the header's `lines_dropped`: with any, it cannot be replayed.
  public var droppedLines: Int {
    get { self["lines_dropped"].flatMap { Int($0) } ?? 0 }
    set {
      header.removeAll { $0.name == "lines_dropped" }
      if newValue > 0 { header.append(("lines_dropped", "\(newValue)")) }
    }
  }

  /// The first header value of that name; nil when there is none.
  public subscript(name: String) -> String? { header.first { $0.name == name }?.value }

  /// The whole file, readable again with `init(parsing:)`.
  public var text: String {
    var out = ByteWriter(capacity: 1024 + lines.count * 80)
    out.text("# chaos recording, format \(Self.formatNumber); delete a line to undo its choice\n")
    for (name, value) in header { out.text("# \(name): \(value)\n") }
    for line in lines {
      line.write(into: &out)
      out.text("\n")
    }
    return out.string
  }

  /// Reads `text`; the error names the line.
  public init(parsing text: String) throws(RecordingError) { try self.init(parsing: Array(text.utf8)) }

  /// Reads the bytes of a recording; lines may end as on Windows. Every number is checked against its range.
  ///
  /// - Throws: `RecordingError` with the first line that is no choice, is beyond its range, or is not UTF-8.
  public init(parsing bytes: [UInt8]) throws(RecordingError) {
    header = []
    lines = []
    var number = 0
    for var raw in InputFile.withoutMark(bytes[...]).split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if raw.last == 0x0D { raw.removeLast() }
      if raw.isEmpty { continue }
      if InputFile.firstInvalidByte(raw) != nil {
        throw RecordingError(line: number, text: String(decoding: raw, as: UTF8.self), reason: "not UTF-8")
      }
      let text = String(decoding: raw, as: UTF8.self)
      if raw.first == UInt8(ascii: "#") {
        let body = text.dropFirst().drop { $0 == " " }
        if let colon = body.firstIndex(of: ":"), header.count < Self.headerMax {
          let value = body[body.index(after: colon)...].drop { $0 == " " }
          header.append((String(body[..<colon]), String(value)))
        }
        continue
      }
      guard lines.count < Choices.linesMax * 2 else {
        throw RecordingError(line: number, text: text, reason: "more than \(Choices.linesMax * 2) choices")
      }
      lines.append(try Self.line(text, number: number))
    }
  }

  private static func line(_ text: String, number: Int) throws(RecordingError) -> Line {
    let parts = fields(text[...])
    guard parts.count == 5, let kind = Kind(rawValue: parts[0]), let occurrence = Int(parts[3]), occurrence >= 0
    else { throw RecordingError(line: number, text: text, reason: nil) }
    let line = Line(kind: kind, subject: parts[1], site: parts[2], occurrence: occurrence, value: parts[4])
    if let reason = line.problem { throw RecordingError(line: number, text: text, reason: reason) }
    return line
  }

  private static func fields(_ raw: Substring) -> [String] {
    raw.split(separator: "|", omittingEmptySubsequences: false).map { part in
      var trimmed = part.drop { $0 == " " }
      while trimmed.last == " " { trimmed.removeLast() }
      return String(trimmed)
    }
  }
}

/// A line of a recording that is none.
public struct RecordingError: Error, Sendable, CustomStringConvertible {
  /// Line of the file, from 1.
  public var line: Int
  /// The line as it stands there.
  public var text: String
  /// What is beyond its range; nil: the line has another shape.
  public var reason: String?

  /// Line, reason and text, cut to what a terminal shows.
  public var description: String {
    let shown = InputError.shown(text, max: 160)
    if let reason { return "line \(line): \(reason): '\(shown)'" }
    return "line \(line): not a choice: '\(shown)'; expected 'kind | thread or key | site | occurrence | value'"
  }
}

extension Recording {
  /// Lines of a header that are kept; more are left out.
  static let headerMax = 1000
}

extension Recording.Line {
  /// Longest stall, an hour, in nanoseconds: thousands of times what any strategy tries.
  static let stallMax: Int64 = 3_600_000_000_000
  /// Most steps of a latency: each lengthens the call by a quarter of itself.
  static let latencyMax = 1_000_000

  /// What is beyond its range; nil: nothing is.
  var problem: String? {
    if occurrence > Int(UInt32.max) { return "an occurrence is at most \(UInt32.max)" }
    switch kind {
    case .run: return value.isEmpty ? "a thread is missing" : nil
    case .stall:
      guard let nanoseconds = Int64(value), (1...Self.stallMax).contains(nanoseconds) else {
        return "a stall lasts 1 to \(Self.stallMax) nanoseconds"
      }
      return nil
    case .latency:
      guard let steps = Int(value), (0...Self.latencyMax).contains(steps) else {
        return "a latency has 0 to \(Self.latencyMax) steps"
      }
      return nil
    case .fault, .wake: return value == "1" ? nil : "the value of a \(kind.rawValue) is 1"
    }
  }
}
