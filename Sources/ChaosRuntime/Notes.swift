import CPlatform
import Synchronization

/// A fixed table of named numbers that a dump prints without knowing what they mean (armed faults, pending intents).
///
/// Setting a note takes no lock; adding one does. At most 64; more are ignored and counted.
public final class Notes: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Int64>
  private let names: Mutex<[String]>

  init() {
    values = .allocate(capacity: Int(CP_NOTES_MAX))
    values.initialize(repeating: 0, count: Int(CP_NOTES_MAX))
    names = Mutex([])
  }

  deinit { values.deallocate() }

  /// A handle for `set`; nil when the table is full.
  public func add(_ name: String) -> Int? {
    names.withLock { names in
      if let index = names.firstIndex(of: name) { return index }
      guard names.count < Int(CP_NOTES_MAX) else { return nil }
      names.append(name)
      return names.count - 1
    }
  }

  public func set(_ handle: Int?, to value: Int) {
    guard let handle else { return }
    cp_store_64(values + handle, Int64(value))
  }

  public var all: [(name: String, value: Int)] {
    names.withLock { names in
      names.enumerated().map { ($0.element, Int(cp_load_64(values + $0.offset))) }
    }
  }
}
