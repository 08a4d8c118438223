import Basics
public import ChaosRuntime

/// Recordings worth varying, and a variation of one: a few scheduling choices removed, moved or given to another thread.
public struct Mutation: Sendable {
  /// Recordings kept; a new one replaces the oldest.
  static let corpusMax = 16
  /// Lines beyond which a recording is too long to be worth it.
  static let linesMax = 2000

  /// Recordings that were too long.
  private(set) var tooLongCount = 0
  private var corpus: [(scenario: UInt64, lines: [Recording.Line])] = []
  private var next = 0

  /// An empty corpus.
  public init() {}

  /// Takes up a recording whose run showed something new.
  public mutating func add(_ recording: Recording, scenario: UInt64) {
    guard recording.lines.contains(where: { $0.kind == .run }) else { return }
    guard recording.lines.count <= Self.linesMax else {
      tooLongCount += 1
      return
    }
    if corpus.count < Self.corpusMax {
      corpus.append((scenario, recording.lines))
    } else {
      corpus[next] = (scenario, recording.lines)
      next = (next + 1) % Self.corpusMax
    }
  }

  /// A variation of a recording of that scenario by one to five edits; nil: there is none.
  public func variation(scenario: UInt64, seed: UInt64, stalls: Bool) -> Recording? {
    var draws = SplitMix(seed: Mixing.mix(seed, 0x307A7E))
    let candidates = corpus.filter { $0.scenario == scenario }
    guard !candidates.isEmpty else { return nil }
    var lines = candidates[Mixing.index(draws.next(), below: candidates.count)].lines
    if !stalls { lines.removeAll { $0.kind == .stall } }
    let threads = lines.filter { $0.kind == .run }.map(\.value)
    for _ in 0..<(1 + Mixing.index(draws.next(), below: 5)) { Self.edit(&lines, threads, &draws) }
    return Recording(lines: lines)
  }

  private static func edit(_ lines: inout [Recording.Line], _ threads: [String], _ draws: inout SplitMix) {
    let places = lines.indices.filter { lines[$0].kind == .run || lines[$0].kind == .stall }
    guard !places.isEmpty else { return }
    let at = places[Mixing.index(draws.next(), below: places.count)]
    switch Mixing.index(draws.next(), below: 4) {
    case 0: lines.remove(at: at)
    case 1: lines[at].occurrence = max(0, lines[at].occurrence + (draws.next() % 2 == 0 ? 1 : -1))
    case 2 where lines[at].kind == .run && !threads.isEmpty:
      lines[at].value = threads[Mixing.index(draws.next(), below: threads.count)]
    default:
      var copy = lines[at]
      copy.occurrence += 1 + Mixing.index(draws.next(), below: 3)
      lines.insert(copy, at: at + 1)
    }
  }
}
