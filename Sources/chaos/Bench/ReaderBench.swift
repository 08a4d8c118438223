import Basics
import ChaosRuntime
import Exploration
import Glibc
import Proof

/// `chaos bench readers`: spoiled documents of every kind, by the million, to every reader of files from outside.
///
/// A document is a function of the seed and its number. Forked workers read them, so that a trap or an endless loop costs
/// one batch, and is told with its reader and document.
struct ReaderBench {
  static let options = [
    Option("documents", "N", "readers: damaged documents to read (default 20000)"),
    Option(
      "reader", "NAME", "readers: only those whose name contains this, such as WebSocket; repeatable",
      isRepeatable: true),
    Option("jobs", "N", "readers: forked workers (default: one per core)"),
    Option("drill", "KIND", "readers: document 100 fails on purpose: trap or loop"),
    Option("guard", "S", "readers: seconds one document may take (10)"),
    Option("out", "DIR", "readers: documents that crashed a reader are written here (default runs)"),
  ]

  /// Documents of one batch.
  private static let batch = 1000
  private static let drillAt = 100

  private let seed: UInt64
  private let documents: Int
  private let readers: [DocumentReader]
  private let drill: String?
  /// The reader of each share.
  private let turns: [Int]

  private init(seed: UInt64, documents: Int, drill: String?, names: [String]) throws(UsageError) {
    self.seed = seed
    self.documents = documents
    self.drill = drill
    let all = try DocumentReader.all(seed: 1)
    let readers = names.isEmpty ? all : all.filter { reader in names.contains { reader.name.contains($0) } }
    if readers.isEmpty {
      throw UsageError(text: "--reader: there are \(all.map(\.name).joined(separator: ", "))")
    }
    self.readers = readers
    turns = readers.indices.flatMap { [Int](repeating: $0, count: readers[$0].share) }
  }

  static func run(_ arguments: Arguments) throws(UsageError) -> Int32 {
    let drill = arguments["drill"]
    if let drill, !["trap", "loop"].contains(drill) {
      throw UsageError(text: "--drill expects trap or loop, not '\(InputError.shown(drill))'")
    }
    let jobs = try arguments.int("jobs", in: 1...256) ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let guardSeconds = try arguments.int("guard", in: 1...3600) ?? 10
    let bench = try ReaderBench(
      seed: try CommonOptions.seed(arguments),
      documents: try arguments.int("documents", in: 1...1_000_000_000) ?? 20_000,
      drill: drill, names: arguments.all("reader"))
    return bench.run(
      jobs: jobs, guardSeconds: guardSeconds, out: arguments["out"] ?? "runs", isJSON: arguments.has("json"))
  }

  // MARK: Documents

  private func document(_ number: Int) -> (reader: DocumentReader, bytes: [UInt8]) {
    var mutator = DocumentMutator(seed: Mixing.mix(seed, UInt64(number)))
    let reader = readers[turns[Mixing.index(Mixing.mix(seed, UInt64(number), 1), below: turns.count)]]
    let samples = reader.samples
    let one = samples[Mixing.index(Mixing.mix(seed, UInt64(number), 2), below: samples.count)]
    let other = samples[Mixing.index(Mixing.mix(seed, UInt64(number), 3), below: samples.count)]
    return (reader, mutator.spoiled(one, other: other))
  }

  private func goWrong() {
    if drill == "trap" { fatalError("a drill of bench readers") }
    var turns: UInt64 = 0
    while turns < .max { turns &+= 1 }
  }

  // MARK: Batches

