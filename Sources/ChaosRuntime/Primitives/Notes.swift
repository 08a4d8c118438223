import CPlatform
import Synchronization

/// A fixed table of named numbers that a dump prints without knowing what they mean (armed faults, pending intents).
///
/// Setting a note takes no lock; adding one does. At most 64; more are ignored, counted, and the dump says how many.
public final class Notes: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Int64>
  private let names: Mutex<[String]>
  /// The same names for the watchdog, which reads them without the lock: addresses, 0 for none.
  private let liveNames: UnsafeMutablePointer<Int64>
  private let ignored = Atomic<Int>(0)

  init() {
    values = .allocate(capacity: Int(CP_NOTES_MAX))
    values.initialize(repeating: 0, count: Int(CP_NOTES_MAX))
    names = Mutex([])
    liveNames = .allocate(capacity: Int(CP_NOTES_MAX))
    liveNames.initialize(repeating: 0, count: Int(CP_NOTES_MAX))
  }

  deinit {
    values.deallocate()
    liveNames.deallocate()
  }

  /// How often `add` found the table full.
  public var ignoredCount: Int { ignored.load(ordering: .relaxed) }

  /// A handle for `set`; nil when the table is full.
  public func add(_ name: String) -> Int? {
    names.withLock { names in
      if let index = names.firstIndex(of: name) { return index }
      guard names.count < Int(CP_NOTES_MAX) else {
        ignored.add(1, ordering: .relaxed)
        return nil
      }
      cp_publish_64(liveNames + names.count, Int64(Int(bitPattern: cp_name_keep(name))))
      names.append(name)
      return names.count - 1
    }
  }

  /// Writes a note without a lock, visible to a dump at once; nil, the handle of a full table, does nothing.
  public func set(_ handle: Int?, to value: Int) {
    guard let handle else { return }
    cp_store_64(values + handle, Int64(value))
  }

  /// One note without lock or allocation; nil: no such note yet. The name is readable as long as the process lives.
  public func live(_ handle: Int) -> (name: UnsafePointer<CChar>, value: Int64)? {
    guard handle >= 0, handle < Int(CP_NOTES_MAX),
      let name = UnsafePointer<CChar>(bitPattern: Int(cp_acquire_64(liveNames + handle)))
    else { return nil }
    return (name, cp_load_64(values + handle))
  }

  /// All notes in the order of their adding; each value is read by itself, so that two of them may be of different
  /// moments.
  public var all: [(name: String, value: Int)] {
    names.withLock { names in
      names.enumerated().map { ($0.element, Int(cp_load_64(values + $0.offset))) }
    }
  }
}
