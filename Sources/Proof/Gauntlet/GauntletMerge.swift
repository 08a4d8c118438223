public import Basics

/// Puts the reports of a gauntlet's shards together again.
public enum GauntletMerge {
  /// Why reports are not parts of one gauntlet.
  public enum Problem: Error, Sendable, CustomStringConvertible {
    /// The file is JSON of another kind, or of a format that this build does not read.
    case notAReport(file: String)
    /// A member of a report that is missing, of another type, or beyond its range.
    case malformed(InputError)
    /// One thing that all parts share, such as `seed`, and the first file that has another.
    case differs(what: String, first: String, file: String)
    /// A case that two files have.
    case twice(id: String, first: String, file: String)
    /// A shard that the count does not have, or a report of no shard among others.
    case shard(file: String, text: String)

    /// The file and what is wrong with it.
    public var description: String {
      switch self {
      case .notAReport(let file): "\(file): this is not a JSON report of chaos gauntlet, format 1"
      case .malformed(let error): error.description
      case .differs(let what, let first, let file): "\(file) has another \(what) than \(first): one gauntlet has one"
      case .twice(let id, let first, let file): "\(file): \(id) is in \(first) as well; every case is in one shard"
      case .shard(let file, let text): "\(file): \(text)"
      }
    }
  }

  /// The whole, and the shards that no file has, such as `2/4`.
  ///
  /// - Throws: `Problem` when the files are not parts of one gauntlet.
  public static func merge(
    _ files: [(name: String, json: JSON)], command: String
  ) throws(Problem) -> (report: GauntletReport, missing: [String]) {
    var cases: [GauntletCase] = []
    var results: [CaseResult] = []
    var homes: [String: String] = [:]
    var seconds = 0.0
    var wasInterrupted = false
    var jobs = 0
    var seed: UInt64 = 0
    for (name, json) in files {
      guard json["format"]?.int == 1, json["cases"]?.array != nil, json["seed"]?.numberText != nil else {
        throw .notAReport(file: name)
      }
      for what in ["seed", "build"] where text(json[what]) != text(files[0].json[what]) {
        throw .differs(what: what, first: files[0].name, file: name)
      }
      let parts: Parts
      do throws(InputError) { parts = try Parts(InputValue(json, file: name)) } catch { throw .malformed(error) }
      for (result, title, replay) in parts.cases {
        if let first = homes[result.id] { throw .twice(id: result.id, first: first, file: name) }
        homes[result.id] = name
        cases.append(
          GauntletCase(id: result.id, title: title, replay: replay, weight: result.schedules) { _ in result })
        results.append(result)
      }
      seed = parts.seed
      seconds = max(seconds, parts.seconds)
      wasInterrupted = wasInterrupted || parts.wasInterrupted
      jobs += parts.jobs
    }
    let missing = try missing(files)
    let result = Gauntlet.Result(results: results, seconds: seconds, wasInterrupted: wasInterrupted)
    var report = GauntletReport(
      cases: cases, result: result, seed: seed, jobs: jobs, budgetSeconds: nil, command: command)
    report.build = files.first?.json["build"]?.string
    report.missingShards = missing
    return (report, missing)
  }

  /// What the whole is made of, from one report.
  private struct Parts {
    var cases: [(result: CaseResult, title: String, replay: String)] = []
    let seed: UInt64
    let seconds: Double
    let wasInterrupted: Bool
    let jobs: Int

    init(_ report: InputValue) throws(InputError) {
      seed = try report.required("seed").seed()
      seconds = try report["seconds"]?.number(in: 0...1e12) ?? 0
      wasInterrupted = try report["interrupted"]?.flag() ?? false
      jobs = try report["jobs"]?.integer(in: 0...1_000_000) ?? 0
      for item in try report.required("cases").items(max: 100_000) {
        cases.append(
          (try CaseResult(item), try item.required("title").text(), try item.required("replay").text(max: 1 << 20)))
      }
    }
  }

  private static func missing(_ files: [(name: String, json: JSON)]) throws(Problem) -> [String] {
    var count: Int?
    var seen: Set<Int> = []
    for (name, json) in files {
      guard let text = json["shard"]?.string else {
        if files.count > 1 { throw .shard(file: name, text: "it is a whole gauntlet, not a shard of one") }
        return []
      }
      guard let shard = GauntletShard(text) else { throw .notAReport(file: name) }
      if let count, count != shard.count {
        throw .shard(file: name, text: "it is shard \(text), the files before it are shards of \(count)")
      }
      count = shard.count
      seen.insert(shard.index)
    }
    guard let count else { return [] }
    return (1...count).filter { !seen.contains($0) }.map { "\($0)/\(count)" }
  }

  private static func text(_ json: JSON?) -> String { json?.text ?? "" }
}
