extension Fault {
  /// What happens at an eligible hit: the first step that triggers wins, else the next; off the end the hit passes.
  public struct Plan: Sendable, Equatable {
    public struct Step: Sendable, Equatable {
      /// 0...1
      public var probability: Double
      /// Firings at most (per value of `per`); nil: no bound.
      public var count: Int?
      public var action: FaultAction

      public init(probability: Double = 1, count: Int? = nil, action: FaultAction) {
        self.probability = probability
        self.count = count
        self.action = action
      }
    }

    public var steps: [Step]

    public init(steps: [Step]) { self.steps = steps }
  }
}
