import ChaosRuntime

extension Checks {
  /// The oldest that quotes may become, in milliseconds: four polls of the default 2.5 s.
  static let freshnessMs = 10_000.0

  /// Reads STALE_SNAPSHOTS_WARNING, SNAPSHOTS_FRESH (both measured where quotes are used) and MD_POLL_OVERRUN of the
  /// engine's log, the count of `fetch_tickers` in the venue's last line, and the overdue
  /// activities and incidents of `exchange.fetch_tickers`.
  public static let marketDataFresh = Check(
    "market-data-fresh", "decisions are made on quotes that are at most 10 s old"
  ) { record in
    let name = "market-data-fresh"
    guard let polls = record.venue.last(where: { $0.kind == "summary" })?.value("requests")?["fetch_tickers"]?.int
    else {
      return .open(name, "the venue did not count the polls")
    }
    let lasted = (record.end - record.run.start).milliseconds
    if polls == 0, lasted <= freshnessMs {
      return .open(name, "the session was shorter than 10 s and nothing was polled")
    }
    let activity = "exchange.fetch_tickers"
    var old = ["STALE_SNAPSHOTS_WARNING", "SNAPSHOTS_FRESH"].flatMap { record.events($0) }.compactMap { event in
      event.number("age_ms").flatMap { age in
        age > freshnessMs ? "\(record.place(event)): quotes were \(seconds(age / 1000)) old" : nil
      }
    }
    old += record.events("MD_POLL_OVERRUN").compactMap { event in
      event.number("cycle_duration_s").flatMap { took in
        took * 1000 > freshnessMs ? "\(record.place(event)): a poll took \(seconds(took))" : nil
      }
    }
    old += record.run.overdue.filter { $0.activity == activity && $0.tookMs > freshnessMs }.map {
      "\($0.thread): \($0.activity) took \(milliseconds($0.tookMs))"
    }
    old += record.run.incidentEvidence(activity)
    let mean = lasted / Double(max(polls, 1))
    if mean > freshnessMs { old.append("\(polls) polls in \(seconds(lasted / 1000))") }
    if !record.run.isStallFree { return .stalled(name, ["\(polls) polls, one every \(milliseconds(mean))"]) }
    if old.isEmpty { return .pass(name, "\(polls) polls, one every \(milliseconds(mean))") }
    return .fail(name, "quotes were older than 10 s", old)
  }
}
