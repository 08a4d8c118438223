import Basics
import ChaosRuntime
import Exploration
import FaultInjection
import Synchronization

/// A queue between two threads. `put` counts under the queue's lock; a report looks at the queue under the counter's.
struct QueueEngine: SystemUnderTest {
  static let report = SiteDefinition(name: "queue.report", keys: ["item"], actions: [.sleep], summary: "in a report")
  var isFixed = false
  var fault = "queue.report=30%sleep(30ms)"

  struct Seen { var (items, taken, fired) = ([Int](), [Int](), 0) }
  final class Session: Sendable { let seen = Mutex(Seen()) }

  func makeSession(_ request: RunRequest) -> Session { Session() }

  func drive(_ session: Session, in runtime: Runtime) throws(Stopped) {
    let (queue, count) = (Lock(runtime, "queue"), Lock(runtime, "count"))
    let arrived = Condition(queue, "item arrived")
    let sites = SiteCatalogue([Self.report])
    guard let fault = try? Fault(oneLine: fault, sites: [Self.report]),
      let injector = try? FaultInjector(runtime: runtime, catalogue: sites, faults: [fault])
    else { fatalError("the fault is wrong: \(fault)") }
    injector.arm()
    defer { session.seen.withLock { $0.fired = injector.counts.reduce(0) { $0 + $1.fired } } }
    let producer = try runtime.spawn("producer") { () throws(Stopped) in
      for item in 0..<10 {
        try runtime.sleep(.milliseconds(10))
        try queue.withLock { () throws(Stopped) in
          session.seen.withLock { $0.items.append(item) }
          try count.withLock { () throws(Stopped) in arrived.signal() }
        }
      }
    }
    let consumer = try runtime.spawn("consumer") { () throws(Stopped) in
      for n in 0..<10 {
        try queue.withLock { () throws(Stopped) in
          while session.seen.withLock({ $0.items.isEmpty }) { try arrived.wait() }
          session.seen.withLock { $0.taken.append($0.items.removeFirst()) }
        }
        try runtime.activity("report", limit: .seconds(5)) { () throws(Stopped) in
          // The bug: the counter's lock first. Whoever puts holds the queue's and wants this one.
          let order = isFixed ? [queue, count] : [count, queue]
          try order[0].withLock { () throws(Stopped) in
            if let action = sites.required("queue.report").decide([SiteValue(n)]) { try injector.perform(action) }
            try order[1].withLock { () throws(Stopped) in runtime.landmark("reported") }
          }
        }
      }
    }
    for thread in [producer, consumer] { try thread.join() }
    try injector.disarm()
  }

  func judge(_ session: Session, _ end: RunEnd) -> Judgement {
    let (seen, cycle) = (session.seen.withLock { $0 }, end.incidents.first?.summary)
    let verdict = Verdict(check: "no-deadlock", outcome: cycle == nil ? .pass : .fail, reason: cycle ?? "no cycle")
    return Judgement(verdicts: [verdict], tallies: [("TAKEN", seen.taken.count), ("FIRED", seen.fired)])
  }
}
