/// When a standstill is the fault of a signal that came before its wait.
///
/// A signal that met nobody proves nothing: programs that keep a count or a flag signal into the void all the time, and the
/// next one who looks finds the count. The standstill of such a program has another cause, and one bug must have one name,
/// whether or not somebody happened to wait at an earlier signal. So a signal counts as lost only where nothing else can
/// explain the standstill:
///
/// 1. Where the program says what a wait is for, that decides: it is there already, and nobody said so.
/// 2. Else the last signal of the condition came before the wait and met nobody;
/// 3. nobody took the lock after that signal and gave it back without waiting: such a one may have used what was signalled;
/// 4. the signaller does not itself wait for a signal; and
/// 5. every other thread that has not ended waits, by joins and locks alone, for one that lost its signal: else it is a
///    thread that may have been about to signal, and what blocks it is the cause.
extension World {
  /// A sentence for each signal that was lost, of threads that all wait for ever; empty: nothing can run for another reason.
  func lostSignals(_ waiting: [SimThread]) -> [String] {
    let certain = waiting.filter(hasWhatItAwaits)
    if !certain.isEmpty {
      return certain.map {
        "\($0.name) waits for \"\($0.awaitedCondition?.name ?? "?")\", though what it waits for is there already"
      }
    }
    let missed = waiting.filter(mayHaveMissedItsSignal)
    let signallers = missed.compactMap { $0.awaitedCondition.map { threads[$0.lastSignaller] } }
    guard !signallers.contains(where: { signaller in missed.contains { $0 === signaller } }),
      waiting.allSatisfy({ leads($0, to: missed) })
    else { return [] }
    return missed.map { thread in
      let condition = thread.awaitedCondition
      let signaller = condition.map { threads[$0.lastSignaller].name } ?? "?"
      return "\(thread.name) waits for \"\(condition?.name ?? "?")\", whose last signal, by \(signaller), came before "
        + "the wait and met nobody"
    }
  }

  private func hasWhatItAwaits(_ thread: SimThread) -> Bool {
    guard thread.state == .waitingCondition, let predicate = thread.awaitedPredicate,
      thread.awaitedCondition?.lock.owner == nil
    else { return false }
    return predicate()
  }

  private func mayHaveMissedItsSignal(_ thread: SimThread) -> Bool {
    guard thread.state == .waitingCondition, thread.awaitedPredicate == nil, let condition = thread.awaitedCondition,
      condition.signals > 0, condition.signals == thread.signalsAtWait, condition.isLastSignalInVain
    else { return false }
    return condition.lock.acquisitions - condition.acquisitionsAtSignal <= condition.waitsSinceSignal
  }

  /// Whether a thread is one of `ends`, or waits for one by joins and locks.
  private func leads(_ thread: SimThread, to ends: [SimThread]) -> Bool {
    var at: SimThread? = thread
    for _ in threads {
      guard let now = at else { return false }
      if ends.contains(where: { $0 === now }) { return true }
      switch now.state {
      case .joining: at = now.joined
      case .waitingLock: at = now.wantedLock?.owner
      default: return false
      }
    }
    return false
  }
}
