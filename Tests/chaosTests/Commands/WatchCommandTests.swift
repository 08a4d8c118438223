import Foundation
import TestSupport
import Testing

/// `chaos watch` as a user runs it.
@Suite(.tags(.live), .realClock, .timeLimit(.minutes(5))) struct WatchCommandTests {
  private static let hasPython =
    (try? Tool.run("/usr/bin/env", ["python3", "-c", "import sys; sys.exit(sys.version_info < (3, 9))"]))?.code == 0

  private func bot(_ name: String) -> String { "\(Folder.root)/scripts/watch-bots/\(name)" }

  @Test(.enabled(if: hasPython, "python3 3.9 or later is not installed"))
  func `A deadlocked Python bot is proven stuck, dumped and explained`() throws {
    let scratch = Scratch()
    let watch = try Tool.chaos(
      ["watch", "--fatal", "--json", "v.json", "--", "python3", bot("deadlock.py")], in: scratch.path)
    #expect(watch.code == 4, "\(watch.error)")
    let dump = Machine.text(scratch.path + "/stackdump.txt")
    #expect(dump.hasPrefix("STACKDUMP v1  pid "))
    #expect(dump.hasSuffix("END complete\n"))
    #expect(dump.contains("for \"budget\" at \(bot("deadlock.py")):12"))
    #expect(dump.contains("#0  trade  at \(bot("deadlock.py")):24"))
    #expect(Machine.text(scratch.path + "/v.json").contains("\"verdict\": \"deadlock\""))
    let doctor = try Tool.chaos(["doctor", "stackdump.txt"], in: scratch.path)
    #expect(doctor.code == 4)
    #expect(doctor.out.contains("waits for \"State.lock\""))
    #expect(doctor.out.contains("take the locks in one order everywhere"))
  }

  @Test(.enabled(if: hasPython, "python3 3.9 or later is not installed"))
  func `An idle bot is not accused, one that spins is suspected`() throws {
    let scratch = Scratch()
    let idle = try Tool.chaos(
      ["watch", "--stall", "20s", "--heartbeat-line", "heart", "--", "python3", bot("idle.py"), "1.2"], in: scratch.path
    )
    #expect(idle.code == 0, "\(idle.error)")
    #expect(idle.out == "heartbeat\nheartbeat\n")
    #expect(!scratch.exists("stackdump.txt"))
    let stuck = try Tool.chaos(
      ["watch", "--stall", "3s", "--fatal", "--heartbeat-line", "round", "--", "python3", bot("stuck_io.py")],
      in: scratch.path)
    #expect(stuck.code == 3, "\(stuck.error)")
    #expect(Machine.text(scratch.path + "/stackdump.txt").contains("#0  ask  at \(bot("stuck_io.py")):10"))
  }

  private static let compiler = ["/usr/bin/cc", "/usr/bin/clang"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  @Test(.enabled(if: compiler != nil, "no C compiler is installed"))
  func `A deadlock of pthread mutexes in a C program is proven`() throws {
    let scratch = Scratch()
    let source = "\(Folder.root)/scripts/watch-bots/mutexes.c"
    let built = try Tool.run(Self.compiler ?? "", ["-o", scratch.path + "/mutexes", source, "-lpthread"])
    try #require(built.code == 0)
    let watch = try Tool.chaos(["watch", "--pthread-locks", "--fatal", "--", "./mutexes"], in: scratch.path)
    #expect(watch.code == 4, "\(watch.error)")
    let dump = Machine.text(scratch.path + "/stackdump.txt")
    #expect(dump.contains("CYCLE  (2 threads, every wait seen twice, unchanged)"))
    #expect(dump.contains("for \"mutex mutexes+0x") && dump.contains("held by keeper (tid "))
    #expect(dump.contains("libChaosLocks.so: 2 mutexes held"))
    #expect(dump.hasSuffix("END complete\n"))
    let healthy = try Tool.chaos(["watch", "--pthread-locks", "--", "./mutexes", "healthy"], in: scratch.path)
    #expect(healthy.code == 0, "\(healthy.error)")
  }

  @Test func `Codes, output and signals pass unchanged`() throws {
    let scratch = Scratch()
    for (words, code) in [
      (["sh", "-c", "printf a; exit 7"], 7), (["sh", "-c", "kill -9 $$"], 137), (["no-such"], 127),
    ] {
      let watch = try Tool.chaos(["watch", "--"] + words, in: scratch.path)
      #expect(watch.code == Int32(code), "\(words) \(watch.error)")
      #expect(watch.out == (code == 7 ? "a" : ""))
    }
    #expect(try Tool.chaos(["watch", "--", "/etc/passwd"], in: scratch.path).code == 126)
    let trap = "trap 'echo term; exit 9' TERM; touch ready; while :; do sleep 0.05; done"
    let parent = try Companion(
      try Tool.path, ["watch", "--", "sh", "-c", trap], in: scratch.path, log: scratch.path + "/log")
    #expect(Machine.eventually(seconds: 10) { scratch.exists("ready") })
    kill(parent.id, SIGTERM)
    #expect(Machine.eventually(seconds: 5) { Machine.text(scratch.path + "/log") == "term\n" })
    parent.kill()
  }

  @Test(arguments: [
    (["watch"], "a command is needed"), (["watch", "--now", "--", "true"], "--now is for --pid N"),
    (["watch", "--heartbeat", "a", "--heartbeat-line", "b", "--", "true"], "exclude each other"),
    (["watch", "--heartbeat-line", "(", "--", "true"], "is no regular expression"),
    (["watch", "--heartbeat-url", "https://x/", "--", "true"], "https cannot be asked"),
    (["watch", "--pid", "1", "--", "true"], "exclude each other"),
  ])
  func `What is wrong is said`(words: [String], says: String) throws {
    let watch = try Tool.chaos(words)
    #expect(watch.code == 2)
    #expect(watch.error.contains(says), "\(watch.error)")
  }
}
