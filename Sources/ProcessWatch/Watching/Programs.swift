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

  /// Bytes of a program that are searched for the marks of Go.
  private static let headMax = 4 << 20

  /// By the file that a process runs: its name, and for Go the linker's mark, which debug/buildinfo reads too.
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

  private static func isGo(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: headMax)
    let count = read(descriptor, &bytes, bytes.count)
    guard count > 4, bytes[0] == 0x7F, bytes[1] == 0x45 else { return false }
    let mark = Array("Go build ID: \"".utf8)
    return cp_bytes_contain(bytes, count, mark, mark.count)
  }
}
