import Basics
import ChaosRuntime
import Testing

@Suite struct CrashImageTests {
  /// What a crash would have left of `state` after each step of `body`.
  private func images(_ body: @escaping @Sendable (any Disk) throws(Stopped) -> Void) -> [CrashImage.Content] {
    let disk = MemoryDisk()
    let simulation = Simulation(schedule: .nominal, seed: 1)
    _ = simulation.run(disk: disk) { runtime throws(Stopped) in try body(runtime.disk) }
    return disk.crashImages.map(\.content)
  }

  @Test func `A replaced file is always whole`() {
    let found = images { disk throws(Stopped) in
      _ = try disk.replace([1], at: "state")
      _ = try disk.replace([2], at: "state")
      _ = try disk.replace([2], at: "state")
    }
    #expect(found == [.whole([1]), .whole([2])])
  }

  @Test func `A file that is written in its own place is torn meanwhile`() {
    let found = images { disk throws(Stopped) in
      _ = try disk.write([1], to: "state", for: "state")
      _ = try disk.sync("state", for: "state")
      _ = try disk.write([2], to: "state", for: "state")
    }
    #expect(found == [.torn, .missing, .whole([1]), .torn, .whole([1])])
  }

  @Test func `What is added to a file is noted with its lines, what the disk refuses is not`() {
    let disk = MemoryDisk(capacity: 8)
    _ = Simulation(schedule: .nominal, seed: 1).run(disk: disk) { runtime throws(Stopped) in
      _ = try runtime.disk.append(Array("a\nb\n".utf8), to: "log")
      try runtime.sleep(.seconds(1))
      _ = try runtime.disk.append(Array("c\n".utf8), to: "log")
      _ = try runtime.disk.append(Array("dddddd\n".utf8), to: "log")
    }
    let start = Instant.simulationEpoch
    #expect(
      disk.appends == [
        AppendNote(time: start, path: "log", lines: 2), AppendNote(time: start + .seconds(1), path: "log", lines: 1),
      ])
  }

  @Test func `A file that was not synced before its rename is lost`() {
    let found = images { disk throws(Stopped) in
      _ = try disk.replace([1], at: "state")
      _ = try disk.write([2], to: "state.tmp", for: "state")
      _ = try disk.rename("state.tmp", to: "state")
      _ = try disk.remove("state")
    }
    #expect(found == [.whole([1]), .missing])
  }
}
