public import Basics
public import ChaosRuntime
public import Exploration
import Synchronization

/// A small concurrent program whose bug is known, with its correct twin: what strategies are measured by.
///
/// The programs are those of the classic collections of concurrency bugs, written anew from their descriptions. Deadlocks are
/// real ones, so that the detectors are measured too.
public struct ClassicProgram: SystemUnderTest {
  typealias Body = @Sendable (Stage) throws(Stopped) -> Void

  /// What lists call it, such as the name of the program in its collection.
  public let name: String
  /// What is wrong with it, in a few words.
  public let bug: String
  /// True: the twin without the bug.
  public let isCorrect: Bool
  private let body: Body

  init(_ name: String, bug: String, isCorrect: Bool = false, _ body: @escaping Body) {
    self.name = name
    self.bug = bug
    self.isCorrect = isCorrect
    self.body = body
  }

  /// What a run broke, if anything.
  public final class Session: Sendable {
    let broken = Mutex<String?>(nil)
  }

  /// A session in which nothing is broken yet.
  public func makeSession(_ request: RunRequest) -> Session { Session() }

  /// Runs the program's threads to their end; a broken expectation stops the run at once.
  public func drive(_ session: Session, in runtime: Runtime) throws(Stopped) {
    try body(Stage(runtime: runtime, session: session))
  }

  /// One verdict: the broken expectation, or else the first incident as `no-deadlock` or `no-stuck-wait`, or a pass.
  public func judge(_ session: Session, _ end: RunEnd) -> Judgement {
    if let broken = session.broken.withLock({ $0 }) {
      return Judgement(verdicts: [Verdict(check: "expectation", outcome: .fail, reason: broken)])
    }
    guard let incident = end.incidents.first else { return Self.passed }
    let check = incident.kind == .deadlock ? "no-deadlock" : "no-stuck-wait"
    return Judgement(verdicts: [Verdict(check: check, outcome: .fail, reason: incident.summary)])
  }

  private static let passed = Judgement(verdicts: [Verdict(check: "expectation", outcome: .pass, reason: "all held")])
}

/// What a program is made of.
struct Stage: Sendable {
  let runtime: Runtime
  let session: ClassicProgram.Session

  func lock(_ name: String) -> Lock { Lock(runtime, name) }

  func shared(_ name: String, _ value: Int = 0) -> Shared<Int> { Shared(runtime, name, value) }

  /// Ends the run as failed unless `holds`.
  func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws(Stopped) {
    if holds { return }
    let text = what()
    session.broken.withLock { if $0 == nil { $0 = text } }
    runtime.requestStop()
    throw .stopped
  }

  /// Starts a thread for each body and waits for all of them.
  func together(_ threads: [(name: String, body: @Sendable () throws(Stopped) -> Void)]) throws(Stopped) {
    var handles: [ThreadHandle] = []
    for thread in threads { handles.append(try runtime.spawn(thread.name, thread.body)) }
    for handle in handles { try handle.join() }
  }
}

extension Shared where Value == Int {
  /// A read and a write: not one step.
  func add(_ amount: Int) throws(Stopped) { try set(try get() + amount) }
}
