/// Shares of strategies: what a search tries, in which rotation.
public struct Portfolio: Sendable {
  /// One strategy without what only the search knows.
  public enum Member: String, Sendable, CaseIterable {
    /// `RandomWalk`: starvation is judged in it, in round robin, and in slow threads while nobody is slow.
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
    /// `SlowThreads`: some threads are slow for the whole run; the random walk in schedules without stalls.
    case slowThreads = "slow threads"
    /// `HoldAndWait`: who holds a lock and wants another gives way. With a share it also stands in for a directed schedule
    /// that has nothing to aim at yet.
    case holdAndWait = "hold and wait"
    /// A variation of a recording that showed something new; the random walk while there is none.
    case mutation = "mutation"
  }

  /// The rotation: schedule n, of the stall-free ones or of those with stalls, is the turn of member n modulo its length.
  public let turns: [Member]
  /// The rotation of schedules with stalls, once a stall-free schedule has shown that the program waits for time: only there
  /// it matters how long a thread takes.
  public let timedTurns: [Member]
  /// Whether the first four stall-free schedules are not preempted, or preempted at every step: they find bugs of order
  /// alone.
  public let startsPlain: Bool

  /// Directed 30 %, POS 20 %, PCT 20 %, random walk 10 %, delay-bounded 10 %, hold and wait 5 %, mutation 5 %; with stalls, where
  /// the program waits for time: directed 25 %, slow threads 25 %, POS 15 %, PCT 10 %, random walk 10 %, the others 5 %.
  public static let standard = Portfolio(
    shares: [
      (.directed, 6), (.pos, 4), (.pct3, 3), (.randomWalk, 2), (.delayBounded, 2), (.pct2, 1), (.holdAndWait, 1),
      (.mutation, 1),
    ],
    timed: [
      (.directed, 5), (.slowThreads, 5), (.pos, 3), (.pct3, 2), (.randomWalk, 2), (.delayBounded, 1), (.holdAndWait, 1),
      (.mutation, 1),
    ],
    startsPlain: true)

  /// One strategy alone.
  public static func only(_ member: Member) -> Portfolio { Portfolio(shares: [(member, 1)], startsPlain: false) }

  /// Shares are whole numbers above zero; turns are spread as evenly as they go. `timed` are the shares of schedules with
  /// stalls of programs that wait for time; nil: the same as of all others.
  public init(
    shares: [(member: Member, share: Int)], timed: [(member: Member, share: Int)]? = nil, startsPlain: Bool
  ) {
    turns = Self.spread(shares)
    timedTurns = timed.map(Self.spread) ?? turns
    self.startsPlain = startsPlain
  }

  /// Whether the member has a share.
  public func contains(_ member: Member) -> Bool { turns.contains(member) || timedTurns.contains(member) }

  private static func spread(_ shares: [(member: Member, share: Int)]) -> [Member] {
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
    return turns
  }
}
