import ChaosRuntime
import CPlatform
import Glibc

/// The file of one dump: its names as C strings, made before anything goes wrong.
final class DumpTarget {
  let path: String
  private let directory: UnsafeMutablePointer<CChar>?
  private let temporary: UnsafeMutablePointer<CChar>?
  private let final: UnsafeMutablePointer<CChar>?
  let full: UnsafeMutablePointer<CChar>?

  /// The n-th dump of a run: `stackdump.txt`, then `stackdump-2.txt` and so on.
  init(path: String, number: Int) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[path.startIndex...$0]) } ?? "./"
    var name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    if number > 1 {
      let dot = name.lastIndex(of: ".") ?? name.endIndex
      name.insert(contentsOf: "-\(number)", at: dot)
    }
    self.path = (slash == nil ? "" : folder) + name
    directory = strdup(folder)
    temporary = strdup(".\(name).\(getpid()).tmp")
    final = strdup(name)
    full = strdup(self.path)
  }

  deinit {
    free(directory)
    free(temporary)
    free(final)
    free(full)
  }

  func withDirectory<R>(_ body: (UnsafePointer<CChar>?) -> R) -> R { body(directory) }

  /// Removes what writers that have died left half-written beside it: `.NAME.PID.tmp`.
  func removeStale() {
    guard let directory, let final else { return }
    let (folder, start) = (String(cString: directory), ".\(String(cString: final)).")
    for name in Files.names(in: folder) where name.hasPrefix(start) && name.hasSuffix(".tmp") {
      guard let writer = Int32(name.dropFirst(start.count).dropLast(4)), writer > 0, kill(writer, 0) != 0,
        errno == ESRCH
      else { continue }
      unlink(folder + (folder.hasSuffix("/") ? "" : "/") + name)
    }
  }

  /// Writes it in a child, within a time limit. Allocates nothing.
  func write(_ bytes: UnsafeRawBufferPointer, in folder: Int32, limit: UInt64) -> cp_dump_written {
    var place = cp_dump_place(directory: directory, folder: folder, temporary: temporary, final: final)
    return cp_dump_write(&place, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, limit)
  }

  /// 0, or the errno because of which there is no such file.
  func replace(with bytes: UnsafeRawBufferPointer) -> Int32 {
    let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    return cp_file_replace(directory, temporary, final, start, bytes.count)
  }
}
