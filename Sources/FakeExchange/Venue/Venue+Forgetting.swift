import Trading

/// Forgetting orders, for a venue that is served for days: a session's venue keeps every order.
///
/// An order that is forgotten is unknown to every call, and its client id is free again. Memory of orders and trades is given
/// back a page at a time.
extension Venue {
  /// Orders of a page; pages begin at multiples of it.
  package static var forgottenTogether: Int { Pages<VenueOrder>.pageLength }

  /// Forgets these orders, which lie on one page; parts of a page go in order. All orders of the page have ended.
  package mutating func forgetOrders(_ numbers: Range<Int>) {
    for id in numbers {
      precondition(orders[id].status.isTerminal, "order \(id) is open")
      let place = place(of: orders[id].clientOrderId, orders[id].account)
      // A later order may have the id by now.
      if place.order == id { clientIds.remove(at: place) }
      holds[id] = nil
      var next = orders[id].lastTrade
      orders[id].disown()
      while let at = next {
        next = tape[at].before < 0 ? nil : Int(tape[at].before)
        let page = at / Pages<KeptTrade>.pageLength
        while forgottenTrades.count <= page { forgottenTrades.append(0) }
        forgottenTrades[page] += 1
        if forgottenTrades[page] == Pages<KeptTrade>.pageLength { tape.release(page: page) }
      }
    }
    let (page, rest) = numbers.upperBound.quotientAndRemainder(dividingBy: Self.forgottenTogether)
    if rest == 0 { orders.release(page: page - 1) }
  }
}
