import ChaosRuntime
import Checks
import Exploration
import FaultInjection
import HistoricalBugs
import PaperSession
import Testing

/// Short ways to the sessions of these tests.
enum Sessions {
  static let faultNames = EmbeddedFaults.files.map(\.name)
  static let bugIds = AllBugs.all.map(\.id)

  /// Every `step`th bug from `first` on, for what holds for each alike; a gauntlet and `chaos bench determinism` run all.
  static func bugs(from first: Int, step: Int) -> [String] {
    bugIds.enumerated().filter { $0.offset % step == first }.map(\.element)
  }

  static func source(_ name: String) throws -> PaperInputs.FaultSource {
    let file = try #require(EmbeddedFaults.files.first { $0.name == name }, "no embedded fault is called \(name)")
    return .file(name: "\(name).toml", text: file.text)
  }

  static func fault(_ name: String) throws -> Fault {
    let file = try #require(EmbeddedFaults.files.first { $0.name == name })
    return try FaultFile.parse(file.text, file: file.name, sites: PaperSites.definitions)
  }

  /// The fault with every step of every plan at probability 0.
  static func inert(_ fault: Fault) -> PaperInputs.FaultSource { .oneLine(inertLine(fault)) }

  /// The id under which the inert fault is counted.
  static func inertId(_ fault: Fault) throws -> String { try Fault(oneLine: inertLine(fault)).id }

  private static func inertLine(_ fault: Fault) -> String {
    var fault = fault
    for inject in fault.injects.indices {
      for step in fault.injects[inject].plan.steps.indices {
        fault.injects[inject].plan.steps[step].probability = 0
      }
    }
    return fault.oneLine
  }

  static func bug(_ id: String) throws -> HistoricalBug { try #require(AllBugs.named(id)) }

  /// An arm of a bug's proof, under the first fault that provokes it or under its condition.
  ///
  /// - Parameter checks: names of those that judge it; nil: all.
  static func arm(
    _ bug: String, original: Bool, armed: Bool, judgedBy checks: [String]? = nil
  ) throws -> PaperSystem {
    var system = try arm(bug, revision: original ? "original" : nil, armed: armed)
    system.judgedBy = checks.map(Set.init)
    return system
  }

  /// The same for any revision; nil: the engine's own parts.
  static func arm(_ bug: String, revision: String?, armed: Bool) throws -> PaperSystem {
    let fault = try self.bug(bug).provokedBy.faults.first
    var system = try PaperSystem(
      PaperInputs(
        kind: .proof, bug: bug, revisions: revision.map { [.init(bug: bug, revision: $0)] } ?? [],
        faults: fault.map { [try source($0)] } ?? [], isCalm: fault == nil && !armed))
    system.isFaultArmed = armed
    return system
  }

  /// The original under its fault, for real threads.
  static func live(_ bug: String) throws -> PaperSystem {
    let fault = try #require(try self.bug(bug).provokedBy.faults.first)
    return try PaperSystem(
      PaperInputs(
        kind: .proof, bug: bug, revisions: [.init(bug: bug, revision: "original")], faults: [source(fault)]),
      isLive: true)
  }

  /// Checks that judge every arm of a bug besides its signature.
  static func checks(_ bug: HistoricalBug) throws -> [String] {
    try bug.provokedBy.condition?.checks ?? fault(try #require(bug.provokedBy.faults.first)).expect.checks
  }

  /// The paper session, by default under the everyday mix.
  static func paper(_ faults: [PaperInputs.FaultSource]? = nil, original bug: String? = nil) throws -> PaperSystem {
    try PaperSystem(
      PaperInputs(
        kind: .paper, revisions: bug.map { [.init(bug: $0, revision: "original")] } ?? [],
        faults: faults ?? [source("everyday")]))
  }

  /// The inputs of a session in which the fault has something to act on.
  static func suitable(for fault: String, _ sources: [PaperInputs.FaultSource]) -> PaperInputs {
    guard let bug = AllBugs.all.first(where: { $0.provokedBy.faults.contains(fault) }) else {
      return PaperInputs(kind: .paper, faults: sources)
    }
    return PaperInputs(kind: .proof, bug: bug.id, faults: sources)
  }

  static func record(_ report: RunReport) throws -> SessionRecord {
    try SessionRecord(files: SessionFiles(report.judgement.files))
  }

  static func explored(_ seed: UInt64, stalls: Bool = false) -> RunRequest {
    RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .explore(stalls: stalls))
  }

  static func nominal(_ seed: UInt64) -> RunRequest {
    RunRequest(scenarioSeed: seed, scheduleSeed: seed, schedule: .nominal)
  }
}

/// Every file but those named stands in both with the same bytes.
func expectSameFiles(
  _ a: RunReport, _ b: RunReport, except names: Set<String> = [], _ comment: Comment? = nil,
  _ at: SourceLocation = #_sourceLocation
) {
  let left = a.judgement.files.filter { !names.contains($0.path) }
  let right = b.judgement.files.filter { !names.contains($0.path) }
  #expect(left.map(\.path) == right.map(\.path), comment, sourceLocation: at)
  for (x, y) in zip(left, right) where x.bytes != y.bytes {
    Issue.record("\(x.path) differs in \(difference(x.bytes, y.bytes)); \(comment?.rawValue ?? "")", sourceLocation: at)
  }
}

/// The first line that differs, for messages.
private func difference(_ a: [UInt8], _ b: [UInt8]) -> String {
  let x = a.split(separator: 0x0A, omittingEmptySubsequences: false)
  let y = b.split(separator: 0x0A, omittingEmptySubsequences: false)
  for (index, (left, right)) in zip(x, y).enumerated() where left != right {
    return "line \(index + 1):\n\(String(decoding: left, as: UTF8.self))\n\(String(decoding: right, as: UTF8.self))"
  }
  return "length: \(x.count) and \(y.count) lines"
}
