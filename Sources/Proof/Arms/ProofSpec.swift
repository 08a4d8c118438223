import ChaosRuntime

/// What is to be proven: that a fix keeps a bug away under the fault, or the condition, that provokes it.
public struct ProofSpec: Sendable {
  /// Id and title of the fault; nil when a condition of the scenario provokes the bug.
  public var fault: (id: String, title: String)?
  /// Name of the condition of the scenario that provokes the bug; nil when a fault does.
  public var condition: String?
  /// Id of the bug.
  public var bug: String
  /// What is wrong, in a few words.
  public var bugTitle: String
  /// Said on the first screen of a bug that history only claimed.
  public var standing: String?
  /// The run seed that all schedules are drawn from.
  public var seed: UInt64
  /// Virtual seconds of one schedule.
  public var virtualSeconds: Double
  /// The check by which the original must fail.
  public var signature: String
  /// A signature about times is judged in stall-free schedules only.
  public var isTimeSignature: Bool
  /// Checks that every arm must pass besides the signature.
  public var judgedBy: [String]
  /// Checks that judge every arm of every bug of this kind of system, after those.
  public var baseChecks: [String]
  /// Checks that the fix must pass besides; the original may fail them without any fault.
  public var promises: [String] = []
  /// Checks that judge the fixed arms besides: all of the system's that apply.
  public var general: [String] = []
  /// Tallies that must not stay 0 over the counted schedules of a fixed arm: it would have had nothing to do.
  public var worked: [String] = []
  /// Firings of each inject below which a schedule of a fault arm is not counted.
  public var firedMin: Int
  /// Ids of the faults of which any one inject must have fired: one that answers every call may stop its client after the first.
  public var anyInject: [String] = []
  /// Moments that a counted schedule of a fault arm has passed.
  public var landmarks: [String]
  /// Clean schedules asked of each fixed arm.
  public var schedules: Int
  /// Searches of the original to its first failure, each with schedules of its own.
  public var campaigns: Int
  /// Schedules after which a campaign gives up.
  public var campaignMax: Int
  /// What a cycle of locks over all schedules of the fixed arms counts as; nil: nobody looks for one.
  public var lockOrderCheck: String?
  /// What a reader of the screen must know besides, one sentence each.
  public var remarks: [String] = []
  /// The command that runs this proof again.
  public var command: String

  /// A specification; promises, work that must be done and remarks are set afterwards.
  public init(
    fault: (id: String, title: String)?, condition: String? = nil, bug: String, bugTitle: String, standing: String?,
    seed: UInt64,
    virtualSeconds: Double, signature: String, isTimeSignature: Bool, judgedBy: [String], baseChecks: [String],
    firedMin: Int, landmarks: [String], schedules: Int = 200, campaigns: Int = 20, campaignMax: Int = 100,
    command: String
  ) {
    self.fault = fault
    self.condition = condition
    self.bug = bug
    self.bugTitle = bugTitle
    self.standing = standing
    self.seed = seed
    self.virtualSeconds = virtualSeconds
    self.signature = signature
    self.isTimeSignature = isTimeSignature
    self.judgedBy = judgedBy
    self.baseChecks = baseChecks
    self.firedMin = firedMin
    self.landmarks = landmarks
    self.schedules = schedules
    self.campaigns = campaigns
    self.campaignMax = campaignMax
    self.command = command
  }

  /// `fault` or `condition`: what the arms have on or off.
  var provocation: String { condition == nil ? "fault" : "condition" }

  /// Signature first, then the checks of the fault, then those of every arm; each once.
  public var originalChecks: [String] {
    var result: [String] = []
    for check in [signature] + judgedBy + baseChecks where !result.contains(check) { result.append(check) }
    return result
  }

  /// The same and what the fix promises besides.
  public var ownChecks: [String] { originalChecks + promises.filter { !originalChecks.contains($0) } }

  /// Everything that judges the fixed arms, and must be able to judge a schedule that counts.
  public var checks: [String] {
    let own = ownChecks
    return own + general.filter { !own.contains($0) }
  }
}
