import Basics
import Glibc
import TestSupport
import Testing

@testable import Watchdog

/// The rules on a thread that sleeps in an activity with a limit of 1 s, at moments that the test makes up.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct HangRulesTests {
  private func withSleeper(override: UInt64? = nil, _ body: (HangRules, UInt64) throws -> Void) throws {
    let runtime = liveRuntime()
    let meeting = Meeting()
    try runtime.spawn("sleeper") { () throws(Stopped) in
      try runtime.activity("work", limit: .seconds(1)) { () throws(Stopped) in
        try meeting.arrive(of: 2, in: runtime)
        try runtime.sleep(.seconds(600))
      }
    }
    try meeting.arrive(of: 2, in: runtime)
    let rules = HangRules(
      owner: Unmanaged.passUnretained(runtime).toOpaque(), limits: ActivityLimits(override: override))
    defer { rules.deallocate() }
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let start = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    try body(rules, start)
    #expect(runtime.stop() == 0)
  }

  @Test func `An accusation needs two looks fifty milliseconds apart`() throws {
    try withSleeper { rules, start in
      #expect(rules.look(now: start + 900_000_000)?.count == nil)
      #expect(rules.look(now: start + 2_000_000_000)?.count == nil)
      #expect(rules.look(now: start + 2_040_000_000)?.count == nil)
      let finding = try #require(rules.look(now: start + 2_060_000_000))
      #expect(finding.activity.string == "work")
      #expect(finding.count == 1)
      #expect(rules.look(now: start + 3_000_000_000)?.count == nil, "said once")
    }
  }

  /// The engine's own deadline and the override may be one number: what ends at its deadline is not stuck.
  @Test func `Work that ends at a deadline equal to the override is not accused`() throws {
    try withSleeper(override: 500_000_000) { rules, start in
      #expect(rules.look(now: start + 510_000_000)?.count == nil)
      #expect(rules.look(now: start + 590_000_000)?.count == nil)
      #expect(rules.look(now: start + 700_000_000)?.count == nil)
      let finding = try #require(rules.look(now: start + 760_000_000))
      #expect(finding.limit == 500_000_000)
    }
  }

  @Test func `A late tick starts the clocks again`() throws {
    try withSleeper { rules, start in
      rules.noteLateTick(by: 10_000_000_000, now: start + 10_000_000_000)
      #expect(rules.look(now: start + 10_000_000_000)?.count == nil)
      #expect(rules.look(now: start + 10_900_000_000)?.count == nil)
      #expect(rules.look(now: start + 11_100_000_000)?.count == nil)
      #expect(rules.look(now: start + 11_200_000_000)?.count == 1)
    }
  }

  @Test func `A tick that is a little late changes nothing`() throws {
    try withSleeper { rules, start in
      rules.noteLateTick(by: 50_000_000, now: start + 1_900_000_000)
      #expect(rules.look(now: start + 2_000_000_000)?.count == nil)
      #expect(rules.look(now: start + 2_100_000_000)?.count == 1)
    }
  }
}
