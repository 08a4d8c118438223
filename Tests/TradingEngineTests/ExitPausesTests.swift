import Basics
import ChaosRuntime
import Testing

@testable import TradingEngine

/// How long an exit that fails again and again is left alone.
@Suite struct ExitPausesTests {
  private static let start = Instant.simulationEpoch

  private func pauses() -> ExitPauses {
    var settings = EngineSettings()
    settings.exitRetry = .seconds(5)
    settings.cooldownAfterFailedOrder = .seconds(60)
    settings.routerMaxRetries = 3
    return ExitPauses(settings, count: 2)
  }

  @Test func `After four refusals for good the exit rests as long as an entry and one alert is raised`() {
    let exits = pauses()
    var alarms: [Bool] = []
    var rests: [Duration] = []
    for _ in 0..<6 {
      let pause = exits.failed(0, at: Self.start, isRefusedForGood: true, wasTaken: false)
      alarms.append(pause.isAlarming)
      rests.append(pause.until - Self.start)
    }
    #expect(alarms == [false, false, false, true, false, false])
    #expect(exits.isAnyRefused)
    #expect(rests.map(\.seconds) == [5, 5, 5, 60, 60, 60])
    #expect(!exits.mayExit(0, at: Self.start + .seconds(59)))
    #expect(exits.mayExit(0, at: Self.start + .seconds(60)))
    #expect(exits.mayExit(1, at: Self.start))
  }

  @Test func `An order that the venue took and a new position begin anew`() {
    let exits = pauses()
    for _ in 0..<5 { _ = exits.failed(0, at: Self.start, isRefusedForGood: true, wasTaken: false) }
    #expect(exits.failed(0, at: Self.start, isRefusedForGood: false, wasTaken: false).refusals == 5)
    #expect(exits.failed(0, at: Self.start, isRefusedForGood: false, wasTaken: true).refusals == 0)
    #expect(!exits.isAnyRefused)
    for _ in 0..<5 { _ = exits.failed(0, at: Self.start, isRefusedForGood: true, wasTaken: false) }
    exits.begin(0)
    #expect(exits.failed(0, at: Self.start, isRefusedForGood: true, wasTaken: false).refusals == 1)
  }
}
