public import ChaosRuntime

/// Puts the reports of a gauntlet's shards together again.
public enum GauntletMerge {
  /// Why reports are not parts of one gauntlet.
  public enum Problem: Error, Sendable, CustomStringConvertible {
    case notAReport(file: String)
    /// One thing that all parts share, such as `seed`, and the first file that has another.
    case differs(what: String, first: String, file: String)
    /// A case that two files have.
    case twice(id: String, first: String, file: String)
    /// A shard that the count does not have, or a report of no shard among others.
    case shard(file: String, text: String)

    public var description: String {
      switch self {
      case .notAReport(let file): "\(file): this is no JSON report of chaos gauntlet, format 1"
      case .differs(let what, let first, let file): "\(file) has another \(what) than \(first): one gauntlet has one"
      case .twice(let id, let first, let file): "\(file): \(id) is in \(first) as well; every case is in one shard"
      case .shard(let file, let text): "\(file): \(text)"
      }
    }
  }

  /// The whole, and the shards that no file has, such as `2/4`.
  public static func merge(
    _ files: [(name: String, json: JSON)], command: String
  ) throws(Problem) -> (report: GauntletReport, missing: [String]) {
    var cases: [GauntletCase] = []
    var results: [CaseResult] = []
    var homes: [String: String] = [:]
    var seconds = 0.0
    var wasInterrupted = false
    var jobs = 0
    for (name, json) in files {
      guard json["format"]?.int == 1, let items = json["cases"]?.array, json["seed"]?.numberText != nil else {
        throw .notAReport(file: name)
      }
      for what in ["seed", "build"] where text(json[what]) != text(files[0].json[what]) {
        throw .differs(what: what, first: files[0].name, file: name)
      }
      for item in items {
        guard let result = CaseResult(json: item), let title = item["title"]?.string,
          let replay = item["replay"]?.string
        else { throw .notAReport(file: name) }
        if let first = homes[result.id] { throw .twice(id: result.id, first: first, file: name) }
        homes[result.id] = name
        cases.append(
          GauntletCase(id: result.id, title: title, replay: replay, weight: result.schedules) { _ in result })
        results.append(result)
      }
      seconds = max(seconds, json["seconds"]?.double ?? 0)
      wasInterrupted = wasInterrupted || json["interrupted"]?.bool == true
      jobs += json["jobs"]?.int ?? 0
    }
    let missing = try missing(files)
    let result = Gauntlet.Result(results: results, seconds: seconds, wasInterrupted: wasInterrupted)
    var report = GauntletReport(
      cases: cases, result: result, seed: files.first.flatMap { UInt64($0.json["seed"]?.numberText ?? "") } ?? 0,
      jobs: jobs, budgetSeconds: nil, command: command)
    report.build = files.first?.json["build"]?.string
    report.missingShards = missing
    return (report, missing)
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
