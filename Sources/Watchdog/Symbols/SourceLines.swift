import CPlatform
@_spi(Internal) import Runtime

/// Files, lines and inlined functions of this program's own code, in a few milliseconds where the symbols of the Runtime
/// module take seconds: they run a whole line table for each address.
struct SourceLines {
  /// What stands at an address.
  struct Frame {
    /// Of an inlined function; nil: the symbol's own code.
    var function: String?
    /// `Sources/Module/File.swift:12`, from the directory in which it was compiled; nil: unknown.
    var place: String?
  }

  /// Frames of each address that something is known of, innermost first.
  ///
  /// - Parameter offsets: from the start of the executable's first mapping.
  static func find(_ offsets: Set<UInt64>) -> [UInt64: [Frame]] {
    guard let file = cp_source_open("/proc/self/exe") else { return [:] }
    defer { cp_source_close(file) }
    var found: [UInt64: [Frame]] = [:]
    let sorted = offsets.sorted()
    let sources = UnsafeMutablePointer<cp_source>.allocate(capacity: sorted.count)
    sources.initialize(repeating: cp_source(), count: sorted.count)
    defer { sources.deallocate() }
    for (i, offset) in sorted.enumerated() { sources[i].address = offset }
    cp_source_find(file, sources, sorted.count)
    for i in 0..<sorted.count where sources[i].count > 0 {
      found[sorted[i]] = (0..<sources[i].count).compactMap { k in
        guard let frame = cp_source_frame_at(sources + i, k)?.pointee else { return nil }
        return Frame(
          function: frame.function.map { demangled(String(cString: $0)) },
          place: place(frame, below: sources[i].directory.map { String(cString: $0) }))
      }
    }
    return found
  }

  private static func demangled(_ name: String) -> String {
    SymbolicatedBacktrace.Symbol(imageIndex: 0, imageName: "", rawName: name, offset: 0, sourceLocation: nil).name
  }

  private static func place(_ frame: cp_source_frame, below: String?) -> String? {
    guard let file = frame.file else { return nil }
    let name = String(cString: file)
    // What the compiler made itself stands in no file.
    if name.hasPrefix("<") { return "\(name):\(frame.line)" }
    let directory = name.hasPrefix("/") ? nil : frame.directory.map { String(cString: $0) }
    return "\(shown(directory.map { "\($0)/\(name)" } ?? name, below: below)):\(frame.line)"
  }

  /// As an editor opens it in the program's own directory; of a file elsewhere its folder and name.
  static func shown(_ path: String, below directory: String?) -> String {
    if !path.hasPrefix("/") { return path }
    if let directory, !directory.isEmpty, path.hasPrefix(directory + "/") {
      return String(path.dropFirst(directory.count + 1))
    }
    return path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
