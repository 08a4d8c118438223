import Basics
import Synchronization

/// Who was given which item: each may be given once, and none may be missing in the end.
final class Handouts: Sendable {
  private let stage: Stage
  private let given = Mutex<[Int]>([])

  init(_ stage: Stage) { self.stage = stage }

  /// Notes that `item` was given; nil: none was. No step of the program.
  func give(_ item: Int?) throws(Stopped) {
    guard let item else { return }
    let isFirst = given.withLock { given in
      if given.contains(item) { return false }
      given.append(item)
      return true
    }
    try stage.expect(isFirst, "item \(item) was given twice")
  }

  /// Ends the run as failed unless items 1 to `count` were given.
  func expectAll(_ count: Int) throws(Stopped) {
    let missing = given.withLock { given in (1...count).filter { !given.contains($0) } }
    try stage.expect(missing.isEmpty, "nobody was given \(missing)")
  }
}
