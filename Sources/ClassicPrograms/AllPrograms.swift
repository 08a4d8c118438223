extension ClassicProgram {
  /// The programs with their bugs; the one list.
  public static let all: [ClassicProgram] = programs(isCorrect: false)

  /// Their correct twins, in the same order.
  public static let twins: [ClassicProgram] = programs(isCorrect: true)

  private static func programs(isCorrect: Bool) -> [ClassicProgram] {
    [
      account(isCorrect), bluetoothDriver(isCorrect), boundedBuffer(isCorrect), carter01(isCorrect),
      circularBuffer(isCorrect), deadlock01(isCorrect), lazy01(isCorrect), phase01(isCorrect), queue(isCorrect),
      stack(isCorrect), stringBuffer(isCorrect), sync01(isCorrect), sync02(isCorrect), tokenRing(isCorrect),
      twoStage(2, isCorrect), twoStage(20, isCorrect), wrongLock(3, isCorrect),
      workStealQueue(isCorrect), chaseLevDeque(isCorrect), abaStack(isCorrect),
      nestedSubmits(isStaggered: false, isCorrect), nestedSubmits(isStaggered: true, isCorrect),
    ] + [3, 4, 5, 10, 20].map { reorder($0, isCorrect) }
      + [2, 3, 4, 5, 6, 7, 10, 15, 30].map { philosophers($0, isCorrect) }
  }

  /// The program, or twin, of that name.
  public static func named(_ name: String) -> ClassicProgram? { (all + twins).first { $0.name == name } }
}
