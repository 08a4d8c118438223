import CPlatform

/// Which build this process runs: the linker's build id of its executable.
public enum BuildIdentity {
  /// Hexadecimal; `unknown` when the executable has no such note.
  public static let current: String = {
    // The note stands among the first pages, behind the program headers.
    var bytes = [UInt8](repeating: 0, count: 65_536)
    var id = [UInt8](repeating: 0, count: Int(CP_BUILD_ID_MAX))
    let length = bytes.withUnsafeMutableBytes { raw -> Int in
      guard let start = raw.baseAddress else { return 0 }
      let count = cp_file_read("/proc/self/exe", start.assumingMemoryBound(to: CChar.self), raw.count)
      let base = UInt(bitPattern: start)
      return count > 0 ? cp_build_id(base, base + UInt(count), &id) : 0
    }
    if length == 0 { return "unknown" }
    return id.prefix(length).map { byte in
      let text = String(byte, radix: 16)
      return text.count < 2 ? "0\(text)" : text
    }.joined()
  }()
}
