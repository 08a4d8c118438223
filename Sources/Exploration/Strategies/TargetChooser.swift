import Basics

/// Picks the hand-offs that the next directed schedule shall bring about, of all that earlier ones showed to be possible.
struct TargetChooser {
  private var known = HandOffs()
  /// How often each pair was a target.
  private var tried: [HandOffs.Pair: Int] = [:]

  var droppedCount: Int { known.droppedCount }

  /// How many hand-offs were new.
  @discardableResult
  mutating func learn(_ observed: HandOffs) -> Int { known.merge(observed) }

  /// One to three hand-offs with different receivers; none while nothing is known.
  mutating func targets(seed: UInt64) -> [HandOffs.Pair] {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x7A46))
    var receivers = known.receivers.filter { !$0.isLock }
    // Locks lead where no variable is shared, and else in one schedule of four.
    if receivers.isEmpty || Mixing.index(draws.next(), below: 4) == 0 { receivers = known.receivers }
    var targets: [HandOffs.Pair] = []
    for _ in 0..<(1 + Mixing.index(draws.next(), below: 3)) where !receivers.isEmpty {
      let receiver = receivers.remove(at: Mixing.index(draws.next(), below: receivers.count))
      let target = source(of: receiver, &draws)
      tried[target, default: 0] += 1
      targets.append(target)
    }
    return targets
  }

  /// In half of the draws the least tried source, else any.
  private func source(of receiver: HandOffs.Event, _ draws: inout SplitMix) -> HandOffs.Pair {
    let sources = [0] + known.givers.filter { $0.object == receiver.object }.map(\.id)
    let pairs = sources.map { HandOffs.Pair(object: receiver.object, from: $0, to: receiver.id) }
    if Mixing.index(draws.next(), below: 2) == 0 {
      var rarest = pairs[0]
      for pair in pairs where tried[pair, default: 0] < tried[rarest, default: 0] { rarest = pair }
      return rarest
    }
    return pairs[Mixing.index(draws.next(), below: pairs.count)]
  }
}
