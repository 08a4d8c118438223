import Basics
public import FaultInjection

/// Which faults meet each other in the gauntlet: all pairs would grow with the square of their number.
///
/// Each fault meets one fault of every other layer, and two of its own. Who meets whom follows from the two names alone, so that
/// a new fault leaves most pairs of the others as they are. The everyday mix is some forty faults at once, of which one decides
/// at nearly every request before another fault could: it is met alone, and so are faults that are several by themselves.
public enum FaultPairs {
  /// What a fault disturbs.
  enum Layer: CaseIterable { case orders, account, quotes, machine }

  /// Id of the everyday mix, which is in no pair.
  package static let mix = "everyday"

  /// Tag of faults that are several by themselves.
  package static let together = "together"

  /// Ids of the pairs, the earlier of the list first, without those that exclude each other.
  public static func all(_ faults: [Fault]) -> [(String, String)] {
    var wanted: Set<[Int]> = []
    for (index, fault) in faults.enumerated() where !isMix(fault) {
      var partners: [Int] = []
      for other in Layer.allCases {
        let others = faults.indices.filter {
          $0 != index && !isMix(faults[$0]) && layer(of: faults[$0]) == other && meets(fault, faults[$0])
        }
        let nearest = others.sorted { distance(fault, faults[$0]) < distance(fault, faults[$1]) }
        partners += nearest.prefix(other == layer(of: fault) ? 2 : 1)
      }
      for partner in partners where partner != index && meets(fault, faults[partner]) {
        wanted.insert([index, partner].sorted())
      }
    }
    return wanted.sorted { $0.lexicographicallyPrecedes($1) }.map { (faults[$0[0]].id, faults[$0[1]].id) }
  }

  private static func isMix(_ fault: Fault) -> Bool { fault.id == mix || fault.tags.contains(together) }

  private static func meets(_ left: Fault, _ right: Fault) -> Bool { ExclusivePairs.reason(left.id, right.id) == nil }

  /// By the place at which the fault acts first.
  static func layer(of fault: Fault) -> Layer {
    switch fault.injects.first?.site {
    case "exchange.fetch_balance", "exchange.market_rules": .account
    case "exchange.fetch_tickers": .quotes
    case let site? where site.hasPrefix("exchange."): .orders
    default: .machine
    }
  }

  /// The same from both sides, and another order of all others for each fault.
  private static func distance(_ left: Fault, _ right: Fault) -> UInt64 {
    let names = [left.id, right.id].sorted()
    return Mixing.mix(Mixing.hash(names[0]), Mixing.hash(names[1]))
  }
}
