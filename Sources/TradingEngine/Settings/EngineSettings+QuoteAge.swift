import ChaosRuntime

extension EngineSettings {
  /// Age from which quotes count as stale: four polls, and 10 s at least, since a poll may take its time.
  public var quoteAgeMax: Duration { max(.seconds(10), marketPoll * 4) }
}
