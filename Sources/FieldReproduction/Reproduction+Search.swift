import Basics
import ChaosRuntime
import Exploration
import FieldReconciliation
import HistoricalBugs
import PaperSession
import Proof

extension Reproduction {
  /// The best of the schedules that were played with the pre-fix parts.
  struct Played {
    var scenario: FieldScenario
    var system: PaperSystem
    var report: RunReport
    var comparison: SignComparison
    /// Schedules that were played.
    var tried: Int
  }

  /// Why a bug is not played besides.
  struct NotPlayed: Error {
    var text: String
  }

  /// Looks for the schedule whose signs are nearest to the field's.
  struct Trials {
    let field: Reconciliation
    let market: String?
    let library: FaultSelection
    let seed: UInt64
    let isInterrupted: () -> Bool
    private let executor = Executor()
    /// Schedules that are tried for a bug that is named besides.
    private static let besidesTries = 4
    private static let samePart = "it changes the same part of the engine"

    init(
      field: Reconciliation, market: String?, library: FaultSelection, seed: UInt64, isInterrupted: @escaping () -> Bool
    ) {
      self.field = field
      self.market = market
      self.library = library
      self.seed = seed
      self.isInterrupted = isInterrupted
    }

    /// The nominal schedule where it shows all signs, else the best of so many; nil: none left a log.
    func best(_ scenario: FieldScenario, tries: Int) throws(UsageError) -> Played? {
      let system = try Reproduction.system(scenario.inputs(isOriginal: true, market: market, library))
      var best: (played: Played, met: Int)?
      var tried = 0
      for index in 0..<tries where index == 0 || !isInterrupted() {
        tried += 1
        let report = executor.run(system, Reproduction.request(seed, index), epoch: system.epoch)
        guard let simulated = Reproduction.reconciliation(of: report) else { continue }
        let comparison = SignComparison(
          field: field, simulated: simulated, bugs: scenario.bugs, scalesMoney: scenario.scalesMoney)
        let met = comparison.rows.count { $0.isMet }
        if met > best?.met ?? -1 {
          best = (
            Played(scenario: scenario, system: system, report: report, comparison: comparison, tried: 0), met
          )
        }
        if comparison.outcome == .reproduced { break }
      }
      best?.played.tried = tried
      return best?.played
    }

    /// The same with one more bug, where its signs show as well and none of the others is lost.
    func adding(_ other: HistoricalBug, to known: Played) -> Result<Played, NotPlayed> {
      guard market != nil else { return .failure(NotPlayed(text: "the market is the first bug's own")) }
      var reason = Self.samePart
      // What the session tells may be enough; else the fault that its proof has.
      for fault in [nil] + other.provokedBy.faults.prefix(1).map(Optional.some) {
        if isInterrupted() { return .failure(NotPlayed(text: "interrupted before")) }
        guard let scenario = known.scenario.with(other, fault: fault) else { continue }
        guard let played = try? best(scenario, tries: Self.besidesTries) else { continue }
        let lost = played.comparison.unmet
        if lost.count <= known.comparison.unmet.count, played.comparison.rows.count > known.comparison.rows.count {
          return .success(played)
        }
        // What the session tells by itself counts more than what a fault adds to it.
        if fault == nil || reason == Self.samePart {
          reason = "\(lost.joined(separator: ", ")) would not be within then"
        }
      }
      return .failure(NotPlayed(text: reason))
    }
  }
}
