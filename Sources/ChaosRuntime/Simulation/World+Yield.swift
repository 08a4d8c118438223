/// Yields since anything else got on: a timer, a beat, a landmark, the end of a thread.
struct FruitlessYields {
  /// Yields after which threads count as waiting for time to pass.
  static let patience = 1000
  /// Nanoseconds that pass then; they double each time, up to the second value.
  static let stepMin: Int64 = 1_000_000
  static let stepMax: Int64 = 1_000_000_000

  var count = 0
  var step = Self.stepMin
  var moment = Int64.min
  var progress = 0
}

/// Yielding. Code takes no virtual time, so a loop that yields until somebody else has done something would, without this,
/// keep both the turn and the clock for ever.
extension World {
  /// The point of a yield: another thread runs, the longest-waiting one unless the strategy says otherwise. False: the run
  /// stops.
  func passesYield() -> Bool {
    if !isStopping {
      steps &+= 1
      if steps > quietSteps { attend(.yield, object: 0) }
      noteYield()
      if !isStopping, livelockDetector == nil {
        if strategy != nil || replay != nil, isExploring { decide(.yield, object: 0) } else { giveWay() }
      }
      if !isStopping { return true }
    }
    _ = stoppedInCurrent()
    return false
  }

  /// The longest-waiting thread runs, if any can; the current one goes to the end of the line.
  func giveWay() {
    guard !runnable.isEmpty else { return }
    let next = runnable.remove(at: 0)
    current.state = .runnable
    current.operation = .yield
    current.object = 0
    runnable.append(ThreadReference(current))
    transfer(to: next)
  }

  /// Lets the clock go on when threads do nothing but yield: step by step, so that a loop that computes and yields is not
  /// thrown beyond the limit of its activity.
  private func noteYield() {
    if now != yields.moment || progress != yields.progress {
      yields = FruitlessYields(moment: now, progress: progress)
    }
    yields.count += 1
    guard yields.count >= FruitlessYields.patience else { return }
    yields.count = 0
    while let entry = timers.earliest, entry.isVoid { _ = timers.removeEarliest() }
    guard let due = timers.earliest?.due else { return }
    if due <= now + yields.step {
      _ = advanceClock()
    } else {
      now += yields.step
      yields.moment = now
      yields.step = min(2 * yields.step, FruitlessYields.stepMax)
    }
  }
}
