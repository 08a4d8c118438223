import ChaosRuntime
import CPlatform
import Glibc
import Watchdog

/// What /proc says of processes and their threads, for whoever may not or cannot look inside.
enum KernelFacts {
  /// One look at a thread.
  struct Look: Equatable {
    var id: Int32
    var name = ""
    /// proc_pid_stat(5); `?`: unknown.
    var state: Character = "?"
    var waitChannel = ""
    /// -1: it runs, or the kernel does not say.
    var systemCall: Int32 = -1
    /// Hundredths of a second.
    var processorTicks = 0
    var voluntarySwitches = 0
    var forcedSwitches = 0
  }

  static func text(_ path: String) -> String {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = buffer.withUnsafeMutableBytes { raw in
      cp_file_read(path, raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
    }
    return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
  }

  /// Fields of a stat file after the name, which may hold anything; the state is the first.
  private static func fields(_ stat: String) -> [Substring] {
    guard let end = stat.lastIndex(of: ")") else { return [] }
    return stat[stat.index(after: end)...].split(separator: " ")
  }

  /// When a process started, in ticks since the machine did; nil: there is none, or only what is left of it.
  static func start(of process: Int32) -> String? {
    let fields = fields(text("/proc/\(process)/stat"))
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return String(fields[19])
  }

  /// Whether a signal has stopped all of it.
  static func isStopped(_ process: Int32) -> Bool {
    let state = fields(text("/proc/\(process)/stat")).first
    return state == "T" || state == "t"
  }

  /// Whether the process has a function of its own for a signal; one without would be ended by it.
  static func catches(_ process: Int32, signal: Int32) -> Bool {
    guard signal > 0, signal <= 64, let mask = status(process)["SigCgt"], let bits = UInt64(mask, radix: 16) else {
      return false
    }
    return bits >> UInt64(signal - 1) & 1 == 1
  }

  static func status(_ process: Int32) -> [String: String] {
    var found: [String: String] = [:]
    for line in text("/proc/\(process)/status").split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      found[String(line[..<colon])] = String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" })
    }
    return found
  }

  static func executable(of process: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { raw -> Int in
      guard let start = raw.baseAddress else { return 0 }
      return readlink("/proc/\(process)/exe", start.assumingMemoryBound(to: CChar.self), raw.count)
    }
    return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
  }

  /// A process and everything below it, at most 64, parents first.
  static func tree(_ root: Int32) -> [Int32] {
    var found = [root]
    var index = 0
    while index < found.count, found.count < 64 {
      for task in Files.names(in: "/proc/\(found[index])/task").compactMap({ Int32($0) }) {
        let children = text("/proc/\(found[index])/task/\(task)/children").split(separator: " ")
        for child in children.compactMap({ Int32($0) }) where !found.contains(child) && found.count < 64 {
          found.append(child)
        }
      }
      index += 1
    }
    return found
  }

  /// Every thread of a process, at most 1000.
  static func threads(of process: Int32) -> [Look] {
    Files.names(in: "/proc/\(process)/task").compactMap { Int32($0) }.sorted().prefix(1000).map {
      look($0, of: process)
    }
  }

  private static func look(_ thread: Int32, of process: Int32) -> Look {
    let folder = "/proc/\(process)/task/\(thread)"
    var look = Look(id: thread)
    let stat = text("\(folder)/stat")
    let fields = fields(stat)
    if let open = stat.firstIndex(of: "("), let close = stat.lastIndex(of: ")"), open < close {
      look.name = String(stat[stat.index(after: open)..<close])
    }
    look.state = fields.first?.first ?? "?"
    if fields.count > 12 { look.processorTicks = (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) }
    let channel = text("\(folder)/wchan")
    look.waitChannel = channel == "0" ? "" : channel
    look.systemCall = text("\(folder)/syscall").split(separator: " ").first.flatMap { Int32($0) } ?? -1
    for line in text("\(folder)/status").split(separator: "\n") {
      guard let value = line.split(separator: "\t").last.flatMap({ Int($0) }) else { continue }
      if line.hasPrefix("voluntary_ctxt_switches") { look.voluntarySwitches = value }
      if line.hasPrefix("nonvoluntary_ctxt_switches") { look.forcedSwitches = value }
    }
    return look
  }

  /// Lines about a process as a whole. No argument of a command and no variable: they may hold a secret.
  static func facts(_ process: Int32) -> [String] {
    let status = status(process)
    let words = text("/proc/\(process)/cmdline").split(separator: "\0").prefix(2).map(String.init)
    var facts = ["program \(words.first ?? status["Name"] ?? "unknown")"]
    if words.count > 1, !words[1].hasPrefix("-") { facts[0] += " \(words[1]) ..." }
    let ticks = fields(text("/proc/\(process)/stat"))
    let uptime = text("/proc/uptime").split(separator: " ").first.flatMap { Double($0) }
    if ticks.count > 19, let uptime, let start = Double(ticks[19]) {
      facts.append(
        "up \(ForeignDumpText.duration(uptime - start / 100)), used "
          + ForeignDumpText.duration(((Double(ticks[11]) ?? 0) + (Double(ticks[12]) ?? 0)) / 100) + " of processor time"
      )
    }
    let descriptors = Files.list("/proc/\(process)/fd").map { "\($0.count)" } ?? "unknown, permission denied"
    let limit = text("/proc/\(process)/limits").split(separator: "\n").first { $0.hasPrefix("Max open files") }
    let most = limit?.split(separator: " ").dropFirst(3).first.map { " of \($0)" } ?? ""
    facts.append("memory \(status["VmRSS"] ?? "unknown"), descriptors \(descriptors)\(most)")
    let load = text("/proc/loadavg").split(separator: " ").prefix(3).joined(separator: " ")
    facts.append("load of the machine \(load)")
    return facts
  }

  /// What is known of a thread after two looks at it.
  static func describe(_ before: Look?, _ after: Look, seconds: Double) -> (kernel: String, counters: String, ran: Bool)
  {
    var kernel = "  state \(after.state)"
    if after.systemCall >= 0 { kernel += " in \(SystemCall.name(after.systemCall))(\(after.systemCall))" }
    if !after.waitChannel.isEmpty { kernel += "  wchan \(after.waitChannel)" }
    let ticks = after.processorTicks - (before?.processorTicks ?? after.processorTicks)
    let switches =
      after.voluntarySwitches + after.forcedSwitches
      - (before.map { $0.voluntarySwitches + $0.forcedSwitches } ?? after.voluntarySwitches + after.forcedSwitches)
    let span = ForeignDumpText.duration(seconds)
    let counters =
      "processor \(ForeignDumpText.duration(Double(after.processorTicks) / 100)) in all, \(ticks * 10) ms in the last "
      + "\(span); switches \(after.voluntarySwitches) and \(after.forcedSwitches) forced, \(switches) in the last \(span)"
    return (kernel, counters, ticks > 0 || after.state == "R")
  }
}
