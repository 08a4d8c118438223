import Glibc

/// Which build this is: the linker's build id of the running executable.
enum BuildIdentity {
  /// Hexadecimal; `unknown` when the executable has no such note.
  static let current: String = {
    let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { return "unknown" }
    defer { close(descriptor) }
    // The note stands among the first pages, behind the program headers.
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    return note(in: bytes.prefix(max(0, count))) ?? "unknown"
  }()

  /// The description of an ELF note of type 3 (NT_GNU_BUILD_ID) by "GNU"; nil: there is none.
  static func note(in bytes: ArraySlice<UInt8>) -> String? {
    let mark: [UInt8] = [3, 0, 0, 0, 0x47, 0x4E, 0x55, 0]
    guard bytes.count > 28 else { return nil }
    for at in stride(from: bytes.startIndex + 8, to: bytes.endIndex - 8, by: 4)
    where bytes[at] == 3 && bytes[at..<at + 8].elementsEqual(mark) {
      let length = Int(bytes[at - 4])
      guard bytes[at - 8] == 4, (8...32).contains(length), at + 8 + length <= bytes.endIndex else { continue }
      return bytes[(at + 8)..<(at + 8 + length)].map { byte in
        let text = String(byte, radix: 16)
        return text.count < 2 ? "0\(text)" : text
      }.joined()
    }
    return nil
  }
}
