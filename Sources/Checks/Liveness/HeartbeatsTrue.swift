import Basics
import Trading

extension Check {
  /// Reads HEARTBEAT of the engine's log against the orders and trades of the venue's truth, and EXCHANGE_TIMEOUT_S,
  /// RECONCILE_AFTER_S, ROUTER_BACKOFF_MS and ROUTER_MAX_RETRIES of config.json.
  ///
  /// The venue gives each figure a least and a greatest value: what the engine must have heard of counts for certain, what it
  /// may not have heard of counts perhaps. A stalled schedule excuses all but what is impossible at any time.
  public static let heartbeatsTrue = Check(
    .heartbeatsTrue, "what a heartbeat says of positions and pending intents is what the venue says", log: .accusations
  ) { record throws(Unjudged) in
    let name = CheckName.heartbeatsTrue
    let beats = record.events(.heartbeat).filter { $0.time <= record.end }
    if beats.isEmpty { return .open(name, "there is no heartbeat") }
    let spans = try BelievedSpans(record)
    var wrong: [String] = []
    var judged = 0
    for beat in beats {
      func judge(_ figure: FieldName, _ range: ClosedRange<Int>) {
        guard let told = beat.integer(figure) else { return }
        judged += 1
        if range.contains(told) { return }
        let truth = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
        wrong.append("\(record.place(beat)): \(figure) is \(told), the venue says \(truth)")
      }
      judge(.positionsCount, spans.positions(at: beat.time))
      judge(.pendingIntents, spans.intents(at: beat.time))
      if let uptime = beat.number(.uptimeS) {
        let truth = (beat.time - record.run.start).seconds
        if abs(uptime - truth) > reactionSlack.seconds {
          wrong.append("\(record.place(beat)): uptime_s is \(uptime), the session runs for \(seconds(truth))")
        }
      }
    }
    if !record.run.isStallFree { return .stalled(name, wrong) }
    if judged == 0, wrong.isEmpty { return .open(name, "no heartbeat has the figures to judge by") }
    if wrong.isEmpty { return .pass(name, "\(beats.count) heartbeats agree with the venue") }
    return .fail(name, "\(wrong.count) figures of heartbeats are wrong", wrong)
  }
}

/// When the engine had positions and pending intents for certain, and when it may have had.
private struct BelievedSpans {
  private typealias Span = (certain: Range<Instant>, possible: Range<Instant>)
  private var positionSpans: [(certain: [Range<Instant>], possible: [Range<Instant>])] = []
  private var intentSpans: [Span] = []

  init(_ record: SessionRecord) throws(Unjudged) {
    let hearing = try Hearing(record)
    let slack = Check.reactionSlack
    let backoff = try record.settingTime(.routerBackoffMs)
    let attemptsMax = 1 + (try record.settingCount(.routerMaxRetries))
    for order in record.truth.orders {
      let sure = order.takenAt.map { .from($0 + slack, to: order.end?.time ?? record.end) } ?? order.asked..<order.asked
      var over = hearing.time(ofEndOf: order).map { $0 + slack } ?? .distantFuture
      if order.end?.how == .refused {
        // What the venue refused for now may be sent again after a pause that doubles, once it allows calls.
        if let last = order.places.last, !last.isPermanent, order.places.count < attemptsMax {
          over = over + backoff * (1 << (order.places.count - 1))
        }
        for pause in record.truth.pauses where pause.contains(over) { over = pause.upperBound + slack }
      }
      intentSpans.append((sure, .from(record.decided(order).minus(slack), to: over)))
    }
    for order in record.engineOrders.all where record.truth.order(order.clientOrderId) == nil {
      guard let sent = order.sentAt else { continue }
      intentSpans.append((sent..<sent, .from(sent.minus(slack), to: .distantFuture)))
    }
    for holding in try record.holdings().values {
      var certain: [Range<Instant>] = []
      var heard = record.run.start
      for (index, step) in holding.steps.enumerated() {
        heard = max(heard, hearing.time(of: step, in: record.truth) + slack)
        let next = index + 1 < holding.steps.count ? holding.steps[index + 1].time : record.end
        if holding.isOpen(step) == true { certain.append(.from(heard, to: next)) }
      }
      let possible = holding.possiblyOpen(until: .distantFuture) { hearing.time(of: $0, in: record.truth) + slack }
      positionSpans.append((certain, possible))
    }
  }

  func positions(at time: Instant) -> ClosedRange<Int> {
    let least = positionSpans.count { spans in spans.certain.contains { $0.contains(time) } }
    return least...max(least, positionSpans.count { spans in spans.possible.contains { $0.contains(time) } })
  }

  func intents(at time: Instant) -> ClosedRange<Int> {
    let least = intentSpans.count { $0.certain.contains(time) }
    return least...max(least, intentSpans.count { $0.possible.contains(time) })
  }
}
