/// The process's exit codes; where several apply the worst wins.
enum ExitCode {
  static let pass: Int32 = 0
  static let failed: Int32 = 1
  static let usage: Int32 = 2
  static let inconclusive: Int32 = 3
  /// A proven cycle, or a watchdog's dump.
  static let stuck: Int32 = 4
  static let nothingSelected: Int32 = 5
  static let internalError: Int32 = 70

  private static let worstFirst = [internalError, stuck, failed, inconclusive, nothingSelected, pass]

  static func worst(_ codes: [Int32]) -> Int32 {
    worstFirst.first { codes.contains($0) } ?? pass
  }

  /// Where something could not be written: a red verdict stands, anything else says that the results are not there.
  static func unwritten(_ code: Int32) -> Int32 { isRed(code) ? code : internalError }

  /// Whether the verdict is established whatever comes after it.
  static func isRed(_ code: Int32) -> Bool { code == failed || code == stuck || code == internalError }
}
