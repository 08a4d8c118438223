/// Where the choices of a run come from. `Explorer` is what decides where nothing is prescribed: a strategy, or a plan from
/// which one is made.
public enum Schedule<Explorer> {
  /// Every choice at its default: threads run until they block.
  case nominal
  /// The explorer decides scheduling and latencies; faults are drawn from the seed.
  case explore(Explorer)
  /// The recording's choices, each at its own moment; all others are the default.
  case replay(Recording)
  /// The recording up to a moment of the run; from there on the explorer decides who runs. Faults and latencies stay those
  /// of the recording.
  case resample(Recording, after: Duration, Explorer)

  /// The same schedule with another explorer in the place of its own.
  public func map<Other>(_ transform: (Explorer) -> Other) -> Schedule<Other> {
    switch self {
    case .nominal: .nominal
    case .explore(let explorer): .explore(transform(explorer))
    case .replay(let recording): .replay(recording)
    case .resample(let recording, let after, let explorer):
      .resample(recording, after: after, transform(explorer))
    }
  }
}

extension Schedule: Sendable where Explorer: Sendable {}
