import ChaosRuntime
import CPlatform
import Glibc

/// Programs of this machine by name, and what kind of program a file is.
enum Programs {
  /// As execvp(3) searches; nil: nothing that can be run.
  static func path(of name: String, _ search: String?) -> String? {
    func isRunnable(_ path: String) -> Bool { !Files.isDirectory(path) && access(path, X_OK) == 0 }
    if name.contains("/") { return isRunnable(name) ? name : nil }
    if name.isEmpty { return nil }
    for folder in (search ?? "/bin:/usr/bin").split(separator: ":", omittingEmptySubsequences: false) {
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      if isRunnable(path) { return path }
    }
    return nil
  }

  enum Kind { case python, go, java, other }

  /// By the file that a process runs: its name, and for Go the section that its linker makes.
  static func kind(of path: String) -> Kind {
    let resolved = realpath(path, nil).map { text in
      defer { free(text) }
      return String(cString: text)
    }
    let name = (resolved ?? path).split(separator: "/").last.map(String.init) ?? ""
    if name.hasPrefix("python") || name.hasPrefix("pypy") { return .python }
    if name == "java" { return .java }
    return isGo(resolved ?? path) ? .go : .other
  }

  /// Whether one of the names of sections is `.go.buildinfo`. Layout: elf(5).
  private static func isGo(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    func part(_ offset: UInt64, _ count: Int) -> [UInt8]? {
      guard offset < 1 << 40 else { return nil }
      var bytes = [UInt8](repeating: 0, count: count)
      return pread(descriptor, &bytes, count, off_t(offset)) == count ? bytes : nil
    }
    func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> UInt64 {
      bytes[at..<at + count].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    guard let header = part(0, 64), header.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else { return false }
    let (table, size, last) = (number(header, 0x28, 8), number(header, 0x3A, 2), number(header, 0x3E, 2))
    guard size == 64, let names = part(table &+ last * size, 64) else { return false }
    let mark = Array(".go.buildinfo".utf8)
    guard let text = part(number(names, 0x18, 8), Int(clamping: min(number(names, 0x20, 8), 1 << 20))) else {
      return false
    }
    return cp_bytes_contain(text, text.count, mark, mark.count)
  }
}
