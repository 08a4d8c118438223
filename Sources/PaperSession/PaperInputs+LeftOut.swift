import ChaosRuntime

extension PaperInputs {
  /// What a shrunk session does without.
  public struct LeftOut: Sendable, Equatable {
    /// Seconds taken off the end of the chaos phase; healing and settling keep their length.
    public var chaosSeconds: Double
    public var symbols: [String]

    public init(chaosSeconds: Double = 0, symbols: [String] = []) {
      self.chaosSeconds = chaosSeconds
      self.symbols = symbols
    }

    public var isNothing: Bool { chaosSeconds == 0 && symbols.isEmpty }

    var json: JSON {
      .object([
        ("chaos_s", .double(chaosSeconds)), ("symbols", .array(symbols.map { .string($0) })),
      ])
    }

    init(json: JSON?) {
      self.init(
        chaosSeconds: json?["chaos_s"]?.double ?? 0, symbols: (json?["symbols"]?.array ?? []).compactMap(\.string))
    }
  }
}
