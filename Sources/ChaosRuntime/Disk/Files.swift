import Basics
import Glibc

/// Files and folders of the real disk, outside of any runtime: written whole or not at all, read with bounds.
public enum Files {
  /// Bytes of one file, and files of one folder, that `tree` reads at most.
  private static let bytesMax = 256 << 20
  private static let filesMax = 1000

  /// Writes the files into a new directory: all under a temporary name, then one rename. Answers why it failed; nothing of
  /// it is left then.
  public static func write(_ files: [(path: String, bytes: [UInt8])], to directory: String) -> String? {
    let temporary = "\(directory).partial-\(getpid())"
    let made = missingParents(of: directory)
    guard let error = write(files, to: directory, by: temporary) else { return nil }
    removeTree(temporary)
    // Only empty ones go.
    for parent in made { rmdir(parent) }
    return error
  }

  /// Folders above a path that are not there, the innermost first.
  private static func missingParents(of path: String) -> [String] {
    var missing: [String] = []
    var rest = path[...]
    while let slash = rest.lastIndex(of: "/"), slash != rest.startIndex {
      rest = rest[..<slash]
      if exists(String(rest)) { break }
      missing.append(String(rest))
    }
    return missing
  }

  private static func write(
    _ files: [(path: String, bytes: [UInt8])], to directory: String, by temporary: String
  ) -> String? {
    for (path, bytes) in files {
      let full = "\(temporary)/\(path)"
      guard let slash = full.lastIndex(of: "/") else { continue }
      if case .failure(let error) = FileDisk.makeDirectory(String(full[..<slash])) {
        return "\(full): \(error.text)"
      }
      if let error = writeFile(bytes, to: full) { return error }
    }
    if let slash = directory.lastIndex(of: "/") { _ = FileDisk.makeDirectory(String(directory[..<slash])) }
    if rename(temporary, directory) != 0 { return "\(directory): \(String(cString: strerror(errno)))" }
    return nil
  }

  private static func writeFile(_ bytes: [UInt8], to path: String) -> String? {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    if descriptor < 0 { return "\(path): \(String(cString: strerror(errno)))" }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let n = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if n < 0, errno == EINTR { continue }
      if n <= 0 { return "\(path): \(String(cString: strerror(errno)))" }
      rest = rest.dropFirst(n)
    }
    return nil
  }

  /// Replaces a file: a temporary one beside it, then a rename. Answers why it failed; the old file stays then.
  public static func replace(_ bytes: [UInt8], at path: String) -> String? {
    let temporary = "\(path).partial-\(getpid())"
    var error = writeFile(bytes, to: temporary)
    if error == nil, rename(temporary, path) != 0 { error = "\(path): \(String(cString: strerror(errno)))" }
    if error != nil { unlink(temporary) }
    return error
  }

  /// All bytes of a regular file; nil: it cannot be read, or has more than 256 MiB.
  public static func read(_ path: String) -> [UInt8]? {
    do throws(InputError) { return try InputFile.bytes(path, max: bytesMax) } catch { return nil }
  }

  /// Every regular file below a directory, by path relative to it; links are not followed.
  public static func tree(_ directory: String) -> [(path: String, bytes: [UInt8])] {
    var found: [(path: String, bytes: [UInt8])] = []
    func walk(_ relative: String) {
      let full = relative.isEmpty ? directory : "\(directory)/\(relative)"
      for name in names(in: full) where found.count < filesMax {
        let path = relative.isEmpty ? name : "\(relative)/\(name)"
        var info = stat()
        guard lstat("\(directory)/\(path)", &info) == 0 else { continue }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: walk(path)
        case S_IFREG: if let bytes = read("\(directory)/\(path)") { found.append((path, bytes)) }
        default: continue
        }
      }
    }
    walk("")
    return found.sorted { $0.path < $1.path }
  }

  /// Removes a directory of ours with everything in it.
  public static func removeTree(_ directory: String) {
    for name in names(in: directory) {
      let path = "\(directory)/\(name)"
      var info = stat()
      guard lstat(path, &info) == 0 else { continue }
      if info.st_mode & S_IFMT == S_IFDIR { removeTree(path) } else { unlink(path) }
    }
    rmdir(directory)
  }

  /// Names of what stands in a folder, sorted; none when it cannot be read.
  public static func names(in directory: String) -> [String] { list(directory) ?? [] }

  /// The same; nil when the folder cannot be read.
  public static func list(_ directory: String) -> [String]? {
    guard let handle = opendir(directory) else { return nil }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether something of that name is there, a link to nothing aside.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether it is a folder, or a link to one.
  public static func isDirectory(_ path: String) -> Bool {
    var info = stat()
    return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFDIR
  }

  /// `base`, or `base_2`, `base_3`, ... when it is taken.
  public static func free(_ base: String) -> String {
    var path = base
    var number = 2
    while exists(path) {
      path = "\(base)_\(number)"
      number += 1
    }
    return path
  }

  /// Points a link at a name beside it, by rename.
  public static func link(_ path: String, to target: String) {
    let temporary = "\(path).partial-\(getpid())"
    unlink(temporary)
    if symlink(target, temporary) == 0 { rename(temporary, path) }
  }
}
