import Basics
import ChaosRuntime
import FieldReconciliation
import FieldReproduction
import Glibc
import Trading

/// `chaos bench reconcile`: a large log read by `reconcile`, and the same lines by Python's `json.loads`, in one run.
enum ReconcileBench {
  static let options = [Option("megabytes", "N", "reconcile: size of the log that is read (default 200)")]

  /// Every so many lines is one of an order; the others are what a bot writes most of.
  private static let orderEvery = 25
  private static let pythonLimit = 300.0

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let megabytes = try arguments.int("megabytes", in: 1...10_000) ?? 200
    let directory = Files.free("/tmp/chaos-bench-reconcile-\(getpid())")
    defer { Files.removeTree(directory) }
    if let error = Files.write([("logs/exchange.jsonl", Array(truth.utf8))], to: directory) {
      throw UsageError(text: error)
    }
    let log = "\(directory)/logs/events_bench.jsonl"
    let lines = try write(log, bytes: megabytes << 20)
    // Both read from the page cache.
    let before = peakMemory
    var input = SessionReader.Input()
    input.directory = directory
    let start = WallClock.processor
    let session: FieldSession
    do throws(InputError) { session = try SessionReader.read(input) } catch { throw UsageError(text: "\(error)") }
    let own = WallClock.processor - start
    let python = pythonSeconds(log)
    let size = Double(megabytes)
    var figures = [
      BenchLine(name: "lines", value: Double(lines), unit: "lines", places: 0),
      BenchLine(name: "orders found", value: Double(session.beliefs.count), unit: "orders", places: 0),
      BenchLine(name: "reconcile", value: size / own, unit: "MiB/s", isHeadline: true),
      BenchLine(
        name: "memory above the start", value: Double(peakMemory - before) / 1024, unit: "MiB", isHeadline: true),
    ]
    if let python {
      figures.append(BenchLine(name: "json.loads", value: size / python, unit: "MiB/s", isHeadline: true))
      figures.append(BenchLine(name: "times json.loads", value: python / own, unit: "x", isHeadline: true))
    }
    if arguments.has("json") {
      Terminal.print(JSON.object(figures.map { ($0.name, .double($0.value, places: 4)) }).pretty(), newline: false)
    } else {
      for line in figures { Terminal.print("  \(Verbs.pad(line.name, 51))\(line.text)") }
      Terminal.print("bench: \(figures.filter(\.isHeadline).map { "\($0.name) \($0.text)" }.joined(separator: "; "))")
    }
    if python == nil {
      Terminal.note("there is no python3 to compare with")
      return ExitCode.inconclusive
    }
    return ExitCode.pass
  }

  private static let truth = "{\"timestamp\":\"2025-01-01T00:00:00.000000Z\",\"kind\":\"balances\",\"balances\":[]}\n"

  /// Writes the log in pieces; answers its lines.
  private static func write(_ path: String, bytes: Int) throws(UsageError) -> Int {
    guard let file = fopen(path, "w") else { throw UsageError(text: "\(path): \(String(cString: strerror(errno)))") }
    defer { fclose(file) }
    var text = ByteWriter(capacity: 1 << 20)
    var written = 0
    var number = 0
    while written < bytes {
      text.removeAll()
      for _ in 0..<4000 {
        line(number, into: &text)
        number += 1
      }
      let piece = text.bytes()
      guard fwrite(piece, 1, piece.count, file) == piece.count else {
        throw UsageError(text: "\(path): the disk is full")
      }
      written += piece.count
    }
    return number
  }

  private static func line(_ number: Int, into text: inout ByteWriter) {
    let time = Instant.simulationEpoch + .milliseconds(number * 3)
    let order = number / orderEvery / 2
    text.text("{\"timestamp\":\"\(time)\",\"level\":\"INFO\",\"event_type\":\"")
    let symbol = "AIX/USDT"
    switch number % (2 * orderEvery) {
    case 0:
      text.text(
        "\(EventName.orderSent.rawValue)\",\"symbol\":\"\(symbol)\",\"side\":\"buy\",\"client_order_id\":\"o\(order)\"")
      text.text(",\"qty\":\"10.08\",\"price\":\"2.4784\",\"order_type\":\"limit\"}\n")
    case orderEvery:
      text.text(
        "\(EventName.orderFilled.rawValue)\",\"symbol\":\"\(symbol)\",\"side\":\"buy\",\"client_order_id\":\"o\(order)\""
      )
      text.text(",\"filled_qty\":\"10.08\",\"filled_quote\":\"24.93288\",\"fee\":\"0\",\"fee_asset\":\"USDT\"}\n")
    default:
      text.text(
        "\(EventName.traceStep.rawValue)\",\"symbol\":\"\(symbol)\",\"step\":\"guards\",\"decision_id\":\"d-\(number)\""
      )
      text.text(
        ",\"bid\":2.0916,\"ask\":2.1018,\"window\":{\"peak\":2.109231,\"trough\":2.05,\"drop_pct\":-1.4},\"passed\":true}\n"
      )
    }
  }

  /// Processor seconds of `json.loads` over every line; nil: there is no Python.
  private static func pythonSeconds(_ path: String) -> Double? {
    let program = """
      import json, sys, time
      start = time.process_time()
      with open(sys.argv[1], 'rb') as file:
          for line in file:
              json.loads(line)
      print(time.process_time() - start)
      """
    let child = ChildProgram(
      "/usr/bin/env", words: ["env", "python3", "-c", program, path], environment: ChildProcess.environment)
    guard let result = ChildProcess(child)?.text(limit: pythonLimit), result.code == 0 else { return nil }
    return result.output.split(separator: "\n").last.flatMap { Double($0) }
  }

  /// Kilobytes of memory that this process has had at most.
  private static var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}
