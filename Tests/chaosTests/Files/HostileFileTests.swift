import Foundation
import TestSupport
import Testing

/// Files from strangers: every one ends in a verdict or in exit code 2 with file and place, never in a trap or a hang.
@Suite(.timeLimit(.minutes(5))) struct HostileFileTests {
  @Test(arguments: HostileCases.sessions + HostileCases.recordings + HostileCases.logs)
  func `A spoiled session is refused with its place`(_ item: HostileCase) throws { try item.check() }

  @Test(arguments: HostileCases.options + HostileCases.reports + HostileCases.numbers)
  func `A spoiled input is refused with its place`(_ item: HostileCase) throws { try item.check() }
}

enum HostileCases {
  static let garbage: [UInt8] = (0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }

  static let deep = String(repeating: "[", count: 100_000)

  /// run.json and config.json.
  static let sessions: [HostileCase] = [
    HostileCase("empty", "check DIR", says: "run.json:1:1: ") { $0.put("run.json", "") },
    HostileCase("garbage", "doctor DIR", says: "run.json:1:") { $0.put("run.json", garbage) },
    HostileCase("cut in half", "replay DIR", says: "run.json:") { input in
      input.put("run.json", Array(input.bytes("run.json").prefix(500)))
    },
    HostileCase("a directory", "check DIR", says: "run.json: this is a directory") { $0.directory("run.json") },
    HostileCase("a pipe", "check DIR", says: "run.json: this is a pipe") { $0.pipe("run.json") },
    HostileCase("a pipe, replayed", "replay DIR", says: "run.json: this is a pipe") { $0.pipe("run.json") },
    HostileCase("a pipe, shrunk", "shrink DIR", says: "run.json: this is a pipe") { $0.pipe("run.json") },
    HostileCase("a link to itself", "doctor DIR", says: "run.json: cannot be opened") { input in
      input.link("run.json", to: "run.json")
    },
    HostileCase("a device", "check DIR", says: "run.json: this is a device") { $0.link("run.json", to: "/dev/zero") },
    HostileCase("a terabyte", "check DIR", says: "run.json: the file has 1099511627776 bytes") {
      $0.sparse("run.json")
    },
    HostileCase("a NUL byte", "check DIR", says: "run.json:1:2: ") { $0.put("run.json", "{\0}") },
    HostileCase("no UTF-8", "check DIR", says: "run.json:1:2: ", "not UTF-8") {
      $0.put("run.json", [0x22, 0xFF, 0x22])
    },
    HostileCase("deeply nested", "check DIR", says: "run.json:1:65: ", "nested more than 64 deep") { input in
      input.put("run.json", deep)
    },
    HostileCase("another root", "check DIR", says: "run.json: expects an object") { $0.put("run.json", "[1]") },
    HostileCase("mark and CRLF", "check DIR", code: nil) { input in
      let text = String(decoding: input.bytes("run.json"), as: UTF8.self)
      input.put("run.json", "\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n"))
    },
    run("format 9", "check", "\"format\": 1", "\"format\": 9", "\"format\":1 is needed"),
    run("format 1e999", "check", "\"format\": 1", "\"format\": 1e999", "run.json:format: expects a whole number"),
    run("seconds 1e999", "doctor", "\"virtual_seconds\": [0-9.]+", "\"virtual_seconds\": 1e999", "virtual_seconds: "),
    run(
      "a year of five digits", "check", "\"start\": \"2025", "\"start\": \"9999",
      "run.json:phases[0].start: expects a time"),
    run(
      "a negative inject", "check", "\"inject\": [0-9]+,\n +\"site\"[^\n]+\n +\"per\"", "\"inject\": -1,\n\"per\"",
      "firings[0].inject"),
    run("fired 2^63", "check", "\"fired\": [0-9]+", "\"fired\": 9223372036854775808", "fault_counts[0].fired"),
    run("an outcome nobody knows", "check", "\"outcome\": \"pass\"", "\"outcome\": \"perhaps\"", "expects one of pass"),
    run("a limit of 1e999", "check", "\"call_ms\": [0-9]+", "\"call_ms\": 1e999", "run.json:limits.call_ms"),
    run("not a number", "check", "\"virtual_seconds\": [0-9.]+", "\"virtual_seconds\": NaN", "run.json:"),
    run(
      "a seed of 24 digits", "replay", "\"seed\": 3", "\"seed\": 123456789012345678901234",
      "run.json:seed: expects a seed"),
    run("a negative seed", "shrink", "\"scenario_seed\": [0-9]+", "\"scenario_seed\": -1", "run.json:scenario_seed"),
    run(
      "1e12 seconds", "replay", "\"duration_s\": 20", "\"duration_s\": 1e12",
      "run.json:inputs.duration_s: expects a number"),
    run("-1 seconds", "shrink", "\"duration_s\": 20", "\"duration_s\": -1", "run.json:inputs.duration_s"),
    run("seconds as text", "replay", "\"duration_s\": 20", "\"duration_s\": \"20\"", "run.json:inputs.duration_s"),
    run(
      "a setting out of range", "replay", "\"settings\": \\{\\}", "\"settings\": {\"TP\": \"1e30\"}",
      "run.json:inputs: TP"
    ),
    run(
      "a setting as a number", "shrink", "\"settings\": \\{\\}", "\"settings\": {\"TP\": 2}",
      "run.json:inputs.settings.TP"
    ),
    run(
      "an unknown bug", "replay", "\"revisions\": \\{\\}", "\"revisions\": {\"0.0\": \"original\"}",
      "run.json:inputs: no bug"),
    run(
      "an endless sleep", "replay", "\"faults\": \\[", "\"faults\": [{\"one_line\": \"sleep=sleep(99999999h)\"},",
      "at most 365 days"),
    run("no kind", "replay", "\"kind\": \"paper\"", "\"kind\": \"papier\"", "run.json:inputs.kind"),
    run(
      "a market that is a pipe", "replay", "\"market\": null", "\"market\": \"run.json\"", "run.json: no such folder"),
    run(
      "left out for ever", "shrink", "\"calm\": false", "\"calm\": false, \"left_out\": {\"chaos_s\": 1e300}",
      "left_out.chaos_s"),
    HostileCase("settings that are garbage", "check DIR", says: "config.json:1:") { $0.put("config.json", garbage) },
    HostileCase("settings that are a pipe", "doctor DIR", says: "config.json: this is a pipe") {
      $0.pipe("config.json")
    },
    HostileCase("a threshold of 1e999", "doctor DIR", code: nil) { input in
      try input.replace(
        "config.json", "\"INTENT_STALE_THRESHOLD_S\": \"60\"", "\"INTENT_STALE_THRESHOLD_S\": \"1e999\"")
    },
  ]

  private static func run(
    _ name: String, _ verb: String, _ pattern: String, _ text: String, _ says: String
  ) -> HostileCase {
    HostileCase(name, "\(verb) DIR", says: "run.json", says) { input in
      try input.replace("run.json", pattern, text)
      // The recording would say that it belongs to another run.
      try input.replace("recording.txt", "# scenario: [^\n]*\n", "")
    }
  }

  // MARK: recording.txt

  static let recordings: [HostileCase] = [
    HostileCase("empty", "replay DIR", says: "recording.txt: no recording of chaos") { $0.put("recording.txt", "") },
    HostileCase("garbage", "shrink DIR", says: "recording.txt:1:", "not UTF-8") { $0.put("recording.txt", garbage) },
    HostileCase("format 9", "replay DIR", says: "recording.txt: format 9 is unknown") { input in
      try input.replace("recording.txt", "format 1", "format 9")
    },
    HostileCase("format of 20 digits", "replay DIR", says: "recording.txt: no recording of chaos") { input in
      try input.replace("recording.txt", "format 1", "format 99999999999999999999")
    },
    line("an endless stall", "replay", "stall | main | sleep | 0 | 9223372036854775807", "a stall lasts 1 to"),
    line("a negative stall", "shrink", "stall | main | sleep | 0 | -1", "a stall lasts 1 to"),
    line("2^32 occurrences", "replay", "run | main | sleep | 4294967296 | main", "an occurrence is at most"),
    line("an endless latency", "replay", "latency | x | y | 0 | 9223372036854775807", "a latency has 0 to"),
    line("a fault of two", "replay", "fault | x/0 | y | 0 | 2", "the value of a fault is 1"),
    line("four fields", "replay", "run | main | sleep | 0", "not a choice"),
    line("a megabyte", "shrink", String(repeating: "x", count: 1 << 20), "not a choice"),
    line("a NUL byte", "replay", "run | \0 | sleep", "not a choice"),
    HostileCase("a pipe", "replay DIR", says: "recording.txt: this is a pipe") { $0.pipe("recording.txt") },
    HostileCase("a directory", "shrink DIR", says: "recording.txt: this is a directory") {
      $0.directory("recording.txt")
    },
    HostileCase("missing", "replay DIR", says: "recording.txt: the file is missing") { $0.remove("recording.txt") },
    HostileCase("mark and CRLF", "replay DIR --no-search", code: nil) { input in
      let text = String(decoding: input.bytes("recording.txt"), as: UTF8.self)
      input.put("recording.txt", "\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n"))
    },
  ]

  private static func line(_ name: String, _ verb: String, _ text: String, _ says: String) -> HostileCase {
    HostileCase(name, "\(verb) DIR", says: "recording.txt: line ", says) { $0.append("recording.txt", text + "\n") }
  }

  // MARK: Logs, state, metrics

  static let logs: [HostileCase] = [
    HostileCase("venue garbage", "check DIR", says: "logs/exchange.jsonl:1: ") {
      $0.put("logs/exchange.jsonl", garbage)
    },
    HostileCase("venue pipe", "doctor DIR", says: "exchange.jsonl: this is a pipe") { $0.pipe("logs/exchange.jsonl") },
    venue("24 digits", "\"x\":123456789012345678901234"), venue("1e999", "\"x\":1e999"),
    venue("a year of 0001", "\"x\":1", time: "0001-01-01"), venue("no UTF-8", "\"x\":\"\u{1}\""),
    HostileCase("venue, a megabyte", "check DIR", says: "logs/exchange.jsonl:") { input in
      input.append("logs/exchange.jsonl", String(repeating: "{", count: 1 << 20) + "\n")
    },
    HostileCase("events garbage", "check DIR", says: ".jsonl:1: no event") { $0.put($0.events, garbage) },
    HostileCase("events directory", "check DIR", says: ".jsonl: this is a directory") { $0.directory($0.events) },
    HostileCase("events empty", "check DIR", code: nil) { $0.put($0.events, "") },
    HostileCase("events CRLF", "check DIR", code: nil) { input in
      let text = String(decoding: input.bytes(input.events), as: UTF8.self)
      input.put(input.events, "\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n") + "\r\n")
    },
    HostileCase("orders pipe", "check DIR", says: "orders.jsonl: this is a pipe") {
      $0.pipe("logs/jsonl/orders.jsonl")
    },
    HostileCase("amounts beyond all money", "check DIR", code: nil) { input in
      let text = String(decoding: input.bytes("logs/exchange.jsonl"), as: UTF8.self)
      let pattern = #/"(quantity|price|free|amount|filled_qty)":"[0-9.]+"/#
      input.put("logs/exchange.jsonl", text.replacing(pattern) { "\"\($0.output.1)\":\"99999999999999999999999999\"" })
    },
    HostileCase("state pipe", "check DIR", says: "engine_transient.json: this is a pipe") { input in
      input.pipe("state/engine_transient.json")
    },
    HostileCase("state nested", "check DIR", code: nil) { $0.put("state/engine_transient.json", deep) },
    HostileCase("counters of 2^63-1", "check DIR", code: nil) { input in
      try input.replace("metrics/summary.json", "\"orders_sent\": ?[0-9]+", "\"orders_sent\": 9223372036854775807")
    },
  ]

  private static func venue(_ name: String, _ field: String, time: String = "2025-01-01") -> HostileCase {
    HostileCase("venue, \(name)", "check DIR", says: "logs/exchange.jsonl:", "no whole line") { input in
      input.append("logs/exchange.jsonl", "{\"timestamp\":\"\(time)T00:00:30.000000Z\",\"kind\":\"x\",\(field)}\n")
    }
  }
}
