public import ChaosRuntime

/// run.json of a live session that has begun: what is known before its end, and what a killed one leaves behind.
extension PaperSystem {
  /// `began` is when the session started; the file that is written at the end takes this one's place.
  public func unfinishedRun(began: Instant, seed: UInt64, judgedBy: [String]) -> [UInt8] {
    let time = JSON.string(began.iso8601())
    let phase = JSON.object([("name", .string("baseline")), ("start", time), ("end", time)])
    return Array(
      JSON.object([
        ("format", .int(1)), ("tool", .string("chaos \(PaperSystem.version)")), ("system", .string("paper")),
        ("unfinished", .bool(true)), ("inputs", inputs.json), ("faults", .array(faults.map { .string($0.id) })),
        ("phases", .array([phase])), ("virtual_seconds", .double(virtualSeconds)), ("seed", .number("\(seed)")),
        ("judged_by", .array(judgedBy.map { .string($0) })),
      ]).pretty().utf8)
  }
}
