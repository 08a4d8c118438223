import Basics

extension BotCheck {
  /// Longest silence of a bot that was heard before; venues close connections that idle as long.
  private static let silenceMax = Duration.seconds(60)

  /// Reads the process's end in run.json and the requests of wire.jsonl.
  static let botAlive = BotCheck(
    "bot-alive", "the bot runs until it is asked to end, and is heard from while it runs"
  ) { record in
    let process = record.process
    if process.isFlooding { return fail("it printed more than is kept: a bot that floods its log fills a disk") }
    if record.isUnfinished { return unfinished }
    if process.askedToEnd == nil {
      let how = process.signal.map { "by signal \($0)" } ?? "with code \(process.exitCode ?? -1)"
      return fail("it ended by itself \(how), before the run was over; its last words are in logs/bot.log")
    }
    guard record.isConnected else { return open("it never sent a request with its key") }
    var last = record.requests.first?.time ?? record.end
    for time in record.requests.map(\.time) + [record.end] {
      if time - last > silenceMax { return fail("nothing was heard from it for \(seconds(time - last))") }
      last = max(last, time)
    }
    return pass("\(record.requests.count) requests, until it was asked to end")
  }
}
