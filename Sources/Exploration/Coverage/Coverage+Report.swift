import ChaosRuntime

extension Coverage {
  /// Asks a run to keep what coverage reads; it costs time and changes no byte of the session.
  public static func prepare(_ request: inout RunRequest) {
    request.wantsCoverage = true
    request.wantsLockOrder = true
    request.tracing = .steps(1..<Int.max)
  }

  /// Takes up a run that was prepared.
  public mutating func add(_ report: RunReport) {
    var items: [Item] = []
    for edge in report.lockOrder?.edges ?? [] {
      guard let order = report.lockOrder else { break }
      items.append(Item(.lockOrder, "\(order.name(edge.held)) -> \(order.name(edge.wanted))"))
    }
    var givers: [String: String] = [:]
    for step in report.trace?.kept ?? [] {
      if step.choices > 0 { items.append(Item(.preemption, "\(step.thread) at \(step.site)")) }
      if step.site.hasPrefix("unlock ") {
        givers[String(step.site.dropFirst(7))] = step.thread
      } else if step.site.hasPrefix("lock ") {
        let lock = String(step.site.dropFirst(5))
        if let giver = givers[lock], giver != step.thread {
          items.append(Item(.handOff, "\(lock): \(giver) -> \(step.thread)"))
        }
      }
    }
    add(items + report.judgement.coverage, expected: report.judgement.coverageExpected)
  }
}
