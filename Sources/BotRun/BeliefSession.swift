import Basics
import Checks
import ExchangeServer

/// What a bot says that it has and what it really has, side by side: the lines of `logs/belief.jsonl`.
///
/// The truth is written down whenever it changes; the bot is asked several times at the end of the settle phase, while it goes
/// on trading.
final class BeliefSession {
  /// When the bot is asked, in percent of the last stretch of the settle phase; uneven, so that a bot that does the same at
  /// even times is met in all its moments.
  private static let moments: [Int64] = [0, 17, 41, 66, 100]
  private static let stretchMax = Duration.seconds(5)
  /// Changes of the truth that are kept.
  private static let truthsMax = 100_000

  private let source: BeliefSource
  private let lag: Duration
  private let environment: [String]
  private let began: Instant
  private var times: [Instant] = []
  private var hasBegunToAsk = false
  private var reader: (asked: Instant, reader: BeliefReader)?
  private var answers: [JSON] = []
  private var truths: [(time: Instant, truth: AccountTruth)] = []
  private var follower = AccountTruth.Follower()

  /// A session that has asked nothing; a file that is older than `began` is not believed.
  init(_ source: BeliefSource, lag: Duration, environment: [String], began: Instant) {
    (self.source, self.lag, self.environment, self.began) = (source, lag, environment, began)
  }

  /// Whether every question is answered, or has waited long enough.
  var isOver: Bool { times.isEmpty && reader == nil }
  /// Whether an answer is waited for.
  var isWaiting: Bool { reader != nil }

  /// Plans the questions of a settle phase.
  func plan(from start: Instant, until end: Instant) {
    let stretch = min(Self.stretchMax, Duration(nanoseconds: (end - start).nanoseconds / 2))
    times = Self.moments.map { end + (.zero - stretch) + Duration(nanoseconds: stretch.nanoseconds / 100 * $0) }
  }

  /// Writes down what has changed, and asks what is due. Called after each turn of the server.
  func turn(_ server: ExchangeServer, at now: Instant) {
    note(server, at: now)
    if reader == nil, let due = times.first, now >= due {
      times.removeFirst()
      hasBegunToAsk = true
      let slack = Duration.seconds(1)
      reader = (
        now,
        BeliefReader(source, environment: environment, notBefore: (began + (.zero - slack)).nanoseconds, at: now)
      )
    }
    guard let asking = reader, let result = asking.reader.look(at: now) else { return }
    reader = nil
    let isKnown = truths.count < Self.truthsMax
    answers.append(
      Self.line(
        asked: asking.asked, answered: now,
        isKnown ? result : .trouble("the account changed more than \(Self.truthsMax) times within the lag")))
  }

  private func note(_ server: ExchangeServer, at now: Instant) {
    guard let truth = follower.look(server), truths.count < Self.truthsMax else { return }
    truths.append((now, truth))
    guard !hasBegunToAsk, truths.count % 1_000 == 0 else { return }
    // Only what can be within the lag of the first question is needed: the last state before it, and all later ones.
    let start = now + (.zero - lag)
    truths.removeFirst(max(0, truths.prefix { $0.time <= start }.count - 1))
  }

  private static func line(asked: Instant, answered: Instant, _ result: BeliefReader.Result) -> JSON {
    var members: [(key: String, value: JSON)] = [
      ("timestamp", .string(asked.iso8601())), ("kind", .string("belief")),
      ("answered", .string(answered.iso8601())),
    ]
    switch result {
    case .trouble(let text): members.append(("trouble", .string(text)))
    case .answer(let bytes):
      do throws(JSONError) { members.append(("belief", try JSON.parse(bytes))) } catch {
        members.append(("trouble", .string("it is no JSON: \(error)")))
      }
    }
    return .object(members)
  }

  /// The file.
  var bytes: [UInt8] {
    var out: [UInt8] = []
    for line in truths.map({ $0.truth.json(at: $0.time) }) + answers {
      out += Array(line.text.utf8)
      out.append(0x0A)
    }
    return out
  }
}
