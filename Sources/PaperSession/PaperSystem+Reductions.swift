import Basics
public import Exploration
import Trading

extension PaperSystem {
  /// Smaller sessions in which a failure may still show: shorter chaos, then fewer symbols. The most drastic come first.
  ///
  /// A run that an incident ended needs no shorter chaos. Recorded data keeps its symbols.
  public func reductions(of report: RunReport) -> [Reduction<PaperSystem>] {
    let scenario = scenario(seed: report.request.scenarioSeed)
    return (report.incidents.isEmpty ? shorter(scenario) : []) + (market == nil ? narrower(scenario) : [])
  }

  private func shorter(_ scenario: Scenario) -> [Reduction<PaperSystem>] {
    let phases = phases(scenario)
    let left = (phases.healStart - phases.chaosStart).milliseconds
    let shares: [Double] = [0.875, 0.5, 0.25, 0.125]
    var found: [Reduction<PaperSystem>] = []
    for share in shares {
      let cut: Double = (left * share).rounded(.down) / 1000
      guard left / 1000 - cut >= 1 else { continue }
      var smaller = inputs
      smaller.leftOut.chaosSeconds += cut
      let total = JSON.double(smaller.leftOut.chaosSeconds).text
      if let system = with(smaller) { found.append(Reduction(.horizon, "\(total) s of chaos", system)) }
    }
    return found
  }

  private func narrower(_ scenario: Scenario) -> [Reduction<PaperSystem>] {
    let symbols = scenario.symbols.map(\.description)
    guard symbols.count > 1 else { return [] }
    let half = symbols.count / 2
    var groups = half > 1 ? [Array(symbols[half...]), Array(symbols[..<half])] : []
    groups += symbols.reversed().map { [$0] }
    var found: [Reduction<PaperSystem>] = []
    for group in groups {
      var smaller = inputs
      smaller.leftOut.symbols += group
      if let system = with(smaller) { found.append(Reduction(.scenario, group.joined(separator: ", "), system)) }
    }
    return found
  }

  private func with(_ inputs: PaperInputs) -> PaperSystem? {
    guard var system = try? PaperSystem(inputs, isLive: isLiveRun) else { return nil }
    system.isFaultArmed = isFaultArmed
    return system
  }
}

extension Scenario {
  /// Without some of its symbols and what was to happen to them; all of them are never left out.
  func without(_ names: [String]) -> Scenario {
    let kept = symbols.filter { !names.contains($0.description) }
    guard !names.isEmpty, !kept.isEmpty else { return self }
    var scenario = self
    scenario.symbols = kept
    scenario.drops.removeAll { !kept.contains($0.symbol) }
    return scenario
  }
}
