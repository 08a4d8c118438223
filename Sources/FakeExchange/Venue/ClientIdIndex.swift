import Basics

/// The newest order of each client order id of each account.
///
/// An open table of numbers beside their hashes: the ids themselves are read from the orders, an id that is there already takes
/// one search, and growing hashes nothing again. Ids are compared as texts, hashed by their bytes.
struct ClientIdIndex: Sendable {
  private struct Slot: Sendable {
    var hash: UInt32
    /// Number of the order; `ClientIdIndex.none`: the slot is free.
    var order: Int32
  }

  /// Where an id stands, or would; good until something is put in.
  struct Place {
    fileprivate let slot: Int
    fileprivate let hash: UInt32
    /// The order that has the id; nil: none has it.
    let order: Int?
  }

  private static let none: Int32 = -1

  /// A power of two of slots, at most three of four in use.
  private var slots = [Slot](repeating: Slot(hash: 0, order: ClientIdIndex.none), count: 16)
  private var count = 0

  /// Looks an id of an account up; `isMeant` says whether an order has both. O(1).
  func place(of id: String, account: Int, isMeant: (Int) -> Bool) -> Place {
    let hash = Self.hash(id, account)
    return slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var slot = Int(hash) & mask
      while slots[slot].order != Self.none {
        let order = Int(slots[slot].order)
        if slots[slot].hash == hash, isMeant(order) { return Place(slot: slot, hash: hash, order: order) }
        slot = (slot + 1) & mask
      }
      return Place(slot: slot, hash: hash, order: nil)
    }
  }

  /// Makes an order the one of the id that `place` was asked for.
  mutating func put(_ order: Int, at place: Place) {
    slots[place.slot] = Slot(hash: place.hash, order: Int32(order))
    guard place.order == nil else { return }
    count += 1
    if count * 4 > slots.count * 3 { grow() }
  }

  /// Takes the id out again that `place` was asked for; an id that no order has is left alone.
  mutating func remove(at place: Place) {
    guard place.order != nil else { return }
    let mask = slots.count - 1
    var (hole, slot) = (place.slot, (place.slot + 1) & mask)
    // Whoever was turned away by the slot that is free now moves up, or no search would find it again.
    while slots[slot].order != Self.none {
      let way = (slot - Int(slots[slot].hash)) & mask
      if way >= (slot - hole) & mask {
        slots[hole] = slots[slot]
        hole = slot
      }
      slot = (slot + 1) & mask
    }
    slots[hole].order = Self.none
    count -= 1
  }

  private mutating func grow() {
    let mask = slots.count * 4 - 1
    var wider = [Slot](repeating: Slot(hash: 0, order: Self.none), count: mask + 1)
    for old in slots where old.order != Self.none {
      var slot = Int(old.hash) & mask
      while wider[slot].order != Self.none { slot = (slot + 1) & mask }
      wider[slot] = old
    }
    slots = wider
  }

  private static func hash(_ id: String, _ account: Int) -> UInt32 {
    var id = id
    return id.withUTF8 { bytes in
      var mixed = UInt64(account) &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
      var at = 0
      while at + 8 <= bytes.count {
        mixed = Mixing.mix(mixed ^ UnsafeRawBufferPointer(bytes).loadUnaligned(fromByteOffset: at, as: UInt64.self))
        at += 8
      }
      var rest: UInt64 = 0
      while at < bytes.count {
        rest = rest << 8 | UInt64(bytes[at])
        at += 1
      }
      return UInt32(truncatingIfNeeded: Mixing.mix(mixed ^ rest))
    }
  }
}
