import Basics
import Testing
import Trading

@testable import Checks

@Suite("Polls for quotes, read from the venue's history")
struct QuotePollTests {
  private static func polls(_ quotes: [String]) throws -> [QuotePoll] {
    var lines: [SessionRecord.VenueLine] = []
    func add(_ kind: String, _ rest: String) {
      let text = #"{"timestamp":"2025-01-01T00:00:00.000000Z","kind":"\#(kind)",\#(rest)}"#
      lines.append(
        SessionRecord.VenueLine(line: lines.count + 1, time: .simulationEpoch, kind: kind, bytes: Array(text.utf8)[...])
      )
    }
    for (id, quotes) in quotes.enumerated() {
      add("request", #""id":\#(id),"call":"fetch_tickers","symbols":["A/USDT","B/USDT"]"#)
      add("reply", #""id":\#(id),"call":"fetch_tickers","outcome":"ok","quotes":\#(quotes)"#)
    }
    return QuotePoll.all(in: lines)
  }

  private static let head = #"[{"at":"2025-01-01T00:00:01.000000Z","symbols":["A/USDT","B/USDT"]"#

  @Test
  func `Quotes as our venue writes them are read as those of any other writer`() throws {
    let plain = head(#","last":["2","0.5"],"bid":["1.9","0.4"],"ask":["2.1","0.6"]}]"#)
    // Spaces and another order of the members are the reader's of JSON.
    let other = head(#","ask":["2.1","0.6"], "bid":["1.9","0.4"], "last":["2","0.5"]} ]"#)
    let polls = try Self.polls([plain, other, plain])
    #expect(polls.count == 3 && polls.allSatisfy { $0.isPriced && $0.symbols == ["A/USDT", "B/USDT"] })
    for poll in polls {
      #expect(poll.prices.map(\.symbol) == ["A/USDT", "B/USDT"])
      #expect(poll.prices.map(\.last) == [Decimal("2"), Decimal("0.5")])
      #expect(poll.prices.map(\.bid) == [Decimal("1.9"), Decimal("0.4")])
      #expect(poll.prices.map(\.ask) == [Decimal("2.1"), Decimal("0.6")])
      #expect(poll.quotes.map(\.symbols) == [["A/USDT", "B/USDT"]])
    }
  }

  @Test(arguments: [
    (#","last":["2","x"],"bid":["1","1"],"ask":["3","3"]}]"#, false, 0),
    (#","last":["2"],"bid":["1","1"],"ask":["3","3"]}]"#, false, 0),
    (#","last":["2","2"],"bid":["1","1"],"ask":["3","1e30"]}]"#, false, 0),
    (#","last":["2","-2"],"bid":["1","1"],"ask":["3","3"]}]"#, true, 1),
    (#","last":["2","2"],"bid":["4","1"],"ask":["3","3"]}]"#, true, 1),
    (#","last":[2,2],"bid":[1,1],"ask":[3,3]}]"#, true, 2),
    (#","last":["2","2"],"bid":["1","1"],"ask":["3","3"]}"#, false, 0),
    ("}]", false, 0),
  ])
  func `What is no price of a market is none, and a list of another length has no prices`(
    rest: String, isPriced: Bool, count: Int
  ) throws {
    let polls = try Self.polls([head(rest)])
    #expect(polls.count == 1 && polls[0].isPriced == isPriced && polls[0].prices.count == count)
  }

  private func head(_ rest: String) -> String { Self.head + rest }
}
