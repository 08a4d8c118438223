import Foundation
import TestSupport
import Testing

/// A parent that the kernel ended: it could tidy nothing up, and leaves no child behind all the same.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct OrphanTests {
  /// Processes whose parent is this one, from the kernel.
  private func children(of parent: Int32) -> [Int32] {
    Folder.names("/proc").compactMap { Int32($0) }.filter { id in
      let stat = Machine.text("/proc/\(id)/stat")
      guard let end = stat.lastIndex(of: ")") else { return false }
      let fields = stat[stat.index(after: end)...].split(separator: " ")
      return fields.count > 1 && fields[1] == "\(parent)" && fields[0] != "Z"
    }
  }

  /// The same process: an id may be given again.
  private func isAlive(_ id: Int32) -> Bool {
    let stat = Machine.text("/proc/\(id)/stat")
    return stat.contains("(chaos)") && !stat.contains(") Z ")
  }

  @Test(arguments: [
    ["gauntlet", "--jobs", "2", "--filter", "proof"],
    ["run", "--fault", "insufficient-balance", "--jobs", "2", "--schedules", "20000"],
    ["bench", "determinism", "--schedules", "100000"],
  ])
  func `No worker outlives it`(arguments: [String]) throws {
    let scratch = Scratch()
    let parent = try Companion(
      try #require(Tool.folder) + "/chaos", arguments, in: scratch.path, log: scratch.path + "/log")
    var workers: [Int32] = []
    let wanted = arguments.contains("--jobs") ? 2 : 1
    try #require(
      Machine.eventually(seconds: 30) {
        workers = children(of: parent.id)
        return workers.count >= wanted
      }, "\(Machine.text(scratch.path + "/log"))")
    // Into their work.
    usleep(300_000)
    parent.kill()
    #expect(Machine.eventually(seconds: 5) { !workers.contains { isAlive($0) } }, "\(workers.filter { isAlive($0) })")
    for worker in workers where isAlive(worker) { kill(worker, SIGKILL) }
  }
}
