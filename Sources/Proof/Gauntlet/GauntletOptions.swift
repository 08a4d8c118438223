/// How a gauntlet is run.
public struct GauntletOptions {
  /// Workers of the simulated lane; 0: no worker, everything in this process.
  public var jobs: Int
  /// Seconds after which nothing is begun any more; nil: no limit.
  public var budgetSeconds: Double?
  /// Ends at the first case that failed or crashed.
  public var isFailFast: Bool
  /// Seconds that one schedule may take before its worker counts as runaway.
  public var guardSeconds: Int
  /// Without workers: whether this process ends itself, by `CrashNote`, when a schedule takes longer than that.
  public var isGuardedHere = false
  /// Seconds of a clock that never goes back.
  public var now: () -> Double
  /// Processor seconds of this process and its children that have ended.
  public var processorSeconds: () -> Double

  /// Options; the clocks are the caller's, since nothing in this module may read one.
  public init(
    jobs: Int, budgetSeconds: Double? = nil, isFailFast: Bool = false, guardSeconds: Int = 60,
    now: @escaping () -> Double, processorSeconds: @escaping () -> Double
  ) {
    self.jobs = jobs
    self.budgetSeconds = budgetSeconds
    self.isFailFast = isFailFast
    self.guardSeconds = guardSeconds
    self.now = now
    self.processorSeconds = processorSeconds
  }
}
