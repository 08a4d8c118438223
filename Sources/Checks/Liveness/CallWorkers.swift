import Basics
import Trading

/// The threads that make one kind of call, one call at a time, and what the venue's truth says of their calls.
///
/// A call that its venue keeps too long keeps its worker: another one takes its place, and the worker ends when its call is back.
/// Two at most are lost to a kind of call at a time; while both are, calls of the kind are refused unsent. Whoever forgets that a
/// call came back, or gives up one that is well, has none in reserve when the next call hangs.
struct CallWorkers {
  private let name: ThreadName
  private let calls: [String]
  /// The event that tells of a call that failed; nil: none does.
  private let failure: EventName?

  static let all: [CallWorkers] = [
    CallWorkers(name: .exchangePlace, calls: ["place_order"], failure: .orderFailed),
    CallWorkers(name: .exchangeBalance, calls: ["fetch_balance"], failure: .budgetRefreshFailed),
    CallWorkers(name: .exchangeQuotes, calls: ["fetch_tickers"], failure: .mdPollFailed),
    CallWorkers(name: .exchangeRules, calls: ["market_rules"], failure: .marketRulesFailed),
    CallWorkers(name: .exchangeOpen, calls: ["open_orders"], failure: nil),
    CallWorkers(name: .exchangeClock, calls: ["server_time"], failure: nil),
    CallWorkers(name: .exchangeStream, calls: ["open_stream", "renew_stream"], failure: nil),
    CallWorkers(name: .formatWorker, calls: [], failure: nil),
  ]

  private struct Call {
    var asked: Instant
    var answered = Instant.distantFuture
    /// Whether a worker was begun in place of the one that makes it.
    var isReplaced = false

    func isUnderWay(at time: Instant) -> Bool { asked <= time && answered >= time }
  }

  /// Sentences of what was begun, refused or kept without need. Reads EXCHANGE_TIMEOUT_S of config.json.
  static func trouble(_ record: SessionRecord) throws(Unjudged) -> [String] {
    if record.run.isLive { return [] }
    let timeout = try record.settingTime(.exchangeTimeoutS)
    let calls = underWay(record)
    return all.flatMap { $0.trouble(record, calls, timeout) }
  }

  private func trouble(_ record: SessionRecord, _ all: [String: [Call]], _ timeout: Duration) -> [String] {
    var known = calls.flatMap { all[$0] ?? [] }
    if calls.count > 1 { known.sort { $0.asked < $1.asked } }
    // What a fault does to a call the call itself shows. A log-writer that ends while it waits leaves its worker busy.
    let firings = record.run.firings.filter {
      $0.thread == name.rawValue && !$0.site.hasPrefix("exchange.")
        || calls.isEmpty
          && ($0.site.hasPrefix("log.") || $0.action == "kill" && $0.thread == ThreadName.logWriter.rawValue)
    }
    return needless(record, &known, firings.map(\.time), timeout) + tooMany(record)
      + refused(record, known, firings.map(\.time), timeout)
  }

  /// The calls of all kinds in one walk through the venue's history, by the call's name.
  private static func underWay(_ record: SessionRecord) -> [String: [Call]] {
    let names = Set(all.flatMap(\.calls))
    var known: [String: [Call]] = [:]
    var index: [String: (call: String, at: Int)] = [:]
    var fields = FieldIndex()
    for line in record.venue where line.kind == "request" || line.kind == "reply" {
      fields.load(line)
      guard let call = fields.text(.call), names.contains(call), let id = fields.code(.id) else { continue }
      if line.kind == "reply" {
        if let place = index[id], place.call == call { known[call]?[place.at].answered = line.time }
      } else if fields.text(.side) != "sell" {
        index[id] = (call, known[call]?.count ?? 0)
        known[call, default: []].append(Call(asked: line.time))
      }
    }
    return known
  }

  /// Each worker but the first was begun since one was ended or held up by a fault, or since a call took longer than its caller
  /// waits and still did, and no other worker had been begun for that one.
  private func needless(
    _ record: SessionRecord, _ known: inout [Call], _ firings: [Instant], _ timeout: Duration
  ) -> [String] {
    let slack = Duration.milliseconds(100)
    let all = known
    /// Whether its caller had waited for another call of the kind, and has only the rest of its time.
    func hasWaited(_ call: Call) -> Bool {
      all.contains { other in
        other.asked < call.asked
          && [other.answered, other.asked + timeout].contains { $0 <= call.asked && call.asked <= $0 + slack }
      }
    }
    func isLate(_ call: Call, at time: Instant) -> Bool { time - call.asked >= timeout.less(slack) || hasWaited(call) }
    let end = record.run.shutdownRequested ?? record.end
    var firings = firings
    var wrong: [String] = []
    for begun in record.run.lives(of: name).map(\.lowerBound).sorted().dropFirst() {
      // Once the engine is to end callers have less time.
      let reason = known.firstIndex { call in
        !call.isReplaced && call.isUnderWay(at: begun) && (begun >= end || isLate(call, at: begun))
      }
      if let reason {
        known[reason].isReplaced = true
      } else if let held = firings.firstIndex(where: { $0 <= begun }) {
        firings.remove(at: held)
      } else {
        wrong.append(
          "another \(name) was begun at \(begun.iso8601()), and none of the calls under way had taken longer than its caller waits"
        )
      }
    }
    return wrong
  }

  /// Of three that live at a time one was to end.
  private func tooMany(_ record: SessionRecord) -> [String] {
    let lives = record.run.lives(of: name)
    return lives.map(\.lowerBound).compactMap { begun in
      let later = min(begun + Check.reactionSlack, record.end)
      let count = lives.count { $0.lowerBound <= begun && $0.upperBound >= later }
      return count <= 2 ? nil : "\(counted(count, "thread")) \(name) lived at \(begun.iso8601()), two at most may"
    }
  }

  /// Calls that were refused unsent for want of a worker, though one was there, or had to be.
  private func refused(
    _ record: SessionRecord, _ known: [Call], _ firings: [Instant], _ timeout: Duration
  ) -> [String] {
    guard let failure else { return [] }
    let end = record.run.shutdownRequested ?? record.end
    return record.events(failure).compactMap { event in
      // Sales have workers of their own.
      guard event.time < end, event.text(.side)?.lowercased() != "sell",
        let text = event.text(.exchangeError) ?? event.text(.error),
        let why = [UnsentReason.callsHang, .workerIsBusy].first(where: { text.hasSuffix($0.rawValue) }),
        !firings.contains(where: { $0 <= event.time })
      else { return nil }
      let busy = known.filter { $0.isUnderWay(at: event.time) }
      // One that is not overdue yet keeps its worker.
      if busy.count > 1 || why == .workerIsBusy && busy.contains(where: { $0.asked + timeout >= event.time }) {
        return nil
      }
      return
        "\(record.place(event)): not sent, as \(why.rawValue), while \(counted(busy.count, "such call")) was under way"
    }
  }
}
