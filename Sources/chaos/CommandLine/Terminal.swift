import Basics
import Glibc
import Proof
import Synchronization

/// Data on stdout, talk on stderr.
enum Terminal {
  static func print(_ text: String, newline: Bool = true) { write(text + (newline ? "\n" : ""), to: 1) }

  static func note(_ text: String) { write(text + "\n", to: 2) }

  /// A usage error: what is wrong and what to do; exit code 2.
  static func usage(_ text: String) -> Int32 {
    note("chaos: \(plain(text))")
    return ExitCode.usage
  }

  /// Letters of an error at most: what it quotes may be a file's megabyte.
  private static let errorMax = 8000

  /// Without control characters, which would act on the terminal; cut where it is too long.
  private static func plain(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for (count, scalar) in text.unicodeScalars.enumerated() {
      if count == errorMax { return String(out) + "..." }
      let isControl = scalar.value < 0x20 && scalar != "\n" && scalar != "\t" || (0x7F..<0xA0).contains(scalar.value)
      out.append(isControl ? "?" : scalar)
    }
    return String(out)
  }

  static var isErrorTerminal: Bool { isatty(2) == 1 }

  static var hasColor: Bool { isatty(1) == 1 && getenv("NO_COLOR") == nil }

  /// Verdict words in colour where a terminal shows them.
  static func colored(_ text: String) -> String {
    guard hasColor else { return text }
    var out = ""
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if index > 0 { out += "\n" }
      out += color(String(line))
    }
    return out
  }

  private static func color(_ line: String) -> String {
    let green = ["PROVEN", "✓", "GREEN"]
    let red = ["NOT PROVEN", "✗", "DEADLOCK", "RED"]
    let yellow = ["INCONCLUSIVE", "⚠", "?"]
    let trimmed = line.drop { $0 == " " }
    for word in red where trimmed.hasPrefix(word) { return "\u{1B}[31m\(line)\u{1B}[0m" }
    for word in green where trimmed.hasPrefix(word) { return "\u{1B}[32m\(line)\u{1B}[0m" }
    for word in yellow where trimmed.hasPrefix(word) { return "\u{1B}[33m\(line)\u{1B}[0m" }
    return line
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let n = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if n < 0, errno == EINTR { continue }
      if n <= 0 {
        if descriptor == 1 { outputError.store(n < 0 ? errno : EIO, ordering: .relaxed) }
        return
      }
      bytes = bytes.dropFirst(n)
    }
  }

  /// Why stdout took no more; 0: it took everything.
  private static let outputError = Atomic<Int32>(0)

  /// The exit code of a process whose stdout is a file on a full disk; a reader that left early, as `head` does, is none.
  static func exitCode(_ code: Int32) -> Int32 {
    let error = outputError.load(ordering: .relaxed)
    guard error != 0, error != EPIPE else { return code }
    note("chaos: stdout could not be written: \(String(cString: strerror(error)))")
    return ExitCode.unwritten(code)
  }
}

/// A bar on a terminal's stderr for work over a second.
final class Progress {
  private let label: String
  private let started = WallClock.monotonic
  private var drawn = false
  private var lastDraw = 0.0

  init(_ label: String) { self.label = label }

  func show(_ done: Int, of total: Int) {
    guard Terminal.isErrorTerminal, total > 0 else { return }
    let now = WallClock.monotonic
    guard now - started > 1, now - lastDraw > 0.1 else { return }
    lastDraw = now
    drawn = true
    let share = Double(done) / Double(total)
    let filled = Int(share * 30)
    let left = share > 0.02 ? Int((now - started) * (1 - share) / share + 0.5) : nil
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
    let rest = left.map { ", \($0) s left" } ?? ""
    fputsToError("\r\u{1B}[K\(label) [\(bar)] \(done) of \(total)\(rest)")
  }

  /// Of a gauntlet: cases done, and the time left by the share of the schedules.
  func show(_ progress: Gauntlet.Progress) {
    guard Terminal.isErrorTerminal else { return }
    let now = WallClock.monotonic
    guard now - started > 1, now - lastDraw > 0.1 else { return }
    lastDraw = now
    drawn = true
    let filled = Int(progress.share * 20)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled)
    let left = progress.share > 0.02 ? Int((now - started) * (1 - progress.share) / progress.share + 0.5) : nil
    let rest = left.map { ", \($0) s left" } ?? ""
    let running = progress.running.first.map { ", \($0)" } ?? ""
    let line = "\(label) [\(bar)] \(progress.done) of \(progress.total)\(rest)\(running)"
    fputsToError("\r\u{1B}[K\(line.prefix(79))")
  }

  func finish() { if drawn { fputsToError("\r\u{1B}[K") } }

  private func fputsToError(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}
