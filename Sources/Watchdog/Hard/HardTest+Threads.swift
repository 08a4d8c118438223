import Basics
import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// Threads that are hard to look at.
extension HardTest {
  static let threads: [HardTest] = [
    HardTest("a thread that blocks every signal", rounds: 20) { room in
      let stage = HardStage(room.directory)
      let isReady = HardStage.Gate(2)
      stage.spawn("deaf") { runtime throws(Stopped) in
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)
        try isReady.pass(in: runtime)
        try runtime.sleep(.seconds(600))
      }
      return found(stage, isReady, ["(its signals are blocked; no stack)"])
    },
    HardTest("a thread that spins", rounds: 20) { room in
      let stage = HardStage(room.directory)
      let isReady = HardStage.Gate(2)
      let isOver = Atomic<Bool>(false)
      stage.spawn("spinner") { runtime throws(Stopped) in
        try isReady.pass(in: runtime)
        while !isOver.load(ordering: .relaxed), !runtime.isStopping { cp_pause() }
      }
      return found(stage, isReady, ["THREAD spinner  tid "])
    },
    HardTest("eight busy threads", rounds: 20) { room in
      let stage = HardStage(room.directory)
      for i in 0..<8 {
        stage.spawn("busy-\(i)") { runtime throws(Stopped) in
          var sum = 0
          while !runtime.isStopping { sum &+= 1 }
          if sum < 0 { throw .stopped }
        }
      }
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD busy-7  tid ", "THREAD engine-1  tid "])
    },
    HardTest("25 busy threads: every stack is there", rounds: 10) { room in
      let stage = HardStage(room.directory)
      let gate = HardStage.Gate(27)
      for i in 0..<25 {
        stage.spawn("busy-\(i)") { runtime throws(Stopped) in
          try gate.pass(in: runtime)
          var sum = 0
          while !runtime.isStopping { sum &+= 1 }
          if sum < 0 { throw .stopped }
        }
      }
      stage.ring(2, gate: gate)
      guard stage.wait(seconds: 60) else { return "nothing was found; \(stage.end() ?? "")" }
      let text = stage.text
      if let wrong = stage.end() { return wrong }
      let silent = text.split(separator: "\n").count { $0.contains("(no answer within the limit; no stack)") }
      return silent > 0 ? "\(silent) threads did not answer" : lacks(text, ["THREAD busy-24  tid "])
    },
    HardTest("500 threads", rounds: 5) { many(500, $0, ["threads 50"]) },
    HardTest("1,100 threads, more than are listed", rounds: 2) {
      many(1100, $0, ["threads run unlisted: the registry has no room for them"])
    },
    HardTest("threads come and go", rounds: 20) { room in
      let stage = HardStage(room.directory)
      for i in 0..<2 {
        stage.spawn("creator-\(i)") { runtime throws(Stopped) in
          while true {
            let short = try runtime.spawn("short") { () throws(Stopped) in try runtime.sleep(.microseconds(50)) }
            try short.join()
          }
        }
      }
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD engine-1  tid "])
    },
    HardTest("memory, libraries and throws while asked, 3 s", rounds: 4) { torture($0) },
  ]

  /// A ring once the other thread is ready.
  private static func found(_ stage: HardStage, _ isReady: HardStage.Gate, _ wanted: [String]) -> String? {
    do throws(Stopped) { try isReady.pass(in: stage.runtime) } catch { return "stopped" }
    stage.ring(2)
    return judged(stage, .deadlock, wanted)
  }

  private static func many(_ count: Int, _ room: Room, _ wanted: [String]) -> String? {
    let stage = HardStage(room.directory)
    // The ring is among those that are listed, and closes when all others are there.
    let gate = HardStage.Gate(3)
    stage.ring(2, gate: gate)
    for i in 0..<count {
      stage.spawn("many-\(i)") { runtime throws(Stopped) in try runtime.sleep(.seconds(600)) }
    }
    do throws(Stopped) { try gate.pass(in: stage.runtime) } catch { return "stopped" }
    return judged(stage, .deadlock, wanted + ["THREAD engine-1  tid "])
  }

  private struct Thrown: Error {}

  /// Twenty frames deep, and out again.
  @inline(never) private static func deep(_ left: Int) throws(Thrown) -> Int {
    if left == 0 { throw Thrown() }
    return try deep(left - 1) + 1
  }

  private static func torture(_ room: Room) -> String? {
    let stage = HardStage(room.directory)
    stage.spawn("memory") { runtime throws(Stopped) in
      var kept: [[UInt8]] = []
      while !runtime.isStopping {
        kept.append([UInt8](repeating: 1, count: 64 + kept.count * 97 % 50_000))
        if kept.count > 200 { kept.removeAll() }
      }
    }
    stage.spawn("libraries") { runtime throws(Stopped) in
      while !runtime.isStopping { if let library = dlopen("libm.so.6", RTLD_NOW | RTLD_LOCAL) { dlclose(library) } }
    }
    stage.spawn("throws") { runtime throws(Stopped) in
      var sum = 0
      while !runtime.isStopping {
        do throws(Thrown) { sum += try deep(20) } catch { sum &+= 1 }
      }
    }
    let end = cp_monotonic_ns() &+ 3_000_000_000
    let arena = DumpArena()
    var captures = 0
    var walked = 0
    while cp_monotonic_ns() < end {
      arena.reset()
      let count = min(cp_thread_ids(arena.ids, DumpArena.threadsMax), DumpArena.threadsMax)
      for slot in 0..<Int(CP_THREADS_MAX) { _ = cp_thread_copy(cp_thread_at(UInt32(slot)), arena.records + slot) }
      StackCapture(arena: arena).capture(0..<count, deadline: cp_monotonic_ns() &+ 500_000_000, onlySelf: false)
      for i in 0..<count where cp_capture_state(arena.captures + i) == UInt32(CP_CAPTURE_DONE) {
        captures += 1
        if arena.captures[i].count > 1 { walked += 1 }
      }
    }
    if captures == 0 { return "only \(captures) stacks in 3 s; \(stage.end() ?? "")" }
    if walked * 10 < captures * 8 { return "only \(walked) of \(captures) stacks have frames; \(stage.end() ?? "")" }
    let accused = stage.incidents.first?.summary
    return stage.end() ?? accused
  }
}
