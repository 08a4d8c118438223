import CPlatform

/// The ELF files mapped into this process, read from /proc/self/maps without the loader's lock.
struct ProcessImages {
  /// Fills the arena's image table, sorted by address.
  static func read(into arena: DumpArena) -> UnsafeMutableBufferPointer<DumpImage> {
    guard let start = arena.maps.baseAddress else { return .init(start: nil, count: 0) }
    let buffer = start.assumingMemoryBound(to: CChar.self)
    let length = cp_file_read("/proc/self/maps", buffer, arena.maps.count)
    arena.mapsCount = max(0, length)
    var count = 0
    var at = 0
    var scanner = Scanner(bytes: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), end: max(0, length))
    while at < scanner.end, count < DumpArena.imagesMax {
      scanner.at = at
      let low = scanner.hexadecimal()
      scanner.at += 1
      let high = scanner.hexadecimal()
      let isReadable = scanner.at + 1 < scanner.end && scanner.bytes[scanner.at + 1] == 0x72
      scanner.skipWords(4)
      let path = scanner.rest()
      at = scanner.at + 1
      let isFile = path.count > 0 && path.start?[0] == 0x2F
      let isKernelCode = path.count == 6 && path.start?[1] == 0x76  // "[vdso]"
      guard isFile || isKernelCode else { continue }
      if count > 0, isSame(arena.images[count - 1].path, path) {
        arena.images[count - 1].end = high
        continue
      }
      var image = DumpImage(path: path, base: low, end: high)
      if isReadable {
        image.buildIdCount = withUnsafeMutablePointer(to: &image.buildId) { id in
          id.withMemoryRebound(to: UInt8.self, capacity: Int(CP_BUILD_ID_MAX)) { cp_build_id(low, high, $0) }
        }
      }
      arena.images[count] = image
      count += 1
    }
    let images = UnsafeMutableBufferPointer(start: arena.images, count: count)
    // The kernel says where it put the program headers of the executable.
    if let own = DumpModel.image(at: cp_executable_address(), in: images) { images[own].isExecutable = true }
    return images
  }

  private static func isSame(_ a: Text, _ b: Text) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where a.start?[i] != b.start?[i] { return false }
    return true
  }

  private struct Scanner {
    let bytes: UnsafePointer<UInt8>
    let end: Int
    var at = 0

    mutating func hexadecimal() -> UInt {
      var value: UInt = 0
      while at < end {
        let c = bytes[at]
        if c >= 0x30, c <= 0x39 {
          value = value << 4 | UInt(c - 0x30)
        } else if c >= 0x61, c <= 0x66 {
          value = value << 4 | UInt(c - 0x57)
        } else {
          break
        }
        at += 1
      }
      return value
    }

    /// Past the blanks and the given number of words, to the next word or the end of the line.
    mutating func skipWords(_ count: Int) {
      for _ in 0..<count {
        while at < end, bytes[at] == 0x20 { at += 1 }
        while at < end, bytes[at] != 0x20, bytes[at] != 0x0A { at += 1 }
      }
      while at < end, bytes[at] == 0x20 { at += 1 }
    }

    mutating func rest() -> Text {
      let from = at
      while at < end, bytes[at] != 0x0A { at += 1 }
      return Text(start: bytes + from, count: at - from)
    }
  }
}
