public import Basics

/// A seam around the operations of a runtime; contention, stalls and disk faults plug in here.
///
/// Called on the thread that does the operation, with no lock of the runtime held.
public protocol Interposer: AnyObject, Sendable {
  /// Before the lock is asked for; an error is thrown to the caller, which then does not have it.
  func beforeLock(_ lock: Lock) throws(Stopped)
  /// After the lock was taken; on an error it is given back before the caller hears of it.
  func afterLock(_ lock: Lock) throws(Stopped)
  /// Before the lock is given back, while the thread still holds it; may delay but not fail.
  func beforeUnlock(_ lock: Lock)
  /// Before a wait begins, while the thread still holds the condition's lock.
  func atWait(_ condition: Condition) throws(Stopped)
  /// Before a sleep of `duration`; time spent here comes on top.
  func atSleep(_ duration: Duration) throws(Stopped)
  /// Before a thread of that name is started, on the thread that starts it.
  func atSpawn(_ name: String) throws(Stopped)
  /// Before a disk operation on `path`, whose file will finally be called `final`; an error makes the operation fail.
  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError?
}

extension Interposer {
  /// Lets the lock be asked for at once.
  public func beforeLock(_ lock: Lock) throws(Stopped) {}
  /// Lets the holder go on at once.
  public func afterLock(_ lock: Lock) throws(Stopped) {}
  /// Lets the lock be given back at once.
  public func beforeUnlock(_ lock: Lock) {}
  /// Lets the wait begin at once.
  public func atWait(_ condition: Condition) throws(Stopped) {}
  /// Lets the sleep begin at once.
  public func atSleep(_ duration: Duration) throws(Stopped) {}
  /// Lets the thread be started.
  public func atSpawn(_ name: String) throws(Stopped) {}
  /// Lets the operation reach the disk.
  public func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? { nil }
}
