public import CPlatform

/// Small numbers for threads, so that each can count in memory of its own.
public enum ThreadSlot {
  /// The calling thread's place among the live threads, dense from 0; 0 as well for fibers and unregistered threads.
  @inlinable public static var current: Int {
    guard let me = cp_self() else { return 0 }
    return Int(me.pointee.slot)
  }
}
