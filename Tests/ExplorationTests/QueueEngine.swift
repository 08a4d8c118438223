import ChaosRuntime
import Exploration
import FaultInjection
import Synchronization

/// A queue between two threads. `put` counts under the queue's lock; a report looks at the queue under the counter's.
struct QueueEngine: SystemUnderTest {
  static let report = SiteDefinition(
    name: "queue.report", keys: ["item"], actions: [.sleep], summary: "between its locks")
  var isFixed = false
  /// As users type it; nil: none.
  var fault: String? = "queue.report=30%sleep(30ms)"

  final class Session: Sendable {
    let taken = Mutex<[Int]>([])
    let injector = Mutex<FaultInjector?>(nil)
  }

  func makeSession(_ request: RunRequest) -> Session { Session() }

  func drive(_ session: Session, in runtime: Runtime) throws(Stopped) {
    let (queue, count) = (Lock(runtime, "queue"), Lock(runtime, "count"))
    let arrived = Condition(queue, "item arrived")
    let items = Mutex<[Int]>([])
    let catalogue = SiteCatalogue([Self.report])
    let injector = makeInjector(runtime, catalogue)
    session.injector.withLock { $0 = injector }
    injector.arm()
    let producer = try runtime.spawn("producer") { () throws(Stopped) in
      for item in 0..<10 {
        try runtime.sleep(.milliseconds(10))
        try queue.withLock { () throws(Stopped) in
          items.withLock { $0.append(item) }
          try count.withLock { () throws(Stopped) in }
          arrived.signal()
        }
      }
    }
    let consumer = try runtime.spawn("consumer") { () throws(Stopped) in
      for n in 0..<10 {
        try queue.withLock { () throws(Stopped) in
          while items.withLock({ $0.isEmpty }) { try arrived.wait() }
          let item = items.withLock { $0.removeFirst() }
          session.taken.withLock { $0.append(item) }
        }
        try runtime.activity("report", limit: .seconds(5)) { () throws(Stopped) in
          // The bug: the counter's lock first. Whoever puts holds the queue's and wants this one.
          let order = isFixed ? [queue, count] : [count, queue]
          try order[0].withLock { () throws(Stopped) in
            if let action = catalogue.required("queue.report").decide([SiteValue(n)]) { try injector.perform(action) }
            try order[1].withLock { () throws(Stopped) in runtime.landmark("reported") }
          }
        }
      }
    }
    try producer.join()
    try consumer.join()
    try injector.disarm()
  }

  func judge(_ session: Session, _ end: RunEnd) -> Judgement {
    let deadlock = end.incidents.first
    let fired = session.injector.withLock { $0 }?.counts.reduce(0) { $0 + $1.fired } ?? 0
    return Judgement(
      verdicts: [
        Verdict(check: "no-deadlock", outcome: deadlock == nil ? .pass : .fail, reason: deadlock?.summary ?? "no cycle")
      ], landmarks: end.landmarks, tallies: [("TAKEN", session.taken.withLock { $0.count }), ("FIRED", fired)])
  }

  private func makeInjector(_ runtime: Runtime, _ catalogue: SiteCatalogue) -> FaultInjector {
    do {
      let faults = try fault.map { [try Fault(oneLine: $0, sites: [Self.report])] } ?? []
      return try FaultInjector(runtime: runtime, catalogue: catalogue, faults: faults)
    } catch { fatalError("the fault is wrong: \(error)") }
  }
}
