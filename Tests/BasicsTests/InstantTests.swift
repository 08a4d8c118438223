import Basics
import Testing

@Suite struct InstantTests {
  @Test(
    arguments: [
      (0, "1970-01-01T00:00:00.000000Z"), (Instant.simulationEpoch.nanoseconds, "2025-01-01T00:00:00.000000Z"),
      (1_709_164_800_123_456_000, "2024-02-29T00:00:00.123456Z"), (-1000, "1969-12-31T23:59:59.999999Z"),
      (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"), (.max, "2262-04-11T23:47:16.854775Z"),
      (.min, "1677-09-21T00:12:43.145224Z"),
    ] as [(Int64, String)])
  func `Known moments are written`(_ nanoseconds: Int64, _ text: String) {
    #expect(Instant(nanoseconds: nanoseconds).iso8601() == text)
    #expect("\(Instant(nanoseconds: nanoseconds))" == text)
  }

  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func `Any moment reads back to the microsecond`(seed: UInt64) {
    var draws = SplitMix(seed: seed)
    for _ in 0..<200 {
      // Three hundred years around the epoch of simulations.
      let nanoseconds = Int64(draws.next() % 9_000_000_000_000_000_000) / 1000 * 1000
      let instant = Instant(nanoseconds: nanoseconds)
      #expect(Instant(iso8601: instant.iso8601()) == instant)
    }
  }

  @Test func `Fractions may have up to nine digits`() {
    #expect(Instant(iso8601: "1970-01-01T00:00:01Z")?.nanoseconds == 1_000_000_000)
    #expect(Instant(iso8601: "1970-01-01T00:00:00.5Z")?.nanoseconds == 500_000_000)
    #expect(Instant(iso8601: "1970-01-01T00:00:00.000000001Z")?.nanoseconds == 1)
  }

  @Test(arguments: [
    "", "2025-01-01", "2025-01-01T00:00:00", "2025-01-01 00:00:00Z", "2025-13-01T00:00:00Z", "2025-00-01T00:00:00Z",
    "2025-01-32T00:00:00Z", "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2025-01-01T00:00:60Z",
    "2025-01-01T00:00:00.0000000001Z", "2025-01-01T00:00:00,5Z", "2025-01-01T00:00:00.5xZ", "+025-01-01T00:00:00Z",
    "2025-02-29T00:00:00Z", "2025-04-31T00:00:00Z", "9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
  ])
  func `Anything else is no moment`(text: String) {
    #expect(Instant(iso8601: text) == nil)
  }

  @Test func `Sums saturate`() {
    #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
    #expect(Instant.simulationEpoch + .milliseconds(2) - .simulationEpoch == .milliseconds(2))
    #expect(Instant(nanoseconds: 1) < Instant(nanoseconds: 2))
  }

  @Test func `Durations have whole nanoseconds`() {
    #expect(Duration.milliseconds(1500).nanoseconds == 1_500_000_000)
    #expect(Duration.milliseconds(1500).seconds == 1.5)
    #expect(Duration.microseconds(1500).milliseconds == 1.5)
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(Duration.seconds(Int64.min).nanoseconds == .min)
    #expect(Duration(nanoseconds: -3).nanoseconds == -3)
  }
}
