/// Hashes from which market data is made: the same inputs give the same bits on every machine.
enum SeedMix {
  /// FNV-1a over the UTF-8 of a text (Fowler, Noll, Vo).
  static func hash(_ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return mix(hash)
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood 2014).
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Bits for one (key, stream, index).
  static func draw(_ key: UInt64, _ stream: UInt64, _ index: Int) -> UInt64 {
    mix(mix(key ^ (stream &* 0xD6E8_FEB8_6659_FD93)) ^ UInt64(bitPattern: Int64(index)))
  }
}
