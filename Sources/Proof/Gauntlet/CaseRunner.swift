import Exploration

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
    return result
  }
}
