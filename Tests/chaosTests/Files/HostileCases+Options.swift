import Foundation

/// What options name, reports, dumps, and numbers of the command line.
extension HostileCases {
  static let options: [HostileCase] = [
    config("a pipe", says: "session/x.toml: this is a pipe") { $0.pipe("x.toml") },
    config("a directory", says: "session/x.toml: this is a directory") { $0.directory("x.toml") },
    config("missing", says: "session/x.toml: there is no such file") { _ in },
    config("no UTF-8", says: "x.toml:1:6: ") { $0.put("x.toml", [0x54, 0x50, 0x20, 0x3D, 0x20, 0xFF]) },
    config("out of range", says: "x.toml:2:6: TP = 1e3 is out of range") { $0.put("x.toml", "\nTP = 1e3\n") },
    config("1e999", says: "x.toml:1:6: TP is a number, not \"1e999\"") { $0.put("x.toml", "TP = 1e999\n") },
    config("nan", says: "x.toml:1:6: TP is a number") { $0.put("x.toml", "TP = nan\n") },
    config("24 digits", says: "x.toml:1:6: ") { $0.put("x.toml", "TP = 123456789012345678901234\n") },
    config("a negative count", says: "x.toml:1:") { $0.put("x.toml", "ROUTER_MAX_RETRIES = -1\n") },
    config("unknown", says: "x.toml:1:1: there is no setting TQ", "did you mean 'TP'?") {
      $0.put("x.toml", "TQ = 2\n")
    },
    config("deeply nested", says: "x.toml:1:", "nest at most 64 deep") { $0.put("x.toml", "TP = " + deep) },
    config("a megabyte", says: "x.toml:1:") {
      $0.put("x.toml", "TP = \"" + String(repeating: "9", count: 1 << 19) + "\"")
    },
    config("keys of tables of keys", says: "x.toml:1:", "nest at most 64 deep") { input in
      let key = String(repeating: "a.", count: 60) + "a = "
      input.put("x.toml", String(repeating: "{ " + key, count: 60).dropFirst(2) + "1")
    },
    HostileCase("proof with garbage", "run --fault deadlock --config DIR/x.toml", says: "x.toml:1:") { input in
      input.put("x.toml", garbage)
    },
    fault("a pipe", says: "session/x.toml: this is a pipe") { $0.pipe("x.toml") },
    fault("garbage", says: "session/x.toml:1:") { $0.put("x.toml", garbage) },
    fault("empty", says: "session/x.toml:1:1: ") { $0.put("x.toml", "") },
    fault("schema 9", says: "session/x.toml:1:10: ") { $0.put("x.toml", "schema = 9") },
    fault("an endless window", says: "at most 365 days") { input in
      input.put(
        "x.toml",
        "schema = 1\nid = \"x\"\ntitle = \"x\"\nseverity = \"money\"\n[[inject]]\nsite = \"sleep\"\n"
          + "plan = \"sleep(2562047h)\"\n")
    },
    HostileCase(
      "one line of a megabyte", "paper --fault \(String(repeating: "x", count: 70_000))=drop",
      says: "at most 65536 bytes"
    ) { _ in },
    market("garbage", garbage, says: "x.jsonl:1: "), market("empty", [], says: "x.jsonl: has no ticks"),
    market("a price of 1e999", tick(last: "1e999"), says: "x.jsonl:1: last 1e999"),
    market("a price of nothing", tick(last: "0"), says: "x.jsonl:1: last must lie above 0"),
    market("a time before 1970", tick(time: "-5"), says: "x.jsonl:1: ts must be a time"),
    market("a time of 1e12", tick(time: "1e12"), says: "x.jsonl:1: ts must be a time"),
    market("a volume of 1e20", tick(volume: "1e20"), says: "x.jsonl:1: volume is above"),
    HostileCase("market, a pipe", "paper --market DIR/m", says: "session/m/x.jsonl: this is a pipe") { input in
      input.directory("m")
      input.pipe("m/x.jsonl")
    },
    HostileCase("alerts, a pipe", "paper --live --alerts DIR/x.toml", says: "x.toml: this is a pipe") {
      $0.pipe("x.toml")
    },
    HostileCase("alerts, 1e999", "paper --live --alerts DIR/x.toml", says: "x.toml:1:14: ") { input in
      input.put("x.toml", "cooldown_s = 1e999")
    },
  ]

  private static func config(
    _ name: String, says: String..., spoil: @escaping @Sendable (HostileInput) throws -> Void
  ) -> HostileCase {
    var item = HostileCase("settings, \(name)", "paper --config DIR/x.toml", spoil: spoil)
    item.says = says
    return item
  }

