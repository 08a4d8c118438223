import CPlatform
import Glibc

/// One Python process whose bootstrap has called: what it said, and when.
final class PythonProcess {
  let id: Int32
  let descriptor: Int32
  /// Its id as it knows it, which differs in a container of its own; files are named by it.
  private(set) var ownId = ""
  /// Empty until it said hello.
  private(set) var version = ""
  /// The signal at which faulthandler writes all stacks; 0: none was free.
  private(set) var signal: Int32 = 0
  /// Why its locks have no owners; empty: they have.
  private(set) var untracked = ""
  /// By Python's own number.
  private(set) var threads: [String: ForeignDump.ThreadName] = [:]
  private(set) var isOpen = true
  /// Rows of the last look, and circles since they were first seen.
  private(set) var look: [[String]] = []
  private(set) var circles: [Circle] = []
  /// Rows of the dump that is under way; complete once `dumpEnded` has its number.
  private(set) var dump: [[String]] = []
  private(set) var dumpEnded = 0
  private var number = 0
  /// When the look that has no answer was asked for; 0: none is open.
  private(set) var askedAt: UInt64 = 0
  private(set) var failure: String?

  /// A circle by the numbers of its waits.
  struct Circle {
    var numbers: Set<Int>
    var edges: [ForeignDump.Edge]
    var since: UInt64
    /// Seen again by a look, as it was.
    var isSeenAgain = false
  }

  private static let packetMax = 1 << 18
  private static let rowsMax = 200_000

  init(descriptor: Int32) {
    self.descriptor = descriptor
    id = cp_messages_peer(descriptor)
  }

  deinit { close(descriptor) }

  /// Asks what is stuck, unless the last question is open.
  func ask(at now: UInt64) {
    guard isOpen, askedAt == 0, !version.isEmpty else { return }
    number += 1
    askedAt = now
    write("look \(number)")
  }

  /// Asks for everything; `dumpEnded` becomes the answer's number.
  func askDump() -> Int {
    number += 1
    dump = []
    write("dump \(number)")
    return number
  }

  /// The thread that serves may wait for another answer's send; what does not fit is asked again.
  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    if send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) < 0, errno != EAGAIN {
      isOpen = false
    }
  }

  /// Seconds that a question has been open.
  func silence(at now: UInt64) -> Double { askedAt == 0 ? 0 : Span.seconds(from: askedAt, to: now) }

  /// The clock starts anew: the process or the watcher was stopped meanwhile.
  func excuse(at now: UInt64) {
    if askedAt != 0 { askedAt = now }
  }

  /// Reads what came; the socket does not block.
  func read(at now: UInt64) {
    var buffer = [UInt8](repeating: 0, count: Self.packetMax)
    for _ in 0..<64 {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count < 0, errno == EAGAIN || errno == EINTR { return }
      guard count > 0 else {
        isOpen = false
        return
      }
      take(String(decoding: buffer[..<count], as: UTF8.self), now)
    }
  }

  private func take(_ text: String, _ now: UInt64) {
    let rows = text.split(separator: "\n").map { BootstrapRows.fields($0) }
    guard let first = rows.first else { return }
    switch first.first {
    case "hello" where first.count == 6:
      (ownId, version, signal, untracked) = (first[1], first[3], Int32(first[4]) ?? 0, first[5])
    case "circle": noteCircles(rows, now, isLook: false)
    case "look":
      askedAt = 0
      look = rows
      let table = rows.filter { $0.first == "thread" && $0.count == 4 }
      if !table.isEmpty {
        threads = [:]
        for row in table { threads[row[1]] = BootstrapRows.name(row[3], row[2]) }
      }
      noteCircles(rows, now, isLook: true)
    case "failed":
      failure = first.count > 1 ? first[1] : "unknown"
      askedAt = 0
    default:
      guard dump.count < Self.rowsMax else { return }
      dump += rows
      if let last = rows.last, last.first == "end", last.count > 1, let ended = Int(last[1]) { dumpEnded = ended }
    }
  }

  private func noteCircles(_ rows: [[String]], _ now: UInt64, isLook: Bool) {
    let found = BootstrapRows.circles(rows)
    let sets = found.map { Set($0.map(\.number)) }
    // What a look does not see has been left.
    if isLook { circles.removeAll { !sets.contains($0.numbers) } }
    for (edges, numbers) in zip(found, sets) {
      if let index = circles.firstIndex(where: { $0.numbers == numbers }) {
        circles[index].isSeenAgain = circles[index].isSeenAgain || isLook && now > circles[index].since
        circles[index].edges = edges.map(\.edge)
      } else if circles.count < 64 {
        circles.append(Circle(numbers: numbers, edges: edges.map(\.edge), since: now))
      }
    }
  }
}
