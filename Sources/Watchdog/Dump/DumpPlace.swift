import ChaosRuntime
import CPlatform
import Glibc

/// Where the dumps of a run go: the path that was asked for, the directory that was opened at the start, a fallback
/// directory, and what people read as the last.
final class DumpPlace {
  /// What became of one dump.
  struct Written {
    /// Where it stands, or should.
    var target: DumpTarget
    /// 0, or the errno because of which it is not at the path that was asked for.
    var error: Int32
    /// It stands somewhere at all.
    var isThere: Bool
    /// Its directory was renamed since the start, and the dump went with it.
    var isMoved: Bool
  }

  private let targets: [DumpTarget]
  private let fallbacks: [DumpTarget]
  private let folder: Int32
  private let fallbackFolder: Int32
  /// Where people read; a copy, as the program may close its own.
  private let words: Int32
  /// Descriptors that are kept for the moment when there is none left.
  private var spares: (Int32, Int32)
  /// How long a disk has for its answer, in nanoseconds.
  private static let diskLimit: UInt64 = 2_000_000_000

  init(path: String, fallbackDirectory: String?, count: Int) {
    targets = (1...count).map { DumpTarget(path: path, number: $0) }
    let other = fallbackDirectory.map { "\($0)/stackdump-\(getpid()).txt" }
    fallbacks = other.map { other in (1...count).map { DumpTarget(path: other, number: $0) } } ?? []
    folder = targets[0].withDirectory { cp_folder_open($0) }
    fallbackFolder = fallbacks.first.map { $0.withDirectory { cp_folder_open($0) } } ?? -1
    words = fcntl(2, F_DUPFD_CLOEXEC, 3)
    spares = (cp_spare_open(), cp_spare_open())
    targets[0].removeStale()
  }

  deinit {
    for descriptor in [folder, fallbackFolder, words, spares.0, spares.1] where descriptor >= 0 { close(descriptor) }
  }

  var count: Int { targets.count }

  func target(_ index: Int) -> DumpTarget { targets[min(index, targets.count - 1)] }

  /// Gives descriptors to a dump that may find none, for as long as it reads the system's files.
  func withSpareDescriptors<R>(_ body: () -> R) -> R {
    if spares.0 >= 0 { close(spares.0) }
    if spares.1 >= 0 { close(spares.1) }
    defer { spares = (cp_spare_open(), cp_spare_open()) }
    return body()
  }

  /// Writes the n-th dump to the first place that takes it. `render` makes the text, which names its own place. Allocates
  /// nothing.
  func write(_ index: Int, render: (Text) -> TextWriter) -> Written {
    let target = target(index)
    let first = put(render(Text(cString: target.full)), to: target, folder)
    if first.error == 0 {
      return Written(target: target, error: 0, isThere: true, isMoved: first.is_moved)
    }
    if index < fallbacks.count {
      let other = fallbacks[index]
      if put(render(Text(cString: other.full)), to: other, fallbackFolder).error == 0 {
        say(target, first.error, other)
        return Written(target: other, error: first.error, isThere: true, isMoved: false)
      }
    }
    say(target, first.error, nil)
    sayHead(render(Text(cString: target.full)))
    return Written(target: target, error: first.error, isThere: false, isMoved: false)
  }

  private func put(_ text: TextWriter, to target: DumpTarget, _ folder: Int32) -> cp_dump_written {
    target.write(text.bytes, in: folder, limit: Self.diskLimit)
  }

  // MARK: Later

  /// What stands at a dump's place now; empty where it cannot be read.
  func contents(of written: Written) -> [UInt8] {
    let path = written.isMoved ? movedPath(of: written.target) : written.target.path
    return [UInt8](unsafeUninitializedCapacity: Self.sizeMax) { buffer, count in
      let start = UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
      count = max(0, cp_file_read(path, start, buffer.count))
    }
  }

  /// Puts another text in the place of a dump that is there.
  func replace(_ written: Written, with bytes: [UInt8]) {
    let isFirst = targets.contains { $0 === written.target }
    _ = bytes.withUnsafeBytes {
      written.target.write($0, in: isFirst ? folder : fallbackFolder, limit: Self.diskLimit)
    }
  }

  private static let sizeMax = 16 << 20

  /// Says in a dump that is still raw why it has no names.
  func explain(_ written: Written, _ reason: StaticString) {
    insert("\(reason); ", into: written, after: "symbols: raw (")
  }

  /// Puts a section before the first thread.
  func addSection(_ text: String, to written: Written) {
    insert(text + "\n", into: written, after: "\n", before: "THREAD ")
  }

  private func insert(_ text: String, into written: Written, after: String, before: String = "") {
    let bytes = contents(of: written)
    let mark = Array((after + before).utf8)
    guard bytes.count < Self.sizeMax, let at = bytes.firstRange(of: mark) else { return }
    let place = at.lowerBound + after.utf8.count
    replace(written, with: bytes[..<place] + Array(text.utf8) + bytes[place...])
  }

  // MARK: Words

  private func say(_ target: DumpTarget, _ error: Int32, _ other: DumpTarget?) {
    guard words >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 1) { buffer in
      var line = TextWriter(buffer: buffer)
      line.text("watchdog: no dump at ")
      line.text(Text(cString: target.full))
      line.text(": ")
      line.text(Text(cString: cp_error_text(error)))
      if let other {
        line.text("; it stands at ")
        line.text(Text(cString: other.full))
      }
      line.line()
      cp_dump_say(words, line.bytes.baseAddress?.assumingMemoryBound(to: CChar.self), line.bytes.count)
    }
  }

  /// Header, reason and cycle: what stands before the first thread.
  private func sayHead(_ text: TextWriter) {
    guard words >= 0, let start = text.bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
    let mark: StaticString = "\nTHREAD "
    var end = min(text.bytes.count, 16_384)
    var i = 0
    while i + mark.utf8CodeUnitCount < end {
      if memcmp(start + i, mark.utf8Start, mark.utf8CodeUnitCount) == 0 { end = i }
      i += 1
    }
    cp_dump_say(words, start, end)
  }

  /// Where a dump stands whose directory was renamed.
  func movedPath(of target: DumpTarget) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/fd/\(folder)", &buffer, buffer.count - 1)
    guard count > 0 else { return target.path }
    let name = target.path.split(separator: "/").last.map(String.init) ?? target.path
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) + "/\(name)"
  }
}
