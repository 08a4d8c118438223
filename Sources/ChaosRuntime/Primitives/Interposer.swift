public import Basics

/// A seam around the operations of a runtime; contention, stalls and disk faults plug in here.
///
/// Called on the thread that does the operation, with no lock of the runtime held.
public protocol Interposer: AnyObject, Sendable {
  func beforeLock(_ lock: Lock) throws(Stopped)
  func afterLock(_ lock: Lock) throws(Stopped)
  func beforeUnlock(_ lock: Lock)
  func atWait(_ condition: Condition) throws(Stopped)
  func atSleep(_ duration: Duration) throws(Stopped)
  func atSpawn(_ name: String) throws(Stopped)
  /// Before a disk operation on `path`, whose file will finally be called `final`; an error makes the operation fail.
  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError?
}

extension Interposer {
  public func beforeLock(_ lock: Lock) throws(Stopped) {}
  public func afterLock(_ lock: Lock) throws(Stopped) {}
  public func beforeUnlock(_ lock: Lock) {}
  public func atWait(_ condition: Condition) throws(Stopped) {}
  public func atSleep(_ duration: Duration) throws(Stopped) {}
  public func atSpawn(_ name: String) throws(Stopped) {}
  public func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? { nil }
}
