public import Basics
public import ChaosRuntime

/// The runtime's own operations as sites.
extension FaultInjector {
  /// Site `lock.acquire`: may hold up whoever asks for a lock.
  public func beforeLock(_ lock: Lock) throws(Stopped) {
    guard let lockSite, !lock.name.hasPrefix(Self.lockName) else { return }
    if let action = lockSite.decide([SiteValue(lock.name)]) { try perform(action) }
  }

  /// Site `lock.held`: may hold up whoever has just taken a lock, so that others have to wait for it.
  public func afterLock(_ lock: Lock) throws(Stopped) {
    guard let heldSite, !lock.name.hasPrefix(Self.lockName) else { return }
    if let action = heldSite.decide([SiteValue(lock.name)]) { try perform(action) }
  }

  /// Site `thread.wait`: may hold up or end the thread before its wait, with the condition's lock still held.
  public func atWait(_ condition: ChaosRuntime.Condition) throws(Stopped) {
    guard let waitSite, !condition.name.hasPrefix(Self.lockName) else { return }
    if let action = waitSite.decide([SiteValue(condition.name)]) { try perform(action) }
  }

  /// Site `runtime.sleep`: may add to a sleep, or hold it until the fault is disarmed.
  public func atSleep(_ duration: Duration) throws(Stopped) {
    guard let sleepSite else { return }
    if let action = sleepSite.decide([SiteValue(duration.milliseconds)]) { try perform(action) }
  }

  /// Sites `disk.write` to `disk.remove`: a stall before the operation, or the error that the plan returns in its
  /// place.
  public func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    guard let action = diskSite(operation)?.decide([SiteValue(Self.lastPart(final)), SiteValue(final)]) else {
      return nil
    }
    if case .returnError(let code) = action { return RuntimeSites.diskError(code) }
    try perform(action)
    return nil
  }

  private func diskSite(_ operation: DiskOperation) -> Site? {
    DiskOperation.allCases.firstIndex(of: operation).flatMap { diskSites[$0] }
  }

  private static func lastPart(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }
}