  private func cases() -> [GauntletCase] {
    stride(from: 0, to: documents, by: Self.batch).map { start in
      let end = min(documents, start + Self.batch)
      let id = "readers/\(start)"
      let replay = "chaos bench readers --seed \(seed)"
      return GauntletCase(id: id, title: "documents from \(start)", replay: replay, weight: end - start) { run in
        var counts = [(taken: Int, refused: Int)](repeating: (0, 0), count: readers.count)
        for number in start..<end {
          let (reader, bytes) = document(number)
          run.begin(
            "\(reader.name), document \(number)",
            RunRequest(scenarioSeed: seed, scheduleSeed: UInt64(number), schedule: .nominal))
          if number == Self.drillAt, drill != nil { goWrong() }
          let isTaken = reader.read(bytes)
          guard let index = readers.firstIndex(where: { $0.name == reader.name }) else { continue }
          if isTaken { counts[index].taken += 1 } else { counts[index].refused += 1 }
        }
        var result = CaseResult(id: id, .passed, "")
        result.schedules = end - start
        result.figures = zip(readers, counts).flatMap { reader, count in
          [("\(reader.name)+", Double(count.taken)), ("\(reader.name)-", Double(count.refused))]
        }
        return result
      }
    }
  }

  private func run(jobs: Int, guardSeconds: Int, out: String, isJSON: Bool) -> Int32 {
    Interruption.beginAsking()
    Terminal.note("readers: \(documents) documents, \(readers.count) readers, seed \(seed), \(jobs) workers")
    let bar = Progress("readers")
    let options = GauntletOptions(
      jobs: jobs, guardSeconds: guardSeconds, now: { WallClock.monotonic }, processorSeconds: { WallClock.processor })
    var lost: [String] = []
    let result = Gauntlet(cases(), options: options).run(
      progress: { bar.show($0) },
      finished: { result in
        guard result.outcome == .crashed || result.outcome == .failed else { return }
        bar.finish()
        lost.append(result.id)
        Terminal.print("✗ \(result.worstArm?.text ?? result.id)")
        if let path = keep(result.worstArm?.text ?? "", in: out) { Terminal.print("  the document: \(path)") }
      }, isInterrupted: { Interruption.isRequested })
    bar.finish()
    let read = result.results.reduce(0) { $0 + $1.schedules }
    let rate = result.seconds > 0 ? Double(read) / result.seconds : 0
    var counts: [(name: String, value: JSON)] = []
    for reader in readers {
      func sum(_ sign: String) -> Int {
        Int(result.results.reduce(0.0) { $0 + ($1[figure: reader.name + sign] ?? nil ?? 0) })
      }
      let (taken, refused) = (sum("+"), sum("-"))
      counts.append((reader.name, .object([("accepted", .int(taken)), ("refused", .int(refused))])))
      if !isJSON {
        Terminal.print("  \(Verbs.pad(reader.name, 30))accepted \(Verbs.pad("\(taken)", 9))refused \(refused)")
      }
    }
    if isJSON {
      let members: [(key: String, value: JSON)] = [
        ("seed", .number("\(seed)")), ("documents", .int(read)), ("lost", .int(lost.count)),
        ("readers", .object(counts.map { ($0.name, $0.value) })),
      ]
      Terminal.print(JSON.object(members).pretty(), newline: false)
    } else {
      Terminal.print(
        "readers: \(read) of \(documents) documents read, \(JSON.double(rate, places: 0).text) a second, "
          + "\(lost.count) batches lost")
    }
    let isWhole = lost.isEmpty && read == documents
    return Interruption.exitCode(lost.isEmpty ? (isWhole ? ExitCode.pass : ExitCode.inconclusive) : ExitCode.failed)
  }

  /// Writes the document that a worker died of; the worker's last words name its number.
  private func keep(_ words: String, in folder: String) -> String? {
    guard let range = words.firstRange(of: ", document ") else { return nil }
    guard let number = Int(words[range.upperBound...].prefix { $0.isNumber }), (0..<documents).contains(number) else {
      return nil
    }
    let (reader, bytes) = document(number)
    let name = String(reader.name.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "_" })
    if case .failure = FileDisk.makeDirectory(folder) { return nil }
    let path = "\(folder)/reader-\(name)-\(number)"
    return Outputs.replace(bytes, at: path) == nil ? path : nil
  }
}
