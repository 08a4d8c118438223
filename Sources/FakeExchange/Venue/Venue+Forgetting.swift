import Trading

/// Forgetting orders, for a venue that is served for days: a session's venue keeps every order.
///
/// Orders and trades go a page at a time. An order that is forgotten is unknown to every call, and its client id is free again.
extension Venue {
  /// Orders that are forgotten together; they begin at a multiple of it.
  package static var forgottenTogether: Int { Pages<VenueOrder>.pageLength }

  /// Forgets the orders from a number on, as many as are forgotten together. All of them have ended.
  package mutating func forgetOrders(from first: Int) {
    let numbers = first..<(first + Self.forgottenTogether)
    for id in numbers {
      precondition(orders[id].status.isTerminal, "order \(id) is open")
      let place = place(of: orders[id].clientOrderId, orders[id].account)
      // A later order may have the id by now.
      if place.order == id { clientIds.remove(at: place) }
      holds[id] = nil
      var next = orders[id].lastTrade
      while let at = next {
        next = tape[at].before < 0 ? nil : Int(tape[at].before)
        let page = at / Pages<KeptTrade>.pageLength
        while forgottenTrades.count <= page { forgottenTrades.append(0) }
        forgottenTrades[page] += 1
        if forgottenTrades[page] == Pages<KeptTrade>.pageLength { tape.release(page: page) }
      }
    }
    orders.release(page: first / Self.forgottenTogether)
  }
}
