import Basics

extension BotCheck {
  /// How long a bot may be without a stream that it had.
  private static let reopenLimit = Duration.seconds(30)

  /// Reads streams that were not closed by the bot, and what was opened afterwards.
  static let botReopensStreams = BotCheck(
    "bot-reopens-streams", "a stream that is cut is opened and subscribed again, and the gap is asked about"
  ) { record in
    let cuts = record.streams.filter { line in
      line.kind.hasPrefix("stream_closed_") && line.kind != "stream_closed_peer" && line.time < record.end
    }
    if cuts.isEmpty { return skip("no stream was cut") }
    var wrong: [String] = []
    for cut in cuts {
      let limit = cut.time + reopenLimit
      let isBack = record.streams.contains { $0.kind == "stream_opened" && $0.time > cut.time && $0.time <= limit }
      if !isBack, limit <= record.end { wrong.append("cut at \(cut.time.iso8601()), and not opened again within 30 s") }
      let hadUser = record.streams.contains { $0.connection == cut.connection && $0.names.contains("user") }
      if isBack, hadUser, limit <= record.end,
        !record.questions.contains(where: { $0.time > cut.time && $0.time <= limit })
      {
        wrong.append("cut at \(cut.time.iso8601()), and nothing was asked about the gap within 30 s")
      }
    }
    if wrong.isEmpty { return pass("\(cuts.count) streams cut, all opened again") }
    return fail("\(wrong.count) gaps were not mended", wrong)
  }
}
