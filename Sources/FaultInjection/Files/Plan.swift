extension Fault {
  /// What happens at an eligible hit: the first step that triggers wins, else the next; off the end the hit passes.
  public struct Plan: Sendable, Equatable {
    /// One link of the chain: with what probability, how often at most, what.
    public struct Step: Sendable, Equatable {
      /// 0...1
      public var probability: Double
      /// Firings at most (per value of `per`); nil: no bound.
      public var count: Int?
      /// What the site is told to do.
      public var action: FaultAction

      /// A step; without arguments it always triggers.
      public init(probability: Double = 1, count: Int? = nil, action: FaultAction) {
        self.probability = probability
        self.count = count
        self.action = action
      }
    }

    /// In the order in which they are tried.
    public var steps: [Step]

    /// A plan; without steps every hit passes.
    public init(steps: [Step]) { self.steps = steps }
  }
}
