public import Exploration
public import FaultInjection

/// How often each inject fired, against what its fault asks for.
public struct FiredCounts {
  private let faults: [Fault]
  /// Firings of all injects in all schedules.
  public private(set) var total = 0
  /// The most firings of each inject in one schedule.
  private var most: [(fault: String, site: String, count: Int)] = []

  /// Of these faults, before any schedule.
  public init(_ faults: [Fault]) { self.faults = faults }

  /// Adds one schedule.
  public mutating func add(_ counts: [FaultCount]) {
    total += counts.reduce(0) { $0 + $1.fired }
    if most.count != counts.count { most = counts.map { ($0.fault, $0.site, 0) } }
    for (index, count) in counts.enumerated() { most[index].count = max(most[index].count, count.fired) }
  }

  /// What a screen says of the firings; nothing where no fault was armed.
  public var text: String { faults.isEmpty ? "" : ", fault fired \(total) times" }

  /// Whether every inject fired as often as its fault asks for; true where no fault is armed.
  public func isReached(_ counts: [FaultCount]) -> Bool {
    if faults.isEmpty { return true }
    return !counts.isEmpty && counts.allSatisfy { $0.fired >= firedMin($0.fault) }
  }

  /// Why the schedules tested nothing; nil when every inject fired often enough in one of them.
  public func missing(in schedules: Int) -> String? {
    if faults.isEmpty { return nil }
    if total == 0 { return "the fault never fired in \(schedules) schedule\(schedules == 1 ? "" : "s")" }
    for inject in most where inject.count < firedMin(inject.fault) {
      return "\(inject.site) fired \(inject.count) times in a schedule at most; \(inject.fault) asks for "
        + "\(firedMin(inject.fault))"
    }
    return nil
  }

  private func firedMin(_ fault: String) -> Int { faults.first { $0.id == fault }?.expect.firedMin ?? 1 }
}
