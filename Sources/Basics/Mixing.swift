/// Counter-based randomness: a draw is a pure function of a seed and a key, so that taking one draw away moves no other.
///
/// Source: the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
public enum Mixing {
  /// 64 bits in which every bit of `x` counts; a bijection, so that two different keys never meet.
  @inlinable public static func mix(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// One draw for a key of two parts; the order of the parts matters.
  @inlinable public static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 { mix(mix(a) ^ b) }

  /// One draw for a key of three parts; the order of the parts matters.
  @inlinable public static func mix(_ a: UInt64, _ b: UInt64, _ c: UInt64) -> UInt64 { mix(mix(a, b) ^ c) }

  /// FNV-1a over the UTF-8 bytes: the same in every process, unlike `hashValue`.
  public static func hash(_ text: String) -> UInt64 {
    var text = text
    return text.withUTF8 { hash($0) }
  }

  /// The same over bytes that are a text.
  public static func hash(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBufferPointer { hash($0) } }

  private static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var h: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { h = (h ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return h
  }

  /// The draw as a number in 0..<1.
  @inlinable public static func unit(_ draw: UInt64) -> Double { Double(draw >> 11) * 0x1p-53 }

  /// The draw as an index in 0..<bound (Lemire's multiplication).
  @inlinable public static func index(_ draw: UInt64, below bound: Int) -> Int {
    Int(draw.multipliedFullWidth(by: UInt64(bound)).high)
  }
}

/// A stream of draws from one seed.
public struct SplitMix: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A stream that is equal in every process and on every machine for the same `seed`; 0 is a seed like any other.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits of the stream.
  public mutating func next() -> UInt64 {
    defer { state &+= 0x9E37_79B9_7F4A_7C15 }
    return Mixing.mix(state)
  }
}