  private static func fault(
    _ name: String, says: String, spoil: @escaping @Sendable (HostileInput) throws -> Void
  ) -> HostileCase {
    HostileCase("fault, \(name)", "run --fault x --faults DIR", says: says, spoil: spoil)
  }

  private static func market(_ name: String, _ bytes: [UInt8], says: String) -> HostileCase {
    HostileCase("market, \(name)", "paper --market DIR/m", says: "session/m/", says) { input in
      input.directory("m")
      input.put("m/x.jsonl", bytes)
    }
  }

  private static func tick(time: String = "1762000000", last: String = "2", volume: String = "1") -> [UInt8] {
    Array("{\"ts\":\(time),\"symbol\":\"AIX/USDT\",\"last\":\(last),\"bid\":1,\"ask\":2,\"volume\":\(volume)}\n".utf8)
  }

  // MARK: Reports and dumps

  static let reports: [HostileCase] = [
    report("a pipe", says: "g.json: this is a pipe") { $0.pipe("g.json") },
    report("a directory", says: "g.json: this is a directory") { $0.directory("g.json") },
    report("garbage", says: "g.json:1:") { $0.put("g.json", garbage) },
    report("nested", says: "g.json:1:65: ") { $0.put("g.json", deep) },
    report("another document", says: "g.json: this is not a JSON report") { $0.put("g.json", "{}") },
    report("jobs of 2^63-1", says: "g.json:jobs: ") { $0.put("g.json", gauntlet(jobs: "9223372036854775807")) },
    report("a seed of 24 digits", says: "g.json:seed: ") { input in
      input.put("g.json", gauntlet(seed: "123456789012345678901234"))
    },
    report("-1 schedules", says: "g.json:cases[0].schedules: ") { $0.put("g.json", gauntlet(schedules: "-1")) },
    report("seconds of 1e999", says: "g.json:seconds: ") { $0.put("g.json", gauntlet(seconds: "1e999")) },
    dump("a pipe", says: "d.txt: this is a pipe") { $0.pipe("d.txt") },
    dump("a directory", says: "d.txt: this is a directory") { $0.directory("d.txt") },
    dump("garbage", says: "d.txt: not a complete stack dump") { $0.put("d.txt", garbage) },
    dump("empty", says: "d.txt: not a complete stack dump") { $0.put("d.txt", "") },
    dump("a terabyte", says: "d.txt: the file has 1099511627776 bytes") { $0.sparse("d.txt") },
  ]

  private static func report(
    _ name: String, says: String, spoil: @escaping @Sendable (HostileInput) throws -> Void
  ) -> HostileCase {
    HostileCase("report, \(name)", "merge DIR/g.json", says: says, spoil: spoil)
  }

  private static func dump(
    _ name: String, says: String, spoil: @escaping @Sendable (HostileInput) throws -> Void
  ) -> HostileCase {
    HostileCase("dump, \(name)", "symbolize DIR/d.txt", says: says, spoil: spoil)
  }

  private static func gauntlet(
    seed: String = "1", jobs: String = "1", schedules: String = "1", seconds: String = "1"
  ) -> String {
    """
    {"format":1,"seed":\(seed),"jobs":\(jobs),"seconds":\(seconds),"shard":null,"cases":[{"id":"a/b","title":"t",
    "replay":"r","arms":[],"figures":{},"schedules":\(schedules),"seconds":1,"cpu_seconds":1}]}
    """
  }

  // MARK: Numbers of the command line

  static let numbers: [HostileCase] = [
    number("paper --seed 123456789012345678901234", "--seed expects"), number("paper --seed -1", "--seed expects"),
    number("run --bug 9.1 --seed 1e3", "--seed expects"), number("paper --duration 1e12", "--duration expects"),
    number("paper --duration nan", "--duration expects"), number("paper --duration inf", "--duration expects"),
    number("paper --duration 0x10", "--duration expects"), number("paper --duration 1e999h", "--duration expects"),
    number("run --bug 9.1 --schedules 9223372036854775808", "--schedules expects"),
    number("run --bug 9.1 --campaigns 0", "--campaigns expects"),
    number("run --bug 9.1 --budget 1e400", "--budget expects"),
    number("run --bug 9.1 --jobs -1", "--jobs expects"),
    number("gauntlet --shard 1/99999999999999999999", "--shard expects"),
    number("gauntlet --guard 1e3", "--guard expects"),
    number("shrink DIR --executions 99999999999999999999", "--executions expects"),
    number("replay DIR --without 99999999999999999999", "--without"), number("paper --set TP=1e999", "TP"),
    number("bench determinism --witness 0:9223372036854775807", "--witness expects"),
    number("bench determinism --block 0:5:2", "--block expects"),
  ]

  private static func number(_ words: String, _ says: String) -> HostileCase {
    HostileCase(words, words, says: says) { _ in }
  }
}
