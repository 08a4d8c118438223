import Basics
import ChaosRuntime
import FakeExchange
import FaultInjection
import PaperSession
import Trading
import TradingEngine

/// Readers of what people write: faults, settings, alerts, market data, the command line.
extension DocumentReader {
  static func texts() -> [DocumentReader] {
    let files = EmbeddedFaults.files.map { Array($0.text.utf8) }
    let lines = EmbeddedFaults.files.compactMap { file in
      (try? FaultFile.parse(file.text, file: file.name))?.oneLine
    }
    let settings = EngineSettings().values.map { "\($0.name) = \"\($0.value)\"\n" }.joined()
    let alerts = """
      cooldown_s = 30
      fill_rate = { min = 0.3 }
      [intents]
      pending_max = 50
      stale_max = 10
      [[sink]]
      kind = "file"
      path = "logs/alerts.jsonl"
      [[sink]]
      kind = "command"
      command = ["/bin/true", "a"]
      """
    return [
      DocumentReader(name: "fault file", share: 12, samples: files, read: fault),
      DocumentReader(name: "one-line fault", share: 8, samples: lines.map { Array($0.utf8) }, read: oneLine),
      DocumentReader(name: "settings", share: 4, samples: [Array(settings.utf8)]) { bytes in
        do throws(UsageError) { return try !ConfigFile.settings(bytes, path: "x.toml").isEmpty } catch { return false }
      },
      DocumentReader(name: "alerts", share: 4, samples: [Array(alerts.utf8)]) { bytes in
        do throws(SourceError) { return try !AlertsFile(bytes, path: "x.toml").sinks.isEmpty } catch {
          return error.description.isEmpty
        }
      },
    ]
  }

  private static func fault(_ bytes: [UInt8]) -> Bool {
    do throws(SourceError) {
      _ = try TOMLDocument(parsing: bytes, file: "x.toml")
      let text = String(decoding: bytes, as: UTF8.self)
      let fault = try FaultFile.parse(text, file: "x.toml", sites: PaperSites.definitions)
      return isSameAgain(fault.oneLine)
    } catch {
      return error.description.isEmpty
    }
  }

  private static func oneLine(_ bytes: [UInt8]) -> Bool {
    do throws(SourceError) {
      let text = String(decoding: bytes, as: UTF8.self)
      return isSameAgain(try Fault(oneLine: text, sites: PaperSites.definitions).oneLine)
    } catch {
      return error.description.isEmpty
    }
  }

  /// The normal form of a fault reads back as itself.
  private static func isSameAgain(_ line: String) -> Bool {
    let again = (try? Fault(oneLine: line))?.oneLine
    precondition(again == line || line.utf8.count > 60_000, "a fault does not read back: \(line)")
    return true
  }

  // MARK: Market data

  static func ticks() -> DocumentReader {
    let samples = MarketGenerator.sample().map { Array($0.bytes.prefix(1500)) }.map { bytes in
      Array(bytes[..<((bytes.lastIndex(of: 0x0A) ?? -1) + 1)])
    }
    return DocumentReader(name: "ticks", share: 8, samples: samples) { bytes in
      do throws(MarketDataError) {
        let market = try TickReplayer(files: [("x.jsonl", bytes)])
        let length = (market.end ?? market.start) - market.start
        for symbol in market.symbols {
          guard market.rules(symbol) != nil else { return false }
          for part in 0...4 {
            guard let quote = market.quote(symbol, at: market.start + length / 4 * part) else { return false }
            _ = quote.spreadBps
          }
        }
        return true
      } catch {
        return error.description.isEmpty
      }
    }
  }

  // MARK: The command line

  static func words() -> DocumentReader {
    let samples = [
      "--fault deadlock --seed 7 --duration 60 --schedules 200 --campaigns 20 --budget 5m --jobs 2 --carrier threads",
      "--bug 9.1 --revision 9.1=original --set TP=1.01 --seed random --duration=1h --junit x.xml",
    ]
    return DocumentReader(name: "command line", share: 4, samples: samples.map { Array($0.utf8) }) { bytes in
      let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").map(String.init)
      do throws(UsageError) {
        let arguments = try Arguments(words, options: RunCommand.verb.options, verb: "run")
        _ = try CommonOptions.seed(arguments)
        for name in ["schedules", "campaigns", "jobs"] { _ = try arguments.int(name, in: 0...1_000_000) }
        for name in ["duration", "budget"] { _ = try arguments.seconds(name, in: 1...86_400) }
        _ = try PaperInputs.Revision.all(arguments.all("revision"), bug: arguments["bug"])
        return true
      } catch {
        return error.text.isEmpty
      }
    }
  }
}
