import ChaosRuntime

/// How fast the engine noticed a fault.
public enum Recovery {
  /// First firing to the first engine record of one of the names; nil: never, or nothing fired.
  public static func detectionTime(_ record: SessionRecord, detectedBy names: [String]) -> Duration? {
    guard let first = record.run.firings.first?.time else { return nil }
    let seen = record.events.first { $0.time >= first && names.contains($0.type) }
    return seen.map { $0.time - first }
  }
}
