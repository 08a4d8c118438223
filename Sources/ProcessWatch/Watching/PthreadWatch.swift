import ChaosRuntime
import CPlatform
import Glibc

/// Reads the tables of programs that run with `libChaosLocks.so`, again and again.
final class PthreadWatch {
  private let folder: String
  /// Circles by the keys of their waits, since when, of each process.
  private var circles: [Int32: [String: UInt64]] = [:]
  private(set) var tables: [Int32: PthreadTable] = [:]
  private static let processesMax = 64

  /// `folder` is where the tables are.
  init(folder: String) { self.folder = folder }

  /// What the tables show now: circles that stand since an earlier look, and waits beyond a limit.
  func look(now: UInt64, limit: Double?) -> [Suspicion] {
    var found: [Suspicion] = []
    tables = [:]
    for name in Files.names(in: folder).filter({ $0.hasPrefix("locks.") }).prefix(Self.processesMax) {
      guard let process = Int32(name.dropFirst(6)), KernelFacts.start(of: process) != nil,
        let table = read("\(folder)/\(name)")
      else { continue }
      tables[process] = table
      found += circles(in: table, of: process, now) + waits(in: table, of: process, now, limit)
    }
    return found
  }

  private func read(_ path: String) -> PthreadTable? {
    var bytes = [UInt8](repeating: 0, count: PthreadTable.sizeMax)
    let count = bytes.withUnsafeMutableBytes { raw in
      cp_file_read(path, raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
    }
    guard count > 0 else { return nil }
    bytes.removeSubrange(count...)
    return PthreadTable(bytes)
  }

  private func circles(in table: PthreadTable, of process: Int32, _ now: UInt64) -> [Suspicion] {
    let known = circles[process] ?? [:]
    var seen: [String: UInt64] = [:]
    var found: [Suspicion] = []
    for circle in table.circles() {
      let key = circle.map(\.key).sorted().joined(separator: " ")
      let since = known[key] ?? now
      seen[key] = since
      guard Span.seconds(from: since, to: now) >= WatchOptions.confirmation else { continue }
      let edges = self.edges(circle, table, process, now)
      found.append(
        Suspicion(
          verdict: .deadlock, key: "pthread \(process) \(key)", process: process,
          reasons: edges.map { "\($0.thread.text) waits at \($0.waits), \($0.holder.text) holds the mutex" },
          edges: edges))
    }
    circles[process] = seen
    return found
  }

  private func waits(in table: PthreadTable, of process: Int32, _ now: UInt64, _ limit: Double?) -> [Suspicion] {
    guard let limit else { return [] }
    return table.rows.filter { $0.waiting != 0 && Span.seconds(from: $0.since, to: now) > limit }.flatMap { row in
      edges([row], table, process, now).map { edge in
        Suspicion(
          key: "pthread wait \(process) \(row.key)", process: process,
          reasons: [
            "\(edge.thread.text) waits for a mutex at \(edge.waits) for \(ForeignDumpText.duration(edge.seconds)), "
              + "limit \(ForeignDumpText.duration(limit)); \(edge.holder.text) holds it"
          ], edges: [edge])
      }
    }
  }

  private func edges(
    _ rows: [PthreadTable.Row], _ table: PthreadTable, _ process: Int32, _ now: UInt64
  ) -> [ForeignDump.Edge] {
    let places = CodePlaces(process)
    return rows.map { row in
      let holder = table.holder(of: row.waiting)
      return ForeignDump.Edge(
        thread: Self.name(row.tid, process), lock: places.mutex(row.waiting), waits: places.call(row.waitSite),
        holder: holder.map { Self.name($0.row.tid, process) } ?? ForeignDump.ThreadName(name: "somebody", id: 0),
        taken: holder.map { places.call($0.site) } ?? "an unknown place",
        seconds: Span.seconds(from: row.since, to: now))
    }
  }

  private static func name(_ tid: Int32, _ process: Int32) -> ForeignDump.ThreadName {
    let comm = KernelFacts.text("/proc/\(process)/task/\(tid)/comm").split(separator: "\n").first.map(String.init)
    return ForeignDump.ThreadName(name: comm ?? "a thread that has ended", id: tid)
  }

  /// Mutexes that are held, for a dump.
  func locks(of process: Int32) -> [ForeignDump.Lock] {
    guard let table = tables[process] else { return [] }
    let places = CodePlaces(process)
    return table.rows.flatMap { row in
      row.held.filter { $0.mutex != 0 }.map { held in
        ForeignDump.Lock(
          name: places.mutex(held.mutex), holder: Self.name(row.tid, process), taken: places.call(held.site),
          waiterCount: table.rows.count { $0.waiting == held.mutex })
      }
    }
  }
}

/// Addresses of a process as its mapped files name them.
struct CodePlaces {
  private var images: [(low: UInt64, high: UInt64, base: UInt64, name: String)] = []

  init(_ process: Int32) {
    var bases: [String: UInt64] = [:]
    for line in KernelFacts.text("/proc/\(process)/maps").split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard words.count == 6, let slash = words[5].firstIndex(of: "/"), let dash = words[0].firstIndex(of: "-"),
        let low = UInt64(words[0][..<dash], radix: 16),
        let high = UInt64(words[0][words[0].index(after: dash)...], radix: 16)
      else { continue }
      let path = String(words[5][slash...])
      let base = bases[path] ?? low
      bases[path] = base
      images.append((low, high, base, path.split(separator: "/").last.map(String.init) ?? path))
    }
  }

  private func place(_ address: UInt64) -> String? {
    images.first { $0.low <= address && address < $0.high }.map {
      "\($0.name)+0x\(String(address - $0.base, radix: 16))"
    }
  }

  /// The call that returns to an address.
  func call(_ address: UInt64) -> String { place(address - min(address, 1)) ?? "0x\(String(address, radix: 16))" }

  func mutex(_ address: UInt64) -> String { "mutex \(place(address) ?? "0x\(String(address, radix: 16))")" }
}
