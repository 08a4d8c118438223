import Basics
import ChaosRuntime
import CPlatform
import Glibc
import Synchronization

/// Threads that the kernel holds, calls that it refuses, and memory that nobody gets.
extension HardTest {
  static let kernel: [HardTest] = [
    HardTest("a thread that the kernel does not let go (state D)", rounds: 20) { heldByKernel($0) },
    HardTest("a frozen disk: the words and the end come all the same", rounds: 2, isApart: true) { frozenDisk($0) },
    HardTest("the call that queues signals is forbidden", rounds: 20, isApart: true) { room in
      guard cp_refuse_call(Self.queueCall) else { return "skipped: no filter of system calls here" }
      let stage = HardStage(room.directory)
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD engine-1  tid ", "  #1  "])
    },
    HardTest("waits with a time limit last as long as they should", rounds: 10) { timedWaits($0) },
    HardTest("malloc is locked while the dump is written", rounds: 10, isApart: true) { lockedMalloc($0) },
    HardTest("a child was forked meanwhile", rounds: 20, isApart: true) { room in
      let stage = HardStage(room.directory)
      let child = fork()
      if child == 0 {
        usleep(50_000)
        _exit(0)
      }
      stage.ring(2)
      let wrong = judged(stage, .deadlock, ["THREAD engine-1  tid "])
      var status: Int32 = 0
      waitpid(child, &status, 0)
      return wrong ?? (status == 0 ? nil : "the child ended with status \(status)")
    },
    HardTest("a task of Swift's own threads", rounds: 20) { room in
      let stage = HardStage(room.directory)
      let isReady = HardStage.Gate(2)
      let flag = Shared(isOver: false)
      Task.detached {
        do throws(Stopped) { try isReady.pass(in: stage.runtime) } catch {}
        while !flag.isOver.load(ordering: .relaxed) { usleep(50_000) }
      }
      defer { flag.isOver.store(true, ordering: .relaxed) }
      do throws(Stopped) { try isReady.pass(in: stage.runtime) } catch { return "stopped" }
      // It has gone to sleep by then.
      rest(milliseconds: 10)
      stage.ring(2)
      return judged(stage, .deadlock, ["THREAD engine-1  tid ", "clock_nanosleep"])
    },
  ]

  /// rt_tgsigqueueinfo of arch/x86/entry/syscalls/syscall_64.tbl.
  private static let queueCall: Int = 297

  private final class Shared: Sendable {
    let isOver: Atomic<Bool>
    init(isOver: Bool) { self.isOver = Atomic(isOver) }
  }

  // MARK: State D

