import Basics
import Trading

extension Check {
  /// Reads `logs/disk.jsonl`, where a simulated disk says what a crash would have left of the state file after each of its
  /// steps; the orders and trades of the venue's truth; the disk's own faults in run.json; INTENT_CLEARED and
  /// HEARTBEAT of the engine's log, which say what the engine knew; EXCHANGE_TIMEOUT_S and RECONCILE_AFTER_S of config.json.
  ///
  /// Each change is saved at once, so that what is on the disk is no older than a save takes, and an order that leaves the state
  /// as filled has its coins in it. A stalled schedule excuses what is old or was gathered over a stretch of time, never a file
  /// that cannot be read.
  public static let stateSurvivesCrash = Check(
    .stateSurvivesCrash,
    "a crash at any moment leaves a state file that can be read, has the venue's orders and positions, and is no older than "
      + "a save takes"
  ) { record throws(Unjudged) in
    let name = CheckName.stateSurvivesCrash
    guard let images = record.crashImages else {
      return .notApplicable(name, "only a simulated disk knows what a crash would leave")
    }
    guard let first = images.firstIndex(where: { $0.left == .whole }) else {
      return record.truth.orders.isEmpty || record.isCutShort
        ? .open(name, "no state was saved")
        : .fail(name, "orders were sent and no state would have survived a crash", [])
    }
    let lost = images[first...].filter { $0.left != .whole }.map { image in
      "logs/disk.jsonl:\(image.line): from \(image.time.iso8601()) on a crash leaves the state file \(image.left.rawValue)"
    }
    if !lost.isEmpty { return .fail(name, "a crash at \(lost.count) moments leaves no state that can be read", lost) }
    let beliefs = try StateBeliefs(record)
    var wrong: [String] = []
    for (before, image) in zip(images, images.dropFirst()) { wrong += try beliefs.forgotten(in: image, after: before) }
    if !wrong.isEmpty { return .fail(name, "a crash at some moment forgets what was bought", wrong) }
    guard record.run.isStallFree else { return .pass(name, "\(images.count) moments, the state could be read at each") }
    for index in images.indices where images[index].left == .whole {
      let next = index + 1 < images.count ? images[index + 1].time : record.end
      wrong += try beliefs.mistakes(in: images[index], until: min(next, record.end))
    }
    wrong += earlyClaims(record, images)
    if wrong.isEmpty { return .pass(name, "\(images.count) moments, each state could be read and was current") }
    return .fail(name, "a crash at some moment leaves a state that is wrong or old", wrong)
  }
}

extension Check {
  /// Heartbeats that tell of a save which is not on the disk.
  private static func earlyClaims(_ record: SessionRecord, _ images: [CrashImageFact]) -> [String] {
    record.events(.heartbeat).compactMap { beat in
      guard let told = beat.value(.stateSavedAt)?.string.flatMap({ Instant(iso8601: $0) }) else { return nil }
      let last = images.last { $0.time <= beat.time }?.state?[.lastUpdate]?.string.flatMap { Instant(iso8601: $0) }
      if let last, told <= last + saveSlack { return nil }
      return "\(record.place(beat)): the state is said to be saved as of \(told.iso8601()), on the disk is that of "
        + (last?.iso8601() ?? "no time")
    }
  }
}

/// What the state must have had at each moment, by the venue's truth.
private struct StateBeliefs {
  private let record: SessionRecord
  private let hearing: Hearing
  /// By symbol, in order; `known` is when a step must have been saved at the latest.
  private let holdings: [(symbol: String, holding: Holding, known: [Instant])]
  /// What a save may take on a slow disk, and another that was under way.
  private let limit = Duration.seconds(4)
  /// What the venue and the engine say of each order, in the venue's order.
  private let orders: [(id: String, asked: Instant, taken: Instant?, over: Instant?)]
  /// When orders were sent and trades were heard of.
  private let changes: [Instant]
  /// When a fault of the disk acted: refused, or held a write up for longer than a slow disk does.
  private let faults: [Instant]
  /// When the writer had to be started again.
  private let absences: [Range<Instant>]

  init(_ record: SessionRecord) throws(Unjudged) {
    self.record = record
    let hearing = try Hearing(record)
    self.hearing = hearing
    holdings = try record.holdings().sorted { $0.key < $1.key }.map { symbol, holding in
      (symbol, holding, holding.steps.map { max(hearing.time(of: $0, in: record.truth), $0.time) + Check.saveSlack })
    }
    orders = record.truth.orders.map { order in
      let over = [order.end?.time, record.engineOrders[order.id]?.failedAt].compactMap { $0 }.min()
      return (order.id, order.asked, order.takenAt, over)
    }
    let moments = record.truth.orders.flatMap { order in
      [record.decided(order)] + order.trades.compactMap { hearing.told($0, in: order) }
    }
    changes = (moments + record.intents.compactMap(\.clearedAt)).sorted()
    let (images, patience) = (record.crashImages ?? [], limit / 2)
    faults = record.run.firings.filter { fired in
      guard fired.site.hasPrefix("disk.") else { return false }
      guard fired.action == "sleep", let written = images.first(where: { $0.time > fired.time }) else { return true }
      return written.time - fired.time > patience
    }.map(\.time)
    absences = record.run.absences(of: .stateWriter, .engineMain)
  }

