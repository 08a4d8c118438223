import Basics
import ChaosRuntime
import Glibc
import Synchronization
import Testing

@testable import Watchdog

/// A directory of its own for one test, removed at its end.
final class Scratch {
  let path: String

  init() throws {
    var template = Array("/tmp/watchdog-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.flatMap { mkdtemp($0) } }
    path = String(cString: try #require(made))
  }

  var dump: String { path + "/stackdump.txt" }

  var files: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  deinit {
    for name in files { unlink(path + "/" + name) }
    rmdir(path)
  }
}

func contents(_ path: String) -> String {
  guard let file = fopen(path, "r") else { return "" }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += buffer[0..<count]
  }
}

/// What the watchdog reported, readable from the test.
final class Reports: Sendable {
  private let incidents = Mutex<[Incident]>([])

  func add(_ incident: Incident) { incidents.withLock { $0.append(incident) } }

  var all: [Incident] { incidents.withLock { $0 } }

  /// Polls until there are `count`; false: the time was up.
  func wait(for count: Int, seconds: Int = 20) -> Bool {
    for _ in 0..<(seconds * 1000) {
      if all.count >= count { return true }
      usleep(1000)
    }
    return false
  }
}

func liveRuntime() -> Runtime {
  Runtime(live: .simulationEpoch, disk: MemoryDisk(), choices: Choices(.seeded(1)))
}

func watch(
  _ runtime: Runtime, _ path: String, tick: Duration = .milliseconds(20), limit: Duration? = nil
) -> (watchdog: ThreadWatchdog, reports: Reports) {
  let reports = Reports()
  var options = ThreadWatchdog.Options(dumpPath: path, tick: tick, stuckLimitOverride: limit)
  options.fallbackDirectory = nil
  let watchdog = ThreadWatchdog(runtime: runtime, options: options) { reports.add($0) }
  watchdog.start()
  return (watchdog, reports)
}

/// Waits until both threads of a pair have come, so that a cycle is certain.
final class Meeting: Sendable {
  private let arrived = Atomic<Int>(0)

  func arrive(of count: Int, in runtime: Runtime) throws(Stopped) {
    arrived.add(1, ordering: .sequentiallyConsistent)
    while arrived.load(ordering: .sequentiallyConsistent) < count { try runtime.sleep(.milliseconds(1)) }
  }
}

/// Threads in a ring: each takes its lock, meets the others, and wants the next one's.
func ring(_ count: Int, in runtime: Runtime, prefix: String = "engine") throws {
  let locks = (0..<count).map { Lock(runtime, "\(prefix)-lock-\($0)") }
  let meeting = Meeting()
  for i in 0..<count {
    try runtime.spawn("\(prefix)-\(i)") { () throws(Stopped) in
      try locks[i].lock()
      defer { locks[i].unlock() }
      try meeting.arrive(of: count, in: runtime)
      try locks[(i + 1) % count].lock()
      locks[(i + 1) % count].unlock()
    }
  }
}
