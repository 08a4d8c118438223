public import ChaosRuntime

/// What a simulated world looked like when an incident was found: enough to print the dump later.
public struct SimulatedDump: Sendable {
  public let incident: Incident
  public let threads: [ThreadSnapshot]
  public let notes: [(name: String, value: Int)]

  public init(incident: Incident, threads: [ThreadSnapshot], notes: [(name: String, value: Int)]) {
    self.incident = incident
    self.threads = threads
    self.notes = notes
  }
}
