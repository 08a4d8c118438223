import Basics
import CPlatform

/// Later looks at a hang that was dumped: who stands where it stood, and who has moved since.
final class LaterLooks {
  /// What a look keeps of a thread.
  private struct Row {
    var tid: Int32
    var name: String
    var stack: UInt64
    /// Nanoseconds.
    var processor: Int64
    var switches: Int
    var isFinding = false
  }

  private struct Pending {
    var dump: Int
    var written: DumpPlace.Written
    var suspect: Int32
    var rows: [Row]
    var began: UInt64
    var lines: [String] = []
    var taken = 1
  }

  private static let namesMax = 8
  private let count: Int
  private let apart: UInt64
  private var pending: [Pending] = []

  /// `count` looks in all, so many nanoseconds apart; the dump itself is the first.
  init(count: Int, apart: UInt64) {
    (self.count, self.apart) = (count, apart)
  }

  /// The dump that was just written is the first look.
  func begin(_ model: DumpModel, dump: Int, _ written: DumpPlace.Written, now: UInt64) {
    guard count > 1 else { return }
    pending.append(
      Pending(
        dump: dump, written: written, suspect: model.header.stuck.tid, rows: Self.rows(model), began: now))
  }

  /// Whether somebody wants another look now.
  func isDue(now: UInt64) -> Bool {
    pending.contains { $0.taken < count && now &- $0.began >= UInt64($0.taken) &* apart }
  }

  func take(_ model: DumpModel, now: UInt64) {
    let rows = Self.rows(model)
    for i in pending.indices
    where pending[i].taken < count && now &- pending[i].began >= UInt64(pending[i].taken) &* apart {
      pending[i].lines += Self.lines(
        pending[i].rows, rows, pending[i].suspect, asked: pending[i].taken, after: now &- pending[i].began)
      pending[i].taken += 1
    }
  }

  /// What is ready to be put into its dump: all looks were taken, or there will be no more.
  func finished(isOver: Bool, isBusy: (Int) -> Bool) -> [(written: DumpPlace.Written, section: String)] {
    var ready: [(written: DumpPlace.Written, section: String)] = []
    pending.removeAll { one in
      guard one.taken >= count || isOver, !isBusy(one.dump) else { return false }
      let seconds = Duration(nanoseconds: Int64(clamping: apart)).seconds
      var text = "LOOKS  \(one.taken), \(seconds) s apart\n"
      if one.taken < count {
        text = "LOOKS  \(one.taken) of \(count), \(seconds) s apart: the run was stopped before the others\n"
      }
      for line in one.lines { text += "  \(line)\n" }
      ready.append((one.written, text))
      return true
    }
    return ready
  }

  private static func rows(_ model: DumpModel) -> [Row] {
    model.threads.map { thread in
      var stack: UInt64 = 0xcbf2_9ce4_8422_2325
      for k in 0..<thread.frameCount { stack = (stack ^ UInt64(thread.frames?[k] ?? 0)) &* 0x100_0000_01b3 }
      return Row(
        tid: thread.label.tid, name: thread.label.name.string, stack: stack, processor: thread.processor,
        switches: thread.switches + thread.switchesForced, isFinding: thread.stack == .own)
    }
  }

  private static func lines(_ before: [Row], _ now: [Row], _ suspect: Int32, asked: Int, after: UInt64) -> [String] {
    let old = Dictionary(before.map { ($0.tid, $0) }, uniquingKeysWith: { first, _ in first })
    var moved: [String] = []
    var same = 0
    var of = "the stuck thread has ended"
    for row in now where !row.isFinding {
      guard let was = old[row.tid] else {
        moved.append("\(row.name) (new)")
        continue
      }
      // An answer to our signal is a switch or two.
      let switches = max(0, row.switches - was.switches - 2 * asked)
      let processor = Duration(nanoseconds: max(0, row.processor - was.processor))
      // So is some processor time, far below a hundredth of a second.
      let isBusy = processor >= .milliseconds(10)
      let hasMoved = row.stack != was.stack || switches > 0 || isBusy
      if row.tid == suspect {
        of =
          "\(row.name) (tid \(row.tid)) "
          + (hasMoved
            ? "has \(row.stack == was.stack ? "the same" : "another") stack" : "has not moved: the same stack")
          + ", \(switches) switches, "
          + "\(isBusy ? JSON.double(processor.milliseconds, places: 0).text : "under 10") ms of processor time"
      } else if hasMoved {
        moved.append(row.name)
      } else {
        same += 1
      }
    }
    let seconds = JSON.double(Double(after) / 1e9, places: 3).text
    let more = moved.count > namesMax ? " and \(moved.count - namesMax) more" : ""
    let who = moved.isEmpty ? "nobody else" : moved.prefix(namesMax).joined(separator: ", ") + more
    return ["after \(seconds) s: \(of)", "    moved: \(who); \(same) others stand where they stood"]
  }
}
