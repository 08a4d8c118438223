import Basics
import ChaosRuntime
import CPlatform
import Glibc

/// Watches one program, from inside where it is Python and from outside where it is anything else, until it ends.
///
/// One thread, which waits for nothing but poll(2): signals, the program's output, the bootstraps' words and the tools that
/// look all come through it, so that a dump under way holds back neither a signal nor a byte.
public final class ProcessWatcher {
  let options: WatchOptions
  var outcome = WatchOutcome()
  var server: BootstrapServer?
  var tees: [OutputTee] = []
  var helper: Helper?
  var probe: URLProbe?
  var pthreads: PthreadWatch?
  private var signals: SignalSource?

  /// The program; 0: none was started.
  var child: Int32 = 0
  /// As waitpid(2) gives it, once the program has ended.
  var status: Int32?
  /// Of `--pid`: when that process started, to tell it from one that gets its id later.
  var startOfForeign: String?
  /// The signal that ends a watch of a foreign process.
  var interruption: Int32?
  var isReporting = false
  /// Keys of what was reported and still stands.
  var reported: Set<String> = []

  var lastBeat: UInt64 = 0
  private var heartbeatFile = FileSign()
  private var lastTurn: UInt64 = 0
  private var lastTick: UInt64 = 0
  private static let turnMax: UInt64 = 100_000_000
  private static let tickEvery: UInt64 = 250_000_000
  /// A turn that takes so much longer than it should was none: this process, or the machine, stood still.
  private static let gap: UInt64 = 1_000_000_000

  /// A watch that has not begun.
  public init(_ options: WatchOptions) { self.options = options }

  /// The process that a report is about where nothing says more.
  var root: Int32 {
    if case .process(let id) = options.subject { return id }
    return child
  }

  /// Watches to the program's end, to a signal where the program is not ours, or to the end that a verdict brings.
  public func run() -> WatchOutcome {
    let began = cp_monotonic_ns()
    signals = SignalSource { [unowned self] number, isTerminals in take(number, isTerminals) }
    defer { server = nil }
    guard signals != nil else { return failed("signals cannot be read: \(String(cString: strerror(errno)))") }
    if !begin() { return outcome }
    lastBeat = cp_monotonic_ns()
    (lastTurn, lastTick) = (lastBeat, lastBeat)
    if options.isOneLook {
      report(
        Suspicion(verdict: .asked, key: "asked", process: root, reasons: ["process \(root) is shown as it is now"]))
    }
    while isGoing, !options.isOneLook { turn(until: cp_monotonic_ns() &+ Self.turnMax) }
    finish()
    outcome.seconds = Span.seconds(from: began, to: cp_monotonic_ns())
    return outcome
  }

  var isGoing: Bool {
    if case .process(let id) = options.subject {
      return interruption == nil && KernelFacts.start(of: id) == startOfForeign
    }
    return status == nil
  }

  func failed(_ text: String, code: Int32 = 125) -> WatchOutcome {
    (outcome.failure, outcome.failureCode) = (text, code)
    return outcome
  }

  // MARK: Turns

  /// One poll of everything, at most until a time; then what is due.
  func turn(until deadline: UInt64) {
    let now = cp_monotonic_ns()
    let wait = deadline > now ? min(deadline &- now, Self.turnMax) : 0
    var polled: [any Polled] = tees
    if let signals { polled.append(signals) }
    if let server { polled += [server] + server.processes }
    if let probe { polled.append(probe) }
    if let helper { polled.append(helper) }
    polled.removeAll { $0.events == 0 || $0.descriptor < 0 }
    var descriptors = polled.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    let count = poll(&descriptors, nfds_t(descriptors.count), Int32(wait / 1_000_000) + 1)
    let after = cp_monotonic_ns()
    if count > 0 {
      for (item, state) in zip(polled, descriptors) where state.revents != 0 { item.ready(after) }
    }
    reap()
    if after &- lastTurn > Self.gap + wait, !isReporting { stoodStill(after &- lastTurn, after) }
    lastTurn = after
    if after &- lastTick >= Self.tickEvery { tick(after) }
  }

