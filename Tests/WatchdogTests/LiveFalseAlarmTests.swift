import TestSupport
import Testing

@testable import Watchdog

@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveFalseAlarmTests {
  /// The short form of `chaos bench watchdog`.
  @Test func `A healthy run is never called a deadlock`() throws {
    let scratch = try Scratch()
    let result = FalseAlarmBench.run(directory: scratch.path, sections: 500_000)
    #expect(result.circles == 0, "of \(result.looks) looks at waiting threads")
    #expect(result.incidents.isEmpty)
    #expect(result.looks > 0)
    #expect(result.sections > 490_000)
    #expect(scratch.files.isEmpty)
  }
}
