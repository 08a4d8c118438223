public import Basics
public import ChaosRuntime
public import Exploration
import Synchronization

/// A program that is not a function of its seed: something in it outlives a run.
public struct Drifting: SystemUnderTest {
  public enum Drift: Sendable {
    case none
    /// Each run sleeps a nanosecond longer than the one before.
    case time
    /// Each run writes another number, and schedules alike.
    case bytes
  }

  public let drift: Drift
  private let runs = Runs()

  private final class Runs: Sendable { let count = Atomic<Int>(0) }

  public init(_ drift: Drift) { self.drift = drift }

  public final class Session: Sendable {
    let number: Int
    init(number: Int) { self.number = number }
  }

  public func makeSession(_ request: RunRequest) -> Session {
    Session(number: runs.count.add(1, ordering: .relaxed).oldValue)
  }

  public func drive(_ session: Session, in runtime: Runtime) throws(Stopped) {
    let lock = Lock(runtime, "shared")
    let worker = try runtime.spawn("worker") { () throws(Stopped) in
      for _ in 0..<400 { try lock.withLock { () throws(Stopped) in try runtime.yield() } }
    }
    for round in 0..<400 {
      let extra = drift == .time && round == 390 ? session.number : 0
      try runtime.sleep(.microseconds(10) + Duration(nanoseconds: Int64(extra)))
      try lock.withLock { () throws(Stopped) in }
    }
    try worker.join()
  }

  public func judge(_ session: Session, _ end: RunEnd) -> Judgement {
    let number = drift == .bytes ? session.number : 0
    return Judgement(
      verdicts: ["no-deadlock", "no-crash", "no-stuck-wait", "funds-conserved"].map {
        Verdict(check: $0, outcome: .pass, reason: "nothing of the kind")
      }, files: [("log.txt", Array("a line\nrun \(number)\n".utf8))])
  }
}
