import Basics

extension PaperInputs {
  /// What a shrunk session does without.
  public struct LeftOut: Sendable, Equatable {
    /// Seconds taken off the end of the chaos phase; healing and settling keep their length.
    public var chaosSeconds: Double
    /// Symbols that the scenario does not have, such as `AIX/USDT`.
    public var symbols: [String]

    /// What is left out; without arguments nothing is.
    public init(chaosSeconds: Double = 0, symbols: [String] = []) {
      self.chaosSeconds = chaosSeconds
      self.symbols = symbols
    }

    /// Whether the session is whole.
    public var isNothing: Bool { chaosSeconds == 0 && symbols.isEmpty }

    var json: JSON {
      .object([
        ("chaos_s", .double(chaosSeconds)), ("symbols", .array(symbols.map { .string($0) })),
      ])
    }

    init(_ value: InputValue) throws(InputError) {
      self.init(chaosSeconds: try value["chaos_s"]?.number(in: 0...86_400) ?? 0)
      for item in try value["symbols"]?.items(max: 10_000) ?? [] { symbols.append(try item.text(max: 100)) }
    }
  }
}
