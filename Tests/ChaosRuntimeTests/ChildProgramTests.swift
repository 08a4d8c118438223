import ChaosRuntime
import Foundation
import Synchronization
import TestSupport
import Testing

/// Programs with a process group of their own.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct ChildProgramTests {
  private func group(_ script: String) throws -> Int32 {
    var program = ChildProgram("/bin/sh", words: ["sh", "-c", script], environment: [])
    program.hasOwnGroup = true
    return try program.start()
  }

  private func status(_ child: Int32) -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }

  private func isAlive(_ id: Int32) -> Bool {
    let stat = Machine.text("/proc/\(id)/stat")
    return !stat.isEmpty && !stat.contains(") Z ")
  }

  /// As the kernel ends threads of a process that is killed: there is no time to tidy anything up.
  @Test func `A group ends with the thread that started it, children of its program too`() throws {
    let scratch = Scratch()
    let ids = scratch.path + "/ids"
    let leader = Atomic<Int32>(0)
    let hasEnded = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      leader.store(
        (try? group("sleep 1000 & echo $$ $! > \(ids).new; mv \(ids).new \(ids); wait")) ?? -1, ordering: .relaxed)
      _ = Machine.eventually(seconds: 10) { !Machine.text(ids).isEmpty }
      hasEnded.signal()
    }
    hasEnded.wait()
    let started = Machine.text(ids).split(whereSeparator: \.isWhitespace).compactMap { Int32($0) }
    try #require(started.count == 2 && leader.load(ordering: .relaxed) > 0)
    #expect(Machine.eventually(seconds: 5) { !started.contains { isAlive($0) } })
    for id in started where isAlive(id) { kill(id, SIGKILL) }
    #expect(status(leader.load(ordering: .relaxed)) & 0x7F == SIGKILL)
  }

  @Test func `A group ends as its program does, and what it leaves running goes on`() throws {
    let scratch = Scratch()
    #expect(status(try group("exit 3")) == 3 << 8)
    #expect(status(try group("kill -9 $$")) & 0x7F == SIGKILL)
    #expect(status(try group("kill -TERM 0")) & 0x7F == SIGTERM, "the program signals its own group")
    #expect(status(try group("sleep 1000 & echo $! > \(scratch.path)/id")) == 0)
    let left = try #require(Int32(Machine.text(scratch.path + "/id").filter(\.isNumber)))
    #expect(isAlive(left))
    kill(left, SIGKILL)
    #expect(throws: ChildProgram.Refusal.self) {
      var program = ChildProgram("/none/tool", words: ["tool"], environment: [])
      program.hasOwnGroup = true
      _ = try program.start()
    }
  }
}
