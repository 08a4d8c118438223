import Basics
import ChaosRuntime
import CPlatform
import Glibc

/// A situation in which a watchdog could fail: a test of this one, short or in full.
public struct HardTest: Sendable {
  /// What a table calls it.
  public let name: String
  /// Rounds of the full test.
  public let rounds: Int
  /// It changes the process that it runs in, or ends it: each round has one of its own.
  public let isApart: Bool
  private let body: @Sendable (Room) -> String?

  /// Where a round takes place.
  public struct Room: Sendable {
    /// A directory that it may fill.
    public var directory: String
    /// Counts from 0.
    public var round: Int

    /// A place and a number as given.
    public init(directory: String, round: Int) { (self.directory, self.round) = (directory, round) }
  }

  init(_ name: String, rounds: Int, isApart: Bool = false, _ body: @escaping @Sendable (Room) -> String?) {
    (self.name, self.rounds, self.isApart, self.body) = (name, rounds, isApart, body)
  }

  /// One round: nil, or what went wrong. A text that begins with `skipped` says why this machine cannot have it.
  public func run(_ room: Room) -> String? { body(room) }

  /// The one list, in the order of a table.
  public static let all: [HardTest] = circles + threads + kernel + files + surroundings + names

  /// The test of that name; nil: there is none.
  public static func named(_ name: String) -> HardTest? { all.first { $0.name == name } }

  static func rest(milliseconds: UInt64) {
    var never: UInt32 = 0
    let end = cp_monotonic_ns() &+ milliseconds &* 1_000_000
    while cp_monotonic_ns() < end { _ = cp_futex_wait(&never, 0, end) }
  }

  static func contents(_ path: String) -> String {
    var bytes = [CChar](repeating: 0, count: 1 << 22)
    let count = cp_file_read(path, &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// What is wrong with a dump: nil where it is whole and has every one of the texts.
  static func lacks(_ text: String, _ wanted: [String]) -> String? {
    guard text.hasPrefix("STACKDUMP v1") else { return "no dump" }
    guard text.hasSuffix("\nEND complete\n") else { return "the dump is not complete" }
    return wanted.first { !text.contains($0) }.map { "the dump has no '\($0)'" }
  }
}

// MARK: What is found

extension HardTest {
  static let circles: [HardTest] = [
    HardTest("two locks", rounds: 200) { ring(of: 2, outside: 0, $0) },
    HardTest("rings of 3 to 8, two wait outside", rounds: 60) { ring(of: 3 + $0.round % 6, outside: 2, $0) },
    HardTest("a ring of 200", rounds: 5) { ring(of: 200, outside: 0, $0) },
    HardTest("its own lock twice", rounds: 50) { room in
      let stage = HardStage(room.directory)
      let lock = Lock(stage.runtime, "mine")
      stage.spawn("selfish") { _ throws(Stopped) in
        try lock.withLock { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
      }
      return judged(stage, .deadlock, ["CYCLE  (1 thread, proven"])
    },
    HardTest("a lock and the end of a thread", rounds: 50) { room in
      let stage = HardStage(room.directory)
      let lock = Lock(stage.runtime, "state")
      stage.spawn("owner") { runtime throws(Stopped) in
        try lock.withLock { () throws(Stopped) in
          let worker = try runtime.spawn("worker") { () throws(Stopped) in try lock.withLock { () throws(Stopped) in } }
          try worker.join()
        }
      }
      return judged(stage, .deadlock, ["\"end of worker\""])
    },
    HardTest("four circles in one run", rounds: 10) { room in
      let stage = HardStage(room.directory)
      for i in 1...4 {
        stage.ring(2, prefix: "group-\(i)")
        guard stage.wait(for: i) else { return "circle \(i) was not found" }
      }
      let last = contents("\(room.directory)/stackdump-4.txt")
      return stage.end() ?? lacks(last, ["group-4-lock-1"])
    },
    HardTest("stuck in an activity, others idle", rounds: 20) { room in
      let stage = HardStage(room.directory, limit: .milliseconds(60))
      let (lock, never) = idle(stage)
      _ = (lock, never)
      stage.spawn("formatter") { runtime throws(Stopped) in
        try runtime.activity("format") { () throws(Stopped) in try runtime.sleep(.seconds(600)) }
      }
      return judged(stage, .hang, ["verdict: STUCK, sleeps", "verdict: IDLE, waits for \"queue not empty\""])
    },
    HardTest("only idle threads, 300 ms", rounds: 20) { room in
      let stage = HardStage(room.directory, limit: .milliseconds(20))
      let (lock, never) = idle(stage)
      _ = (lock, never)
      if stage.wait(seconds: 0) { return "accused" }
      rest(milliseconds: 300)
      let accused = stage.incidents.first?.summary
      return stage.end() ?? accused
    },
  ]

  private static func idle(_ stage: HardStage) -> (Lock, Condition) {
    let lock = Lock(stage.runtime, "queue")
    let never = Condition(lock, "queue not empty")
    for i in 0..<3 {
      stage.spawn("idle-\(i)") { _ throws(Stopped) in
        try lock.withLock { () throws(Stopped) in while true { try never.wait() } }
      }
    }
    return (lock, never)
  }

  private static func ring(of count: Int, outside: Int, _ room: Room) -> String? {
    let stage = HardStage(room.directory)
    stage.ring(count)
    for i in 0..<outside {
      stage.spawn("outside-\(i)") { runtime throws(Stopped) in try runtime.sleep(.seconds(600)) }
    }
    return judged(stage, .deadlock, ["CYCLE  (\(count) threads, proven", "THREAD engine-\(count - 1)  tid "])
  }

  /// One incident of that kind and a whole dump with those texts, and a run that can be stopped.
  static func judged(_ stage: HardStage, _ kind: Incident.Kind, _ wanted: [String]) -> String? {
    guard stage.wait() else { return "nothing was found; \(stage.end() ?? "it could be stopped")" }
    let text = stage.text
    if let wrong = stage.end() { return wrong }
    let incidents = stage.incidents
    guard incidents.map(\.kind) == [kind] else { return "found: \(incidents.map(\.summary))" }
    return lacks(text, wanted)
  }
}