  /// Purchases that were pending in one image, and in the next neither that nor held. An order that the engine saw filled is one
  /// or the other at any moment, or both; one that it had given up before is neither until it turns up.
  func forgotten(in image: CrashImageFact, after before: CrashImageFact) throws(Unjudged) -> [String] {
    guard let state = image.state, let saved = state[.lastUpdate]?.string.flatMap({ Instant(iso8601: $0) }) else {
      return []
    }
    let pending = Self.pending(state)
    var wrong: [String] = []
    for id in Self.pending(before.state).subtracting(pending).sorted() {
      guard let order = record.truth.order(id), order.end?.how == .filled, record.engineOrders[id]?.lostAt == nil,
        order.isFeeTold(of: order.filled, by: saved),
        let holding = holdings.first(where: { $0.symbol == order.symbol })?.holding,
        let own = holding.steps.lastIndex(where: { $0.order == id })
      else { continue }
      // Others of the symbol that trade meanwhile are booked in any order.
      let others = holding.steps.contains {
        $0.order != id && $0.time >= order.asked && $0.time <= saved + Check.saveSlack
      }
      let place = "logs/disk.jsonl:\(image.line)"
      let quantity = try state[.positions]?[order.symbol]?.amount(.qty, at: place) ?? .zero
      if others || quantity == holding.steps[own].held { continue }
      // What another order of the symbol bought before may be unheard of.
      let counted = holding.possiblyHeld(at: saved, until: saved + Check.saveSlack) { step in
        step.order == id ? step.time : hearing.time(of: step, in: record.truth) + Check.saveSlack
      }
      if counted?.contains(quantity) ?? true { continue }
      wrong.append(
        "\(place): \(id) is not pending any more, and \(quantity) \(order.symbol) is held, "
          + "\(holding.steps[own].held) with what it bought")
    }
    return wrong
  }

  private static func pending(_ state: JSON?) -> Set<String> {
    Set((state?[.pendingBuyIntents]?.members ?? []).compactMap { $0.value[.clientOrderId]?.string })
  }

  func mistakes(in image: CrashImageFact, until next: Instant) throws(Unjudged) -> [String] {
    let place = "logs/disk.jsonl:\(image.line)"
    guard let state = image.state, let saved = state[.lastUpdate]?.string.flatMap({ Instant(iso8601: $0) }) else {
      return ["\(place): the state has no last_update"]
    }
    let missing = ["pending_buy_intents", "positions"].filter { state[$0]?.members == nil }
    if !missing.isEmpty { return ["\(place): the state lacks \(missing.joined(separator: ", "))"] }
    var wrong: [String] = []
    let kept = Self.pending(state)
    for order in orders {
      guard let taken = order.taken, taken < saved, order.over.map({ $0 > saved + Check.saveSlack }) ?? true,
        order.asked + Check.saveSlack < saved, !kept.contains(order.id)
      else { continue }
      wrong.append(
        "\(place): \(order.id) is open at the venue since \(taken.iso8601()), not in the state of \(saved.iso8601())")
    }
    for (symbol, holding, saves) in holdings {
      let quantity = try state[.positions]?[symbol]?.amount(.qty, at: place) ?? .zero
      // The last that must have been booked by then, or anything after it.
      let known = saves.lastIndex { $0 <= saved }
      let since = known.map { holding.steps[$0].time } ?? record.run.start
      let isHeld = holding.steps.contains {
        $0.time >= since && $0.time <= saved + Check.saveSlack && $0.held == quantity
      }
      if isHeld || known == nil && quantity.isZero { continue }
      let counted = holding.possiblyHeld(at: saved, until: saved + Check.saveSlack) { step in
        hearing.time(of: step, in: record.truth) + Check.saveSlack
      }
      if counted?.contains(quantity) ?? true { continue }
      wrong.append(
        "\(place): \(quantity) \(symbol) in the state of \(saved.iso8601()), \(holding.step(at: saved)?.held ?? .zero) was held"
      )
    }
    let old = changes.first { $0 > saved + Check.saveSlack }.flatMap { next > $0 + limit ? $0 : nil }
    let isExcused = old.map { old in
      faults.contains { $0 >= old.minus(limit) && $0 <= next } || absences.contains { $0.overlaps(old..<next) }
    }
    if let old, isExcused == false {
      wrong.append(
        "\(place): the state of \(saved.iso8601()) is what a crash leaves until \(next.iso8601()), \(old.iso8601()) changed it"
      )
    }
    return wrong
  }
}
