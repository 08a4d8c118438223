import Basics
import Trading

/// Renders the state again and again: what has not changed since the last time is copied as it stands in the text.
///
/// One change asks for one save, so nearly everything has stood in the document before.
struct StateRenderer: ~Copyable {
  private struct KnownIntent {
    let intent: OrderIntent
    let text: [UInt8]
  }

  private struct KnownPosition {
    var quantity = Decimal.zero
    var cost = Decimal.zero
    var text: [UInt8] = []
  }

  private let symbols: [Symbol]
  private var intents: [KnownIntent] = []
  private var positions: [KnownPosition]
  private var text = ByteWriter(capacity: 4096)
  private var fragment = ByteWriter(capacity: 512)

  init(_ symbols: [Symbol]) {
    self.symbols = symbols
    positions = Array(repeating: KnownPosition(), count: symbols.count)
  }

  /// The document as bytes.
  mutating func render(
    _ pending: [PendingIntent], _ positions: [Position], _ budget: BudgetSnapshot, at time: Instant
  ) -> [UInt8] {
    text.removeAll()
    text.text("{\"pending_buy_intents\":{")
    append(pending)
    text.text("},\"positions\":{")
    append(positions)
    text.text("},\"budget\":{\"free\":")
    text.quoted(budget.free)
    text.text(",\"reserved\":")
    text.quoted(budget.reserved)
    text.text("},\"last_update\":\"")
    text.time(time)
    text.text("\"}\n")
    return text.bytes()
  }

  /// Intents keep their order: the known ones are found in one pass.
  private mutating func append(_ pending: [PendingIntent]) {
    var known: [KnownIntent] = []
    known.reserveCapacity(pending.count)
    var next = 0
    for index in pending.indices {
      let intent = pending[index].intent
      var at = next
      while at < intents.count, intents[at].intent !== intent { at += 1 }
      if at < intents.count {
        known.append(intents[at])
        next = at + 1
      } else {
        fragment.removeAll()
        StateDocument.append(intent, to: &fragment)
        known.append(KnownIntent(intent: intent, text: fragment.bytes()))
      }
      if index > 0 { text.text(",") }
      text.append(known[index].text)
    }
    intents = known
  }

  private mutating func append(_ positions: [Position]) {
    var isFirst = true
    for market in positions.indices where !positions[market].quantity.isZero {
      let position = positions[market]
      if self.positions[market].quantity != position.quantity || self.positions[market].cost != position.cost {
        fragment.removeAll()
        StateDocument.append(symbols[market], position, to: &fragment)
        self.positions[market] = KnownPosition(
          quantity: position.quantity, cost: position.cost, text: fragment.bytes())
      }
      if !isFirst { text.text(",") }
      isFirst = false
      text.append(self.positions[market].text)
    }
  }
}