  /// Nobody is accused of time in which this process did not look.
  private func stoodStill(_ gap: UInt64, _ now: UInt64) {
    lastBeat = min(now, lastBeat &+ gap)
    server?.processes.forEach { $0.excuse(at: now) }
    remark(
      "stood still for \(ForeignDumpText.duration(Double(gap) / 1e9)), by a signal, a suspended or an overloaded machine"
    )
  }

  /// Lets the watch go on until something holds, or for some seconds; says whether it held.
  @discardableResult func wait(_ seconds: Double, until condition: () -> Bool = { false }) -> Bool {
    let deadline = cp_monotonic_ns() &+ UInt64(seconds * 1e9)
    while !condition() {
      if cp_monotonic_ns() >= deadline { return false }
      turn(until: deadline)
    }
    return true
  }

  private func tick(_ now: UInt64) {
    let passed = now &- lastTick
    lastTick = now
    probe?.tick(now)
    if case .file(let path) = options.heartbeat, heartbeatFile.changes(path) { beat(now) }
    if KernelFacts.isStopped(root) {
      // Whoever stopped it knows.
      lastBeat = min(now, lastBeat &+ passed)
      remark("the program was stopped by a signal for a while")
    }
    guard let server else { return judge(now) }
    for process in server.processes {
      if process.askedAt != 0, KernelFacts.isStopped(process.id) { process.excuse(at: now) }
      process.ask(at: now)
    }
    judge(now)
    server.forgetClosed()
  }

  func beat(_ now: UInt64) {
    lastBeat = now
    reported.remove("heartbeat")
  }

  private func judge(_ now: UInt64) {
    guard !isReporting, isGoing else { return }
    var found: [Suspicion] = []
    for process in server?.processes ?? [] {
      found += Suspicion.found(
        process: process.id,
        circles: process.circles.filter {
          $0.isSeenAgain && Span.seconds(from: $0.since, to: now) >= WatchOptions.confirmation
        },
        look: process.look, silence: process.silence(at: now), limit: options.stall)
    }
    found += pthreads?.look(now: now, limit: options.stall) ?? []
    if let heartbeat = options.heartbeat {
      let seconds = Span.seconds(from: lastBeat, to: now)
      if seconds > options.heartbeatLimit {
        let limit = ForeignDumpText.duration(options.heartbeatLimit)
        found.append(
          Suspicion(
            key: "heartbeat", process: root,
            reasons: ["\(heartbeat.text) for \(ForeignDumpText.duration(seconds)), limit \(limit)"]))
      }
    }
    // What is over may come again, and is told again then.
    reported.formIntersection(found.map(\.key))
    guard let new = found.first(where: { !reported.contains($0.key) }) else { return }
    for suspicion in found where suspicion.process == new.process || suspicion.key == new.key {
      reported.insert(suspicion.key)
    }
    report(new)
  }

  func remark(_ text: String) {
    if outcome.remarks.count < 20, !outcome.remarks.contains(where: { $0.hasPrefix(text.prefix(24)) }) {
      outcome.remarks.append(text)
    }
  }
}

/// What of a file shows that it was written to.
struct FileSign {
  private var last: [Int] = []

  /// Whether it differs from the last look; the first look is none.
  mutating func changes(_ path: String) -> Bool {
    var info = stat()
    let now =
      stat(path, &info) == 0
      ? [Int(info.st_mtim.tv_sec), Int(info.st_mtim.tv_nsec), Int(info.st_size), Int(info.st_ino)] : []
    defer { last = now }
    return !now.isEmpty && now != last
  }
}

/// Signals to this process, read instead of handled.
final class SignalSource: Polled {
  let descriptor: Int32
  private let onSignal: (_ number: Int32, _ isTerminals: Bool) -> Void
  var events: Int16 { Int16(POLLIN) }

  init?(_ onSignal: @escaping (Int32, Bool) -> Void) {
    descriptor = cp_signals_take()
    self.onSignal = onSignal
    if descriptor < 0 { return nil }
  }

  deinit {
    guard descriptor >= 0 else { return }
    close(descriptor)
    cp_signals_return()
  }

  func ready(_ now: UInt64) {
    var isTerminals = false
    while true {
      let number = cp_signal_next(descriptor, &isTerminals)
      if number == 0 { return }
      onSignal(number, isTerminals)
    }
  }
}
