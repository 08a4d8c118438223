import Basics
import ChaosRuntime
import Glibc
import HTTP
import PaperSession

/// `chaos bench wire`: signed orders a second, their round trip, and how late a thousand stream clients get their depth.
///
/// The exchange is a child process; the client is this one, on the same cores. With `python3` the same calls go to
/// `PlainServer`.
enum WireBench {
  static let options = [
    Option("seconds", "S", "of bench wire: seconds of each measurement (default 3)"),
    Option("soak", "S", "of bench wire: afterwards so many seconds of everything at once, under faults"),
  ]
  /// Parts of the measurement of each server, in turn.
  private static let rounds = 3
  private static let connections = 8
  private static let clients = 1000
  private static let deaf = 10
  private static let pacedRate = 2000.0
  /// Where the exchange writes its logs.
  private static let scratch = "/tmp/chaos-bench-\(getpid())"

  static func run(seconds: Double, soak: Double?) throws(UsageError) -> [BenchLine] {
    ServeCommand.raiseDescriptorLimit()
    let served = try serve()
    let load = WireLoad(port: served.port, key: served.key, secret: served.secret, connections: connections)
    let plainLogs = "\(scratch)-plain"
    mkdir(plainLogs, 0o755)
    let plain = PlainServer.start(key: served.key, secret: served.secret, folder: plainLogs)
    let part = max(1, seconds / Double(rounds))
    defer { if let plain { kill(plain.child.id, SIGKILL) } }
    // In turn, so that whatever else the machine does meets both.
    var (own, other): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
      guard let rate = load.orders(seconds: part, rate: nil)?.rate else {
        throw UsageError(text: "bench: the exchange does not answer")
      }
      own.append(rate)
      if let plain {
        let load = WireLoad(port: plain.port, key: served.key, secret: served.secret, connections: connections)
        if let rate = load.orders(seconds: part, rate: nil)?.rate { other.append(rate) }
      }
    }
    var paced: [WireLoad.Result] = []
    for _ in 0..<rounds {
      guard let round = load.orders(seconds: seconds, rate: pacedRate) else {
        throw UsageError(text: "bench: the exchange does not answer")
      }
      paced.append(round)
    }
    let quietMemory = Double(residentBytes(served.child.id)) / 1e6
    let quiet = WireStreams(port: served.port, clients: clients, deaf: 0).lateness(seconds: seconds)
    let loud = WireStreams(port: served.port, clients: clients, deaf: deaf).lateness(seconds: seconds)
    let memory = max(quietMemory, Double(residentBytes(served.child.id)) / 1e6)
    let soaked = try soak.map { seconds throws(UsageError) in try soakLines(served, seconds) } ?? []
    kill(served.child.id, SIGINT)
    _ = served.child.text(limit: 10)
    Files.removeTree(Self.scratch)
    Files.removeTree(plainLogs)
    var lines =
      [
        BenchLine(
          name: "signed orders a second, \(connections) connections", value: median(own), unit: "/s", places: 0,
          isHeadline: true, limit: .least(20_000))
      ] + range(own) + trips(paced) + [
        BenchLine(
          name: "depth at \(clients) clients, late, 99 %", value: at(0.99, quiet) * 1e3, unit: "ms", isHeadline: true,
          limit: .most(20)),
        BenchLine(
          name: "the same with \(deaf) that do not read", value: at(0.99, loud) * 1e3, unit: "ms", limit: .most(20)),
        BenchLine(
          name: "memory of the exchange", value: memory, unit: "MB", places: 0, isHeadline: true, limit: .most(200)),
      ]
    if other.count == own.count {
      lines.append(
        BenchLine(name: "plain Python server, orders a second", value: median(other), unit: "/s", places: 0))
      lines += range(other)
      let ratios = zip(own, other).map { $0 / $1 }
      lines.append(
        BenchLine(name: "ratio to it", value: median(ratios), unit: "times", isHeadline: true, limit: .least(3)))
      lines += range(ratios, unit: "times", places: 2)
    }
    return lines + soaked
  }

  /// The round trips of some rounds at a rate.
  private static func trips(_ rounds: [WireLoad.Result]) -> [BenchLine] {
    /// A share of each round's values, in microseconds or milliseconds.
    func shares(_ share: Double, _ scale: Double, _ values: (WireLoad.Result) -> [Double]) -> [Double] {
      rounds.map { at(share, values($0)) * scale }
    }
    let (middle, tail) = (shares(0.5, 1e6, \.latencies), shares(0.99, 1e3, \.latencies))
    return [
      BenchLine(
        name: "round trip at 2,000/s, median", value: median(middle), unit: "us", places: 0, isHeadline: true,
        limit: .most(100))
    ] + range(middle, unit: "us") + [
      BenchLine(
        name: "round trip at 2,000/s, 99 %", value: median(tail), unit: "ms", isHeadline: true, limit: .most(1))
    ] + range(tail, unit: "ms", places: 2) + [
      BenchLine(name: "  of it until it was sent, 99 %", value: median(shares(0.99, 1e3, \.waits)), unit: "ms")
    ]
  }

  private static func median(_ values: [Double]) -> Double { at(0.5, values) }

  /// The least and the most of some rounds.
  private static func range(_ values: [Double], unit: String = "/s", places: Int = 0) -> [BenchLine] {
    [
      BenchLine(name: "  least of \(values.count)", value: values.min() ?? .nan, unit: unit, places: places),
      BenchLine(name: "  most of \(values.count)", value: values.max() ?? .nan, unit: unit, places: places),
    ]
  }

  private static func soakLines(
    _ served: (child: ChildProcess, port: UInt16, key: String, secret: String), _ seconds: Double
  ) throws(UsageError) -> [BenchLine] {
    let soak = WireSoak(port: served.port, key: served.key, secret: served.secret, process: served.child.id)
    guard let result = soak.run(seconds: seconds), result.isConserved else {
      throw UsageError(text: "bench: the exchange did not live through the soak, or its books do not add up")
    }
    let before = result.samples.dropLast()
    guard let last = result.samples.last, let middle = result.middle, let fewest = before.map(\.descriptors).min()
    else {
      throw UsageError(text: "bench: the soak was too short")
    }
    var lines = [
      BenchLine(name: "soak, orders at the venue", value: Double(result.orders), unit: "", places: 0),
      BenchLine(
        name: "soak, firings of its faults", value: Double(result.firings), unit: "", places: 0, limit: .least(1)),
      BenchLine(name: "soak, rounds that a fault ended", value: Double(result.broken), unit: "", places: 0),
    ]
    for sample in before {
      let name = "soak, after \(Int(sample.time)) s"
      lines += [
        BenchLine(name: "\(name), memory", value: Double(sample.memory) / 1e6, unit: "MB", places: 1),
        BenchLine(name: "\(name), descriptors", value: Double(sample.descriptors), unit: "", places: 0),
      ]
    }
    return lines + [
      BenchLine(
        name: "soak, memory at half time", value: Double(middle.memory) / 1e6, unit: "MB", places: 1, limit: .most(200)),
      BenchLine(
        name: "soak, memory at the end", value: Double(last.memory) / 1e6, unit: "MB", places: 1,
        limit: .most(Double(middle.memory) / 1e6 * 1.1)),
      BenchLine(
        name: "soak, descriptors at the end", value: Double(last.descriptors), unit: "", places: 0,
        limit: .most(Double(fewest))),
    ]
  }

  private static func at(_ share: Double, _ values: [Double]) -> Double {
    let sorted = values.sorted()
    return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }

  static func residentBytes(_ id: pid_t) -> Int {
    guard let bytes = try? InputFile.bytes("/proc/\(id)/statm", max: 4096) else { return 0 }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4096
  }

  private static func serve() throws(UsageError) -> (child: ChildProcess, port: UInt16, key: String, secret: String) {
    let words = [
      "chaos", "serve", "--listen", "127.0.0.1:0", "--json", "--no-limits", "--symbols", "BTCUSDT", "--account",
      "bot:USDT=100000000,BTC=10000", "--out", scratch,
    ]
    guard
      let child = ChildProcess(ChildProgram("/proc/self/exe", words: words, environment: ChildProcess.environment)),
      let line = child.line(silence: 10), let json = try? JSON.parse(line), let http = json["http"]?.string,
      let port = UInt16(http.split(separator: ":").last ?? ""), let key = json["key"]?.string,
      let secret = json["secret"]?.string
    else { throw UsageError(text: "bench: the exchange cannot be started") }
    return (child, port, key, secret)
  }
}
