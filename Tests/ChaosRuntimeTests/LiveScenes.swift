import Basics
import ChaosRuntime
import Synchronization
import Testing

func liveRuntime(_ disk: any Disk = MemoryDisk()) -> Runtime {
  Runtime(live: .simulationEpoch, disk: disk, choices: Choices(.seeded(1)))
}

/// A number that several threads count up.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  var value: Int { count.load(ordering: .acquiring) }

  func add(_ n: Int = 1) { count.add(n, ordering: .acquiringAndReleasing) }

  /// Lets other threads run until the number is reached.
  func wait(for n: Int, in runtime: Runtime) throws(Stopped) {
    while value < n { try runtime.sleep(.microseconds(50)) }
  }
}

/// What threads noted, in their order.
final class Journal: Sendable {
  private let entries = Mutex<[String]>([])

  var all: [String] { entries.withLock { $0 } }

  func note(_ text: String) { entries.withLock { $0.append(text) } }
}

/// Notes every call of an interposer; disk operations fail with `diskError` when it is set.
final class Witness: Interposer {
  let journal = Journal()
  let diskError: DiskError?

  init(diskError: DiskError? = nil) { self.diskError = diskError }

  func beforeLock(_ lock: Lock) throws(Stopped) { journal.note("before lock \(lock.name)") }
  func afterLock(_ lock: Lock) throws(Stopped) { journal.note("after lock \(lock.name)") }
  func beforeUnlock(_ lock: Lock) { journal.note("before unlock \(lock.name)") }
  func atWait(_ condition: Condition) throws(Stopped) { journal.note("wait \(condition.name)") }
  func atSleep(_ duration: Duration) throws(Stopped) { journal.note("sleep \(duration.milliseconds)") }
  func atSpawn(_ name: String) throws(Stopped) { journal.note("spawn \(name)") }

  func atDisk(_ operation: DiskOperation, path: String, final: String) throws(Stopped) -> DiskError? {
    journal.note("\(operation.rawValue) \(path) for \(final)")
    return diskError
  }
}

/// Goes through every hook of an interposer once.
func touchEverything(_ runtime: Runtime) throws(Stopped) {
  let lock = Lock(runtime, "l")
  let condition = Condition(lock, "c")
  try lock.withLock { () throws(Stopped) in _ = try condition.wait(timeout: .milliseconds(1)) }
  try runtime.sleep(.milliseconds(2))
  try runtime.spawn("child") { () throws(Stopped) in }.join()
  _ = try runtime.disk.replace([1], at: "f")
  _ = try runtime.disk.append([2], to: "f")
  _ = try runtime.disk.read("f")
  _ = try runtime.disk.remove("f")
}

let everyHook = [
  "before lock l", "after lock l", "wait c", "before unlock l", "sleep 2.0", "spawn child", "write f.tmp for f",
  "sync f.tmp for f", "rename f.tmp for f", "append f for f", "read f for f", "remove f for f",
]
