/// Shares of strategies: what a search tries, in which rotation.
public struct Portfolio: Sendable {
  /// One strategy without what only the search knows.
  public enum Member: String, Sendable, CaseIterable {
    /// `RandomWalk`: the only one besides round robin in which starvation is judged.
    case randomWalk = "random walk"
    /// `PCT` of depth 2: bugs of two ordered events.
    case pct2 = "PCT-2"
    /// `PCT` of depth 3: bugs of three ordered events.
    case pct3 = "PCT-3"
    /// `POS`: orders of operations that race.
    case pos = "POS"
    /// `DelayBounded` with one to three delays.
    case delayBounded = "delay-bounded"
    /// `RoundRobin` with a quantum of one to four steps.
    case roundRobin = "round robin"
    /// `Directed` at hand-offs that earlier schedules did not show, or seldom.
    case directed = "directed"
    /// A variation of a recording that showed something new; the random walk while there is none.
    case mutation = "mutation"
  }

  /// The rotation: schedule n is the turn of member n modulo its length.
  public let turns: [Member]
  /// Whether the first four stall-free schedules are not preempted, or preempted at every step: they find bugs of order
  /// alone.
  public let startsPlain: Bool

  /// Directed 30 %, POS 20 %, PCT 20 %, random walk 15 %, delay-bounded 10 %, mutation 5 %.
  public static let standard = Portfolio(
    shares: [(.directed, 6), (.pos, 4), (.randomWalk, 3), (.pct3, 3), (.delayBounded, 2), (.pct2, 1), (.mutation, 1)],
    startsPlain: true)

  /// One strategy alone.
  public static func only(_ member: Member) -> Portfolio { Portfolio(shares: [(member, 1)], startsPlain: false) }

  /// Shares are whole numbers above zero; turns are spread as evenly as they go.
  public init(shares: [(member: Member, share: Int)], startsPlain: Bool) {
    let total = shares.reduce(0) { $0 + $1.share }
    precondition(total > 0 && shares.allSatisfy { $0.share > 0 }, "a portfolio needs members with shares above zero")
    var credit = shares.map { _ in 0 }
    var turns: [Member] = []
    for _ in 0..<total {
      var richest = 0
      for index in shares.indices {
        credit[index] += shares[index].share
        if credit[index] > credit[richest] { richest = index }
      }
      credit[richest] -= total
      turns.append(shares[richest].member)
    }
    self.turns = turns
    self.startsPlain = startsPlain
  }
}
