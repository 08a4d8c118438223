import Basics
import ChaosRuntime
import Glibc
import Monitoring
import Synchronization
import TestSupport
import Testing

@testable import MetricsServer

/// The endpoint in a process that has no descriptor left, in a child so that no other test goes without.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct DescriptorShortageTests {
  /// How far the process is out of descriptors.
  enum Shortage: String, CaseIterable, Sendable {
    /// All are in use; the reserve helps.
    case full
    /// Not even the reserve's own number may be used any more.
    case hopeless
  }

  @Test(arguments: Shortage.allCases) func `Clients are turned away which is told once and the thread rests`(
    shortage: Shortage
  ) async {
    await #expect(processExitsWith: .exitCode(0)) { [isHopeless = (shortage == .hopeless) as Bool] in
      let runtime = Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
      let server = try PrometheusServer(at: EndpointAddress(host: "127.0.0.1", port: 0))
      let pacer = Pacer(runtime, "test")
      let told = Mutex<[String]>([])
      // Connected while there are descriptors; they shall be accepted when there are none.
      let clients = try (0..<5).map { _ in try Client(port: server.port) }
      let before = Descriptors.limit(isHopeless ? 3 : 64)
      let fillers = isHopeless ? [] : Descriptors.fill()
      let used = Mutex(0.0)
      let thread = try runtime.spawn("prometheus") { () throws(Stopped) in
        try server.run(Metrics(), runtime, pacer) { error throws(Stopped) in told.withLock { $0.append(error.reason) } }
        used.withLock { $0 = Descriptors.threadSeconds }
      }
      let limit = runtime.now + .seconds(20)
      while told.withLock({ $0.isEmpty }), runtime.now < limit { try runtime.sleep(.milliseconds(10)) }
      // A thread of a library may have held a descriptor when the rest was filled: whoever gets that one is a client.
      func metCount() -> Int { server.turnedAwayCount + server.takenCount }
      while !isHopeless, metCount() < clients.count, runtime.now < limit { try runtime.sleep(.milliseconds(10)) }
      let awayCount = server.turnedAwayCount
      // Time to spin in, if it does.
      try runtime.sleep(.milliseconds(500))
      for filler in fillers { close(filler) }
      _ = Descriptors.limit(before)
      try runtime.sleep(.milliseconds(300))
      let late = try Client(port: server.port)
      late.send("GET /metrics HTTP/1.0\r\n\r\n")
      let isServed = late.receive()?.contains("orders_sent_total") == true
      try pacer.end()
      guard try thread.join(timeout: .seconds(20)) else { exit(10) }
      guard used.withLock({ $0 }) < 0.2 else { exit(11) }
      guard told.withLock({ $0 }) == ["too many open files: clients are refused"] else { exit(12) }
      guard isHopeless ? awayCount == 0 : awayCount > 0 else { exit(13) }
      // One that comes late is no exception: all six were met, and nobody twice.
      guard server.turnedAwayCount == awayCount, metCount() == clients.count + 1 else { exit(14) }
      guard isServed else { exit(15) }
      exit(0)
    }
  }
}

/// What the tests do to a process's descriptors.
private enum Descriptors {
  /// Sets the limit and answers what it was.
  static func limit(_ count: rlim_t) -> rlim_t {
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    let before = limit.rlim_cur
    limit.rlim_cur = count
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return before
  }

  /// Takes all that are left.
  static func fill() -> [Int32] {
    var taken: [Int32] = []
    while taken.count < 100, case let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC), descriptor >= 0 {
      taken.append(descriptor)
    }
    return taken
  }

  /// Processor seconds of the calling thread.
  static var threadSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
