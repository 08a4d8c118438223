import Foundation

/// A pipe without room: whoever prints into it stands still at the first word, until somebody reads.
public final class FullPipe {
  private let pipe = Pipe()

  public init() {
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    let block = [UInt8](repeating: UInt8(ascii: "."), count: 4096)
    while write(descriptor, block, block.count) > 0 {}
    while write(descriptor, block, 1) > 0 {}
    _ = fcntl(descriptor, F_SETFL, flags)
  }

  /// What a program gets as its output.
  public var input: FileHandle { pipe.fileHandleForWriting }

  /// Whether one of a program's threads waits until a pipe has room.
  public static func holds(_ process: Int32) -> Bool {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
    return tasks.contains { Machine.text("/proc/\(process)/task/\($0)/wchan").contains("pipe_write") }
  }

  /// Reads to the end, which comes when every writer is gone, for a minute at most; all that was written after the pipe
  /// was full.
  public func drained() throws -> String {
    try pipe.fileHandleForWriting.close()
    let descriptor = pipe.fileHandleForReading.fileDescriptor
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var all: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    _ = Machine.eventually(seconds: 60) {
      while true {
        let count = read(descriptor, &block, block.count)
        if count <= 0 { return count == 0 }
        all += block[..<count]
      }
    }
    return String(decoding: all.drop { $0 == UInt8(ascii: ".") }, as: UTF8.self)
  }
}
