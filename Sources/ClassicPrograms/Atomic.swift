import Basics
import ChaosRuntime
import Synchronization

/// An integer whose every operation is one step: what programs without locks are made of.
final class Atomic: Sendable {
  /// Gives each operation its scheduling point; the value stands beside it.
  private let place: Shared<Int>
  private let value: Mutex<Int>

  init(_ stage: Stage, _ name: String, _ value: Int) {
    place = stage.shared(name)
    self.value = Mutex(value)
  }

  func get() throws(Stopped) -> Int {
    _ = try place.get()
    return value.withLock { $0 }
  }

  func set(_ new: Int) throws(Stopped) {
    try place.set(0)
    value.withLock { $0 = new }
  }

  /// Writes `new` where `expected` stands; false: another value stands there.
  func exchange(_ expected: Int, for new: Int) throws(Stopped) -> Bool {
    try place.set(0)
    return value.withLock { value in
      guard value == expected else { return false }
      value = new
      return true
    }
  }
}
