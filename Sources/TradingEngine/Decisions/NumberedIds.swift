import ChaosRuntime
import Trading

/// Ids of symbol, side and the symbol's decision number: the same decision always has the same id.
final class NumberedIds: ClientIdMaker {
  /// Characters that the strictest venue takes (`mexc`).
  private static let lengthMax = 32

  /// Needs nothing: an id is a function of its decision.
  init() {}

  /// `SYMBOL-b7` or `SYMBOL-s7`; 32 bytes at most, with a hash in the place of a long name.
  func clientOrderId(symbol: Symbol, side: Side, decision: Int) -> String {
    let tail = "-\(side == .buy ? "b" : "s")\(decision)"
    let name = symbol.fileName
    guard name.utf8.count + tail.utf8.count > Self.lengthMax else { return name + tail }
    // FNV-1a keeps long names apart where a cut would not.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 36)
    return String((digits + tail).suffix(Self.lengthMax))
  }
}
