/// The process's exit codes; where several apply the worst wins.
public enum ExitCode {
  /// Everything that was asked for holds.
  public static let pass: Int32 = 0
  /// A check failed, or a fix is not proven.
  public static let failed: Int32 = 1
  /// What was asked for is wrong, or a file is invalid.
  public static let usage: Int32 = 2
  /// Neither: too little was seen.
  public static let inconclusive: Int32 = 3
  /// A proven cycle, or a watchdog's dump.
  public static let stuck: Int32 = 4
  /// The words select nothing to be run.
  public static let nothingSelected: Int32 = 5
  /// The program itself is at fault, or could not write what it found.
  public static let internalError: Int32 = 70

  private static let worstFirst = [internalError, stuck, failed, inconclusive, nothingSelected, pass]

  /// Of several; `pass` when there are none.
  public static func worst(_ codes: [Int32]) -> Int32 {
    worstFirst.first { codes.contains($0) } ?? pass
  }

  /// Where something could not be written: a red verdict stands, anything else says that the results are not there.
  public static func unwritten(_ code: Int32) -> Int32 { isRed(code) ? code : internalError }

  /// Whether the verdict is established whatever comes after it.
  public static func isRed(_ code: Int32) -> Bool { code == failed || code == stuck || code == internalError }
}
