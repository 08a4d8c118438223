import TestSupport
import Testing

/// `chaos bench exchange`: what is asked of it.
@Suite struct ExchangeBenchTests {
  @Test func `Both limits stand beside their figures and decide the exit code`() throws {
    let bench = try Tool.chaos(["bench", "exchange", "--orders", "1000", "--rounds", "1"])
    #expect(bench.out.contains("at least 0.3") && bench.out.contains("at most 1.3"), "\(bench.out)\(bench.error)")
    #expect(bench.code == (bench.out.contains(": MISSED") ? 1 : 0))
  }
}
