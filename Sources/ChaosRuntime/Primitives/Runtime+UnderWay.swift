import Basics
import CPlatform

extension Runtime {
  /// Whether any thread of this run is in an activity whose name begins with `prefix`.
  ///
  /// For landmarks of the kind "while the file was written": what they need to know the runtime keeps anyway. O(threads).
  ///
  /// - Parameter longer: only activities that were entered, or had their last beat, longer ago than this.
  public func isUnderWay(_ prefix: StaticString, longerThan longer: Duration? = nil) -> Bool {
    let limit = longer?.nanoseconds ?? -1
    if let world { return world.isUnderWay(prefix, limit) }
    let (owner, now) = (UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()), cp_monotonic_ns())
    for slot in 0..<UInt32(CP_THREADS_MAX) {
      guard let thread = cp_thread_at(slot), cp_thread_is_in_use(thread), cp_thread_owner(thread) == owner else {
        continue
      }
      for index in 0..<min(cp_thread_activity_count(thread), UInt32(CP_ACTIVITIES_MAX)) {
        guard let activity = cp_thread_activity(thread, index)?.pointee else { continue }
        let age = now > activity.beat_ns ? Int64(now - activity.beat_ns) : 0
        if age > limit, prefix.begins(activity.name, Int(activity.name_length)) { return true }
      }
    }
    return false
  }
}

extension World {
  func isUnderWay(_ prefix: StaticString, _ limit: Int64) -> Bool {
    for thread in threads where thread.state != .finished {
      let doing = thread.doing
      for index in 0..<doing.pointee.count {
        let activity = doing.pointee[index]
        guard now - activity.beat > limit else { continue }
        if prefix.begins(activity.name.utf8Start, activity.name.utf8CodeUnitCount) { return true }
      }
    }
    return false
  }
}

extension StaticString {
  fileprivate func begins(_ name: UnsafePointer<some Any>?, _ length: Int) -> Bool {
    guard let name, length >= utf8CodeUnitCount else { return false }
    let own = UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    return own.elementsEqual(UnsafeRawBufferPointer(start: name, count: utf8CodeUnitCount))
  }
}
