import Basics
import Testing
import Trading

@testable import TradingEngine

@Suite struct CallPausesTests {
  private static func error(_ status: Int, _ pause: Duration? = nil) -> VenueError {
    VenueError(code: status, text: "", httpStatus: status, kind: .other, retryAfter: pause)
  }

  private static func at(_ second: Int) -> Instant { .simulationEpoch + .seconds(second) }

  @Test func `A pause that the venue names holds for every call, and a longer one counts`() {
    let pauses = CallPauses()
    #expect(!pauses.isPaused(at: Self.at(0)))
    #expect(pauses.ended("a", looksOnly: true, Self.error(429, .seconds(7)), at: Self.at(0)) == .seconds(7))
    #expect(pauses.ended("b", looksOnly: false, Self.error(429, .seconds(2)), at: Self.at(1)) == nil)
    #expect(pauses.mustWait("c", at: Self.at(6)) && !pauses.mustWait("c", at: Self.at(7)))
  }

  @Test func `Bans without a time grow`() {
    let pauses = CallPauses()
    #expect(pauses.ended("a", looksOnly: false, Self.error(418), at: Self.at(0)) == .seconds(120))
    #expect(pauses.ended("a", looksOnly: false, Self.error(418), at: Self.at(130)) == .seconds(240))
    #expect(pauses.end == Self.at(370))
  }

  @Test func `A bare 429 holds back the kind of call that looks, longer each time, until one is answered`() {
    let pauses = CallPauses()
    for (second, wait) in [(0, 1), (1, 2), (3, 4)] {
      #expect(!pauses.mustWait("query", at: Self.at(second)))
      #expect(pauses.ended("query", looksOnly: true, Self.error(429), at: Self.at(second)) == nil)
      #expect(
        pauses.mustWait("query", at: Self.at(second + wait - 1)) && !pauses.mustWait("quotes", at: Self.at(second)))
    }
    _ = pauses.ended("query", looksOnly: true, nil, at: Self.at(7))
    _ = pauses.ended("query", looksOnly: true, Self.error(429), at: Self.at(7))
    #expect(!pauses.mustWait("query", at: Self.at(8)))
    _ = pauses.ended("place", looksOnly: false, Self.error(429), at: Self.at(9))
    #expect(!pauses.mustWait("place", at: Self.at(9)))
  }
}
