public import Basics
public import ChaosRuntime
public import Exploration
public import FaultInjection
public import Trading

/// A venue outside the process on which a live session trades: it keeps the truth, and the faults of its own sites act there.
public protocol SessionVenue: Sendable {
  /// What run.json calls it, such as `http://127.0.0.1:8899`; no key and no secret.
  var name: String { get }
  /// Whether a fault's site is one of the venue's.
  func hasSite(_ name: String) -> Bool
  /// Sets the scenario up at the venue, hands over the faults that act there, and opens a client for the engine. What goes
  /// wrong is told by `end`; the client's calls fail then.
  func begin(_ stage: SessionStage, _ faults: [Fault], in runtime: Runtime) throws(Stopped) -> any ExchangeClient
  /// The venue's faults act from now on.
  func arm()
  /// They do not act any more.
  func heal()
  /// The engine is done with its client.
  func disconnect() throws(Stopped)
  /// Lines of the venue's history that were not asked for before.
  func newLines() -> [UInt8]
  /// What the venue has to say when the session is over; called once, after the run's threads have ended.
  func end() -> SessionVenueEnd
}

/// What a session wants of the venue that it trades on.
public struct SessionStage: Sendable {
  /// Symbols, falls, balances, seed.
  public var scenario: Scenario
  /// Whether the market has wide spreads and gaps, as paper sessions have.
  public var isRough: Bool
  /// In what fees are taken; nil: as the venue does.
  public var feeMode: FeeMode?
}

/// What a venue says when a session is over.
public struct SessionVenueEnd: Sendable {
  /// All lines of its history, for `logs/exchange.jsonl`.
  public var lines: [UInt8]
  /// What each inject of its faults did; `fault` is the id that the session knows.
  public var counts: [FaultCount]
  /// When they fired.
  public var firings: [Firing]
  /// Why the session is none to judge; nil: it is one.
  public var trouble: String?

  /// An end as given.
  public init(lines: [UInt8], counts: [FaultCount], firings: [Firing], trouble: String?) {
    self.lines = lines
    self.counts = counts
    self.firings = firings
    self.trouble = trouble
  }
}

extension PaperSystem {
  /// The faults as the venue gets them: of each what acts at its sites.
  func venueFaults(_ venue: any SessionVenue) -> [Fault] {
    faults.compactMap { fault in
      var part = fault
      part.injects = fault.injects.filter { venue.hasSite($0.site) }
      return part.injects.isEmpty ? nil : part
    }
  }

  /// What the venue says at the end, with the places that injects have in the whole fault and not in the venue's part.
  func end(of venue: any SessionVenue) -> SessionVenueEnd {
    var end = venue.end()
    func place(_ id: String, _ inject: Int) -> Int {
      let injects = faults.first { $0.id == id }?.injects ?? []
      let places = injects.indices.filter { venue.hasSite(injects[$0].site) }
      return places.indices.contains(inject) ? places[inject] : inject
    }
    for index in end.counts.indices {
      end.counts[index].inject = place(end.counts[index].fault, end.counts[index].inject)
    }
    for index in end.firings.indices {
      end.firings[index].inject = place(end.firings[index].fault, end.firings[index].inject)
    }
    return end
  }

  /// Counts of the local injector with those of the venue in their places.
  static func merged(_ own: [FaultCount], _ venues: [FaultCount]) -> [FaultCount] {
    own.map { count in
      venues.first { $0.fault == count.fault && $0.inject == count.inject && $0.site == count.site } ?? count
    }
  }
}
