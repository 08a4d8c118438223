extension ArraySlice<UInt8> {
  /// The parts between the separators, empty ones among them; one pass over the bytes in place. O(n).
  func parts(at separator: UInt8) -> [ArraySlice<UInt8>] {
    let base = startIndex
    return withUnsafeBufferPointer { bytes in
      var parts: [ArraySlice<UInt8>] = []
      parts.reserveCapacity(8)
      var start = 0
      for index in bytes.indices where bytes[index] == separator {
        parts.append(self[(base + start)..<(base + index)])
        start = index + 1
      }
      parts.append(self[(base + start)..<(base + bytes.count)])
      return parts
    }
  }
}