  /// A thread that started a program waits in the kernel until the program is there; this one waits for a pipe first.
  private static func heldByKernel(_ room: Room) -> String? {
    let fifo = "\(room.directory)/fifo"
    guard mkfifo(fifo, 0o600) == 0 else { return "no pipe" }
    let stage = HardStage(room.directory)
    let isReady = HardStage.Gate(2)
    let held = Atomic<Int32>(0)
    stage.spawn("starter") { runtime throws(Stopped) in
      try isReady.pass(in: runtime)
      held.store(cp_gettid(), ordering: .sequentiallyConsistent)
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      posix_spawn_file_actions_addopen(&actions, 0, fifo, O_RDONLY, 0)
      var child: pid_t = 0
      var words: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
      if posix_spawn(&child, "/bin/true", &actions, nil, &words, nil) == 0 { waitpid(child, nil, 0) }
      posix_spawn_file_actions_destroy(&actions)
      free(words[0])
    }
    do throws(Stopped) { try isReady.pass(in: stage.runtime) } catch { return "stopped" }
    let deadline = cp_monotonic_ns() &+ 5_000_000_000
    while cp_monotonic_ns() < deadline {
      let tid = held.load(ordering: .sequentiallyConsistent)
      if tid != 0, cp_thread_state(tid) == CChar(0x44) { break }
      rest(milliseconds: 1)
    }
    stage.ring(2)
    let isFound = stage.wait()
    let text = stage.text
    close(open(fifo, O_WRONLY))
    let wrong = stage.end()
    unlink(fifo)
    guard isFound else { return "nothing was found" }
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("THREAD starter  tid ") }) else {
      return "the thread is not in the dump"
    }
    return wrong ?? (line.contains("  state D") ? lacks(text, ["; no stack)"]) : "'\(line)'")
  }

  // MARK: A frozen file system

  /// Runs a shell; its exit status.
  private static func shell(_ script: String) -> Int32 {
    do throws(ChildProgram.Refusal) {
      let child = try ChildProgram(
        "/bin/sh", words: ["sh", "-c", script], environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
      ).start()
      var status: Int32 = 0
      waitpid(child, &status, 0)
      return status
    } catch { return -1 }
  }

  private static func frozenDisk(_ room: Room) -> String? {
    let (image, place) = ("\(room.directory)/image", "\(room.directory)/disk")
    let made = shell(
      "mkdir -p \(place) && truncate -s 8M \(image) && mkfs.ext4 -q -O ^has_journal \(image) "
        + "&& mount -o loop \(image) \(place) && mkdir \(place)/runs")
    guard made == 0 else { return "skipped: no file system can be mounted here" }
    defer { _ = shell("fsfreeze -u \(place); umount -l \(place)") }
    let stage = HardStage("\(place)/runs") { $0.fallbackDirectory = room.directory }
    let isReady = HardStage.Gate(2)
    // Somebody who writes to that disk stands in the kernel.
    stage.spawn("writer") { runtime throws(Stopped) in
      try isReady.pass(in: runtime)
      close(open("\(place)/runs/log", O_CREAT | O_WRONLY, 0o644))
    }
    guard shell("fsfreeze -f \(place)") == 0 else { return "skipped: the disk cannot be frozen" }
    // Whatever goes wrong, it is thawed in time.
    let guardian = shell("(sleep 15; fsfreeze -u \(place)) >/dev/null 2>&1 &")
    _ = guardian
    do throws(Stopped) { try isReady.pass(in: stage.runtime) } catch { return "stopped" }
    rest(milliseconds: 50)
    let began = cp_monotonic_ns()
    stage.ring(2)
    let isFound = stage.wait(seconds: 10)
    let took = cp_monotonic_ns() &- began
    _ = shell("fsfreeze -u \(place)")
    let wrong = stage.end()
    guard isFound else { return "nothing was found in 10 s" }
    if took > 6_000_000_000 { return "the report came after \(took / 1_000_000) ms" }
    let dump = stage.watchdog.dumps.first
    return wrong ?? lacks(contents(dump?.path ?? ""), ["THREAD writer  tid ", "  state D"])
  }

  // MARK: Waits that a signal could end

  /// Waits of 600 ms; 0: they ended by their time limit.
  private static let waitKinds: [(name: String, wait: @Sendable () -> Int32)] = [
    (
      "nanosleep",
      {
        var time = timespec(tv_sec: 0, tv_nsec: 600_000_000); return nanosleep(&time, nil)
      }
    ),
    ("usleep", { usleep(600_000) }), ("poll", { poll(nil, 0, 600) }),
    (
      "select",
      {
        var time = timeval(tv_sec: 0, tv_usec: 600_000); return select(0, nil, nil, nil, &time)
      }
    ),
    (
      "epoll_wait",
      {
        let queue = epoll_create1(0)
        defer { close(queue) }
        var event = epoll_event()
        return epoll_wait(queue, &event, 1, 600)
      }
    ),
    (
      "sem_timedwait",
      {
        var semaphore = sem_t()
        sem_init(&semaphore, 0, 0)
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_nsec += 600_000_000
        if until.tv_nsec >= 1_000_000_000 {
          (until.tv_sec, until.tv_nsec) = (until.tv_sec + 1, until.tv_nsec - 1_000_000_000)
        }
        return sem_timedwait(&semaphore, &until) != 0 && errno == ETIMEDOUT ? 0 : -1
      }
    ),
    (
      "sigtimedwait",
      {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGUSR2)
        var limit = timespec(tv_sec: 0, tv_nsec: 600_000_000)
        return sigtimedwait(&signals, nil, &limit) < 0 && errno == EAGAIN ? 0 : -1
      }
    ), ("sigsuspend", { cp_suspend(600) }),
  ]

  private static func timedWaits(_ room: Room) -> String? {
    let stage = HardStage(room.directory)
    let results = Mutex<[(name: String, wrong: String)]>([])
    let kinds = waitKinds
    let isReady = HardStage.Gate(kinds.count + 1)
    let ended = HardStage.Gate(kinds.count + 1)
    for kind in kinds {
      stage.spawn(kind.name) { runtime throws(Stopped) in
        try isReady.pass(in: runtime)
        let began = cp_monotonic_ns()
        let result = kind.wait()
        let took = (cp_monotonic_ns() &- began) / 1_000_000
        if result != 0 || took < 590 {
          results.withLock { $0.append((kind.name, "it ended after \(took) ms with \(result), errno \(errno)")) }
        }
        try ended.pass(in: runtime)
      }
    }
    do throws(Stopped) { try isReady.pass(in: stage.runtime) } catch { return "stopped" }
    rest(milliseconds: 100)
    stage.ring(2)
    guard stage.wait() else { return "nothing was found" }
    do throws(Stopped) { try ended.pass(in: stage.runtime) } catch { return "stopped" }
    let wrong = stage.end()
    return results.withLock { $0.first.map { "\($0.name): \($0.wrong)" } } ?? wrong
  }

  // MARK: Malloc

  /// 1 while the thread that stands in malloc must not go on.
  private static var mallocStays: UnsafeMutablePointer<UInt32> { cp_hard_word() }

  /// A thread is stopped by a signal within malloc, with its lock, until the dump is there or 3 s have passed.
  private static func lockedMalloc(_ room: Room) -> String? {
    // One arena for all threads, so that one lock stops them all.
    cp_one_malloc_arena()
    let path = "\(room.directory)/stackdump.txt"
    let stage = HardStage(room.directory)
    let gate = HardStage.Gate(3)
    stage.ring(2, gate: gate)
    let mallocking = Atomic<UInt>(0)
    let isTried = Atomic<Bool>(false)
    signal(SIGUSR1) { _ in
      let end = cp_monotonic_ns() &+ 3_000_000_000
      while cp_load(cp_hard_word()) == 1, cp_monotonic_ns() < end {
        _ = cp_futex_wait(cp_hard_word(), 1, end)
      }
    }
    stage.spawn("malloc") { runtime throws(Stopped) in
      mallocking.store(UInt(pthread_self()), ordering: .sequentiallyConsistent)
      cp_fragment_memory()
      while !runtime.isStopping { cp_hold_malloc() }
    }
    stage.spawn("probe") { runtime throws(Stopped) in
      while !runtime.isStopping {
        cp_use_malloc()
        isTried.store(true, ordering: .sequentiallyConsistent)
        // Without a pause it would have the lock nearly always, and the other thread hardly ever.
        rest(milliseconds: 1)
      }
    }
    while mallocking.load(ordering: .sequentiallyConsistent) == 0 { rest(milliseconds: 1) }
    let thread = pthread_t(mallocking.load(ordering: .sequentiallyConsistent))
    for _ in 0..<200 {
      cp_store(mallocStays, 1)
      pthread_kill(thread, SIGUSR1)
      rest(milliseconds: 2)
      isTried.store(false, ordering: .sequentiallyConsistent)
      rest(milliseconds: 20)
      if !isTried.load(ordering: .sequentiallyConsistent) { return dumped(stage, gate, path) }
      cp_store(mallocStays, 0)
      cp_futex_wake(mallocStays, .max)
      rest(milliseconds: 1)
    }
    _ = stage.end()
    return "no signal came while the lock of malloc was held"
  }

  /// Nothing here may allocate until the lock is free again.
  private static func dumped(_ stage: HardStage, _ gate: HardStage.Gate, _ path: String) -> String? {
    var isThere = false
    path.withCString { name in
      do throws(Stopped) { try gate.pass(in: stage.runtime) } catch {}
      let end = cp_monotonic_ns() &+ 2_500_000_000
      while !isThere, cp_monotonic_ns() < end {
        rest(milliseconds: 1)
        isThere = access(name, F_OK) == 0
      }
    }
    cp_store(mallocStays, 0)
    cp_futex_wake(mallocStays, .max)
    guard isThere else { return "no dump while malloc was locked; \(stage.end() ?? "")" }
    return judged(stage, .deadlock, ["THREAD malloc  tid ", "THREAD engine-1  tid "])
  }
}
