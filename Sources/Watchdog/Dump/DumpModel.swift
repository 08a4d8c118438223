import CPlatform

/// What a dump says, in plain values over memory that outlives it: the same for live and simulated runs.
struct DumpModel {
  var header = DumpHeader()
  /// The cycle of a deadlock, or the chain of waits that ends at the thread that is stuck.
  var edges = UnsafeMutableBufferPointer<DumpEdge>(start: nil, count: 0)
  var locks = UnsafeMutableBufferPointer<DumpLock>(start: nil, count: 0)
  var notes = UnsafeMutableBufferPointer<DumpNote>(start: nil, count: 0)
  /// Suspects first, then busy threads, then idle ones.
  var threads = UnsafeMutableBufferPointer<DumpThread>(start: nil, count: 0)
  /// Sorted by address.
  var images = UnsafeMutableBufferPointer<DumpImage>(start: nil, count: 0)
  /// Nil: simulated.
  var process = UnsafePointer<cp_process_facts>?.none

  /// Index of the image at an address; O(log n).
  static func image(at address: UInt, in images: UnsafeMutableBufferPointer<DumpImage>) -> Int? {
    var low = 0
    var high = images.count
    while low < high {
      let middle = (low + high) / 2
      if images[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    return low < images.count && images[low].base <= address ? low : nil
  }

  /// Marks the images that the IMAGES table lists.
  func markImages() {
    for i in 0..<threads.count {
      for k in 0..<threads[i].frameCount {
        guard let image = Self.image(at: threads[i].frames?[k] ?? 0, in: images) else { continue }
        images[image].isMentioned = true
      }
    }
  }
}

/// A thread's name, and live its number in the system.
struct ThreadLabel {
  var name = Text.none
  /// 0: none, as in a simulation.
  var tid: Int32 = 0
}

/// Where a lock was taken or waited for.
struct DumpSite {
  var file = Text.none
  /// 0: part of `file`.
  var line: UInt32 = 0
}

struct DumpHeader {
  enum Reason { case deadlock, hang, stuck, stepLimit, lostWakeup, livelock, starvation }

  var reason = Reason.deadlock
  /// 0: simulated.
  var pid: Int32 = 0
  /// Nanoseconds since the Unix epoch, virtual or of the run's clock.
  var time: Int64 = 0
  /// Where this dump will be, for the hint at `chaos symbolize`.
  var path = Text.none
  var isSymbolized = false
  /// How the program was called, as far as it tells; live.
  var command = Text.none
  /// Whole lines: commands that lead on.
  var next = Text.none
  /// Live: nanoseconds from the last edge to its report and to this dump.
  var reportLatency: Int64 = -1
  var dumpLatency: Int64 = -1
  /// Of a hang: the thread that is stuck, the activity that waits too long, and whose it is.
  var stuck = ThreadLabel()
  var waiter = ThreadLabel()
  var activity = Text.none
  var limit: Int64 = 0
  var quiet: Int64 = 0
  /// Of a hang: everybody who could end it waits too.
  var isCircle = false
  /// How long the process stood still, and how long ago that ended; 0: it did not.
  var standstill: Int64 = 0
  var sinceStandstill: Int64 = 0
  var isSuspension = false
  /// One sentence for reasons that have no other text.
  var summary = Text.none
  /// Threads and activities that the tables had no room for.
  var threadsUnlisted = 0
  /// Threads of the process that the registry has no room for.
  var recordsUnlisted = 0
  /// Notes that found the table full.
  var notesIgnored = 0
  var activitiesUnlisted = 0
  /// Waits of the cycle or chain, and notes, likewise.
  var edgesUnlisted = 0
  var notesUnlisted = 0
}

/// One wait: `thread` wants `lock`, which `holder` took at `taken`.
struct DumpEdge {
  var thread = ThreadLabel()
  var lock = Text.none
  var waits = DumpSite()
  var holder = ThreadLabel()
  var taken = DumpSite()
  /// Nanoseconds.
  var waited: Int64 = 0
  /// A wait for a signal: `holder` has given it so far.
  var isSignal = false
}

struct DumpHeld {
  var lock = Text.none
  var taken = DumpSite()
  /// Nanoseconds; -1: not measured.
  var heldFor: Int64 = -1
}

struct DumpActivity {
  var name = Text.none
  var limit: Int64 = 0
  /// Nanoseconds since its beginning or its last beat.
  var quiet: Int64 = 0
}

struct DumpLock {
  var name = Text.none
  var holder = ThreadLabel()
  var taken = DumpSite()
  var waiterCount = 0
  /// The first of them.
  var waiters = UnsafeMutableBufferPointer<ThreadLabel>(start: nil, count: 0)
}

struct DumpNote {
  var name = Text.none
  var value: Int64 = 0
  /// In place of the number.
  var text = Text.none
}

struct DumpThread {
  enum State {
    case foreign, running, runnable, waitingLock, waitingCondition, sleeping, joining, stalled, finished, notStarted
  }
  enum Rank: Int { case suspect, busy, idle, foreign }
  enum Stack { case walked, blocked, silent, gone, own, refused, noRoom, none }

  var label = ThreadLabel()
  var rank = Rank.idle
  var state = State.running
  /// The lock or condition waited for, or the thread joined.
  var object = Text.none
  var holder = ThreadLabel()
  var site = DumpSite()
  /// Nanoseconds in this state.
  var waited: Int64 = 0
  var held = UnsafeMutableBufferPointer<DumpHeld>(start: nil, count: 0)
  var heldUnlisted = 0
  var activities = UnsafeMutableBufferPointer<DumpActivity>(start: nil, count: 0)
  var stack = Stack.none
  /// Why the kernel sends it no signal: errno.
  var refusal: Int32 = 0
  /// Innermost first, as addresses inside the instruction that runs or calls.
  var frames = UnsafePointer<UInt>?.none
  var frameCount = 0
  /// Live: what the kernel says; 0: nothing.
  var systemState: UInt8 = 0
  var systemCall: Int32 = -1
  var wchan = Text.none
  /// Nanoseconds; -1: not measured.
  var processor: Int64 = -1
  var switches = 0
  var switchesForced = 0
  /// Nanoseconds since it last waited, took a lock or got on in an activity; -1: not measured.
  var progress: Int64 = -1
}

/// One mapped ELF file.
struct DumpImage {
  var path = Text.none
  var base: UInt = 0
  var end: UInt = 0
  var buildId: (UInt64, UInt64, UInt32) = (0, 0, 0)
  var buildIdCount = 0
  /// A frame lies in it.
  var isMentioned = false
  /// It is the program's own file, which the symbols of a dump are read from.
  var isExecutable = false

  /// The last part of the path: how frames name it.
  var name: Text {
    var at = path.count
    while at > 0, path.start?[at - 1] != 0x2F { at -= 1 }
    return Text(start: path.start.map { $0 + at }, count: path.count - at)
  }
}
