import Exploration
import Glibc

/// Runs one case and measures it, in a worker or in this process.
struct CaseRunner {
  let options: GauntletOptions
  /// On the clock of the options.
  let deadline: Double?

  func run(_ item: GauntletCase, announce: @escaping (String, RunRequest) -> Void) -> CaseResult {
    let (started, cpu) = (options.now(), options.processorSeconds())
    let isOver = { deadline.map { options.now() > $0 } ?? false }
    var result = item.run(CaseRun(isOverBudget: isOver, announce: announce))
    result.id = item.id
    result.seconds = options.now() - started
    result.cpuSeconds = options.processorSeconds() - cpu
    result.peakMemoryBytes = Self.peakMemoryBytes
    return result
  }

  /// Of this process so far.
  private static var peakMemoryBytes: Int {
    var usage = rusage()
    return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? usage.ru_maxrss * 1024 : 0
  }
}
