public import ChaosRuntime

/// What a simulated world looked like when an incident was found: enough to print the dump later.
public struct SimulatedDump: Sendable {
  /// What was found.
  public let incident: Incident
  /// All threads at that moment, with their frames.
  public let threads: [ThreadSnapshot]
  /// The run's notes at that moment.
  public let notes: [(name: String, value: String)]

  /// A dump of what was captured while the world stood still.
  public init(incident: Incident, threads: [ThreadSnapshot], notes: [(name: String, value: String)]) {
    self.incident = incident
    self.threads = threads
    self.notes = notes
  }

  /// The text of stackdump.txt, with virtual times and without anything that varies between processes.
  ///
  /// It must be rendered by the process that ran the simulation. Symbols take 10 to 100 ms; without them frames are
  /// offsets in their images.
  ///
  /// - Parameter next: lines of the section NEXT: commands that lead on.
  public func render(symbolized: Bool, next: [String] = []) -> String {
    let arena = DumpArena()
    let model = SimulatedModel(dump: self, arena: arena, next: next).model()
    var text = DumpText(out: TextWriter(buffer: arena.text))
    text.write(model)
    let raw = String(decoding: text.out.bytes, as: UTF8.self)
    guard symbolized else { return raw }
    var symbolizer = Symbolizer()
    return (try? symbolizer.rewrite(raw).get()) ?? raw
  }
}
