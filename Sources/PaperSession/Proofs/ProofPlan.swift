public import FaultInjection
public import HistoricalBugs
public import Proof

/// One proof: whose, under what, and what it runs.
public struct ProofPlan {
  /// Whose fix is to be proven.
  public let bug: HistoricalBug
  /// What provokes the bug; nil: a condition of its scenario.
  public let fault: Fault?
  /// Of every arm, without the revision and the condition that tell arms apart.
  public let inputs: PaperInputs
  /// What is run, counted and judged.
  public let spec: ProofSpec

  /// The same without the checks that judge every fixed arm: a part of an old engine is known by what the bug itself shows,
  /// and may break any other promise.
  var ownSpec: ProofSpec {
    var spec = spec
    spec.general = []
    return spec
  }

  /// The engine of an arm: the original's parts or the fixed ones, provoked or not.
  public func system(_ arm: Arm) -> PaperSystem {
    var inputs = inputs
    if arm.isOriginal {
      inputs.revisions = [PaperInputs.Revision(bug: bug.id, revision: "original")] + inputs.revisions
    }
    inputs.isCalm = fault == nil && !arm.isFaultOn
    do throws(PaperError) {
      var system = try PaperSystem(inputs)
      system.isFaultArmed = arm.isFaultOn
      return system
    } catch {
      fatalError("inputs were checked before and are wrong now: \(error)")
    }
  }
}

/// What the user may ask of proofs besides which ones: seed, settings, market, and how many schedules.
public struct ProofOptions {
  /// The run seed.
  public var seed: UInt64
  /// Engine settings on top of the scenario's own.
  public var settings: [PaperInputs.Setting] = []
  /// A folder of recorded ticks; nil: generated data.
  public var market: String?
  /// Virtual seconds of one schedule; nil: the scenario's own.
  public var durationSeconds: Double?
  /// Clean schedules asked of each fixed arm.
  public var schedules = 200
  /// Searches for the original's failure.
  public var campaigns = 20
  /// Judge by these instead of the fault's own checks; nil: by the fault's.
  public var checks: [String]?

  /// The defaults of the command line with that seed.
  public init(seed: UInt64, settings: [PaperInputs.Setting] = []) {
    self.seed = seed
    self.settings = settings
  }
}

extension ProofPlan {
  /// Bug, and its fault where it has one.
  public var name: String { fault.map { "\(bug.id)/\($0.id)" } ?? bug.id }
  var provocation: String { fault?.id ?? spec.condition ?? "nothing" }
}
