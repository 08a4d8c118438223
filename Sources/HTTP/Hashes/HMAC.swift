/// HMAC-SHA-256 (RFC 2104, with the hash of FIPS 180-4) under one key; what depends on the key alone is done once.
public struct HMAC: Sendable {
  private let inner: SHA256
  private let outer: SHA256

  /// A key of any length; one longer than 64 bytes is hashed first.
  public init(key: [UInt8]) {
    var padded = key.count > SHA256.blockLength ? SHA256.digest(key) : key
    padded.append(contentsOf: repeatElement(0, count: SHA256.blockLength - padded.count))
    var (inner, outer) = (SHA256(), SHA256())
    inner.update(padded.map { $0 ^ 0x36 }[...])
    outer.update(padded.map { $0 ^ 0x5C }[...])
    (self.inner, self.outer) = (inner, outer)
  }

  /// The code of a message that comes in pieces.
  public func code(_ pieces: ArraySlice<UInt8>...) -> [UInt8] {
    var (inner, outer) = (inner, outer)
    for piece in pieces { inner.update(piece) }
    outer.update(inner.finish()[...])
    return outer.finish()
  }

  /// Whether two codes are equal, in a time that does not say where they differ.
  public static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
  }
}
