public import Basics
import ChaosRuntime

/// Reads the files of a session from the field.
public struct SessionReader {
  /// What shall be read.
  public struct Input: Sendable {
    /// A session's directory; nil: single files.
    public var directory: String?
    /// Single files with the side that the user says they are of.
    public var files: [(path: String, side: FieldMap.Side)] = []
    /// The user's map; nil: told by the files' names and contents.
    public var map: FieldMap?
    /// Seconds ahead of UTC for times that name no zone; nil: not given.
    public var zone: Int?
    /// Share of broken lines that is accepted, in percent; nil: the map's.
    public var brokenMax: Double?

    /// Nothing yet.
    public init() {}
  }

  /// Files of one session, and folders in folders.
  private static let filesMax = 2000
  private static let depthMax = 4

  private let input: Input
  private let progress: (Int, Int) -> Bool
  private var builder: SessionBuilder
  private var map: FieldMap
  private var seen: [FieldMap.Side: Set<UInt64>] = [:]
  /// Rows without a name of their own: how often each stood in one file at most.
  private var rows: [UInt64: Int] = [:]

  /// Reads everything.
  ///
  /// - Parameter progress: gets bytes that were read and bytes in all, now and then; false ends the reading.
  /// - Throws: `InputError` for what cannot be read, more broken lines than are accepted, a zone that has to be asked for,
  ///   and a directory or file of which no map says what it is.
  public static func read(_ input: Input, progress: @escaping (Int, Int) -> Bool = { _, _ in true }) throws(InputError)
    -> FieldSession
  {
    var reader = try SessionReader(input, progress)
    try reader.readAll()
    return reader.builder.session
  }

  /// The same of files that are in memory; those that the map does not know are left out.
  ///
  /// - Throws: `InputError` for what `read(_:progress:)` refuses too.
  package static func read(files: [(path: String, bytes: [UInt8])], map: FieldMap) throws(InputError) -> FieldSession {
    var input = Input()
    input.map = map
    var reader = try SessionReader(input, { _, _ in true })
    for file in files {
      guard let index = map.source(of: file.path) else { continue }
      try reader.read(LineStream(file.bytes, path: file.path), file.path, map.sources[index], 0, 0)
    }
    reader.builder.finish()
    return reader.builder.session
  }

  /// Seconds ahead of UTC that a zone such as `+08:00` or `UTC` means; nil: it is none.
  public static func zone(_ text: String) -> Int? { FieldTime.zone(named: text) }

  private init(_ input: Input, _ progress: @escaping (Int, Int) -> Bool) throws(InputError) {
    self.input = input
    self.progress = progress
    let path = input.directory ?? input.files.first?.path ?? ""
    let names = input.directory.map(Self.names) ?? input.files.map(\.path)
    map = input.map ?? Self.guess(names)
    builder = SessionBuilder(path: path, map: map.name)
  }

  /// Our own sessions have an event log below logs/; the bot's have none of ours.
  private static func guess(_ names: [String]) -> FieldMap {
    let fits: (FieldMap) -> Int = { map in names.reduce(0) { $0 + (map.source(of: $1) == nil ? 0 : 1) } }
    let isOurs = names.contains { $0.contains("events_") || $0.hasSuffix("logs/exchange.jsonl") }
    if isOurs, fits(.chaos) > 0 { return .chaos }
    if fits(.bot) > 0 { return .bot }
    return FieldMap(name: "files that say what they are", sources: [])
  }

  /// Paths of the files below a directory, sorted.
  private static func names(_ directory: String) -> [String] {
    var found: [String] = []
    func walk(_ relative: String, _ depth: Int) {
      for name in Files.names(in: relative.isEmpty ? directory : "\(directory)/\(relative)")
      where found.count < filesMax {
        let path = relative.isEmpty ? name : "\(relative)/\(name)"
        if Files.isDirectory("\(directory)/\(path)") {
          if depth < depthMax { walk(path, depth + 1) }
        } else {
          found.append(path)
        }
      }
    }
    walk("", 0)
    return found
  }

  private mutating func readAll() throws(InputError) {
    var jobs: [(full: String, shown: String, source: FieldMap.Source)] = []
    if let directory = input.directory {
      guard Files.isDirectory(directory) else { throw InputError(file: directory, "there is no such directory") }
      for name in Self.names(directory) {
        if let source = try source(of: name, at: "\(directory)/\(name)", side: nil) {
          jobs.append(("\(directory)/\(name)", name, source))
        }
      }
      if jobs.isEmpty {
        throw InputError(
          file: directory,
          "no file here is known; write a map and hand it in with --map, or name files with --log and --truth")
      }
    }
    readDocuments()
    for file in input.files where !file.path.hasSuffix("stackdump.txt") {
      guard let source = try source(of: file.path, at: file.path, side: file.side) else {
        throw InputError(
          file: file.path, "nothing says what this file's fields mean; write a map and hand it in with --map")
      }
      jobs.append((file.path, file.path, source))
    }
    // Whoever names single files knows which ones there are.
    if input.directory != nil { noteMissing(jobs.map(\.source.name)) }
    var streams: [LineStream] = []
    for job in jobs { streams.append(try LineStream(job.full)) }
    let total = streams.reduce(0) { $0 + $1.size }
    var done = 0
    for (job, stream) in zip(jobs, streams) {
      try read(stream, job.shown, job.source, done, total)
      done += stream.size
    }
    builder.finish()
    let told = builder.session.files.reduce(0) { $0 + $1.told }
    if told == 0 {
      let lines = builder.session.files.reduce(0) { $0 + $1.lines }
      throw InputError(
        file: builder.session.path,
        lines == 0
          ? "the files are empty" : "none of \(lines) lines tells of an order, a balance or a call; is the map right?")
    }
  }

  /// What is no line of a log or a table: a stack dump, the metrics. One that cannot be read is as one that is not there.
  private mutating func readDocuments() {
    let directory = input.directory
    let paths =
      directory.map { "\($0)/stackdump.txt" } ?? input.files.first { $0.path.hasSuffix("stackdump.txt") }?.path
    let dump = paths.flatMap { try? InputFile.bytes($0, .dump) }
    let metrics = directory.flatMap { try? InputFile.bytes("\($0)/metrics/summary.json", .document) }
    let isWhole = directory.map { Files.exists("\($0)/run.json") } ?? false
    builder.change { session in
      session.dump = dump
      session.metrics = metrics
      session.isWholeDirectory = isWhole
    }
  }

  private mutating func noteMissing(_ found: [String]) {
    for source in map.sources where !found.contains(source.name) && !source.cost.isEmpty {
      builder.change { $0.missing.append((source.files.first ?? source.name, source.cost)) }
    }
  }

  /// What a file is: by the map, else by what it says itself.
  private func source(of name: String, at path: String, side: FieldMap.Side?) throws(InputError) -> FieldMap.Source? {
    if let index = map.source(of: name) {
      let source = map.sources[index]
      if side == nil || side == source.side { return source }
    }
    let plain = FieldMap.unrotated(name).lowercased()
    let isTable = [".csv", ".tsv", ".txt"].contains { plain.hasSuffix($0) }
    guard isTable || plain.hasSuffix(".jsonl") || plain.hasSuffix(".json") || side != nil else { return nil }
    let stream = try LineStream(path)
    guard let first = try stream.next() else { return nil }
    if first.first == 0x7B {
      let text = String(decoding: first, as: UTF8.self)
      guard case .some(.object(let members)) = try? JSON.parse(text) else { return nil }
      if let known = FieldMap.recognised(members.map(\.key) + Self.inner(members), .json) { return known }
      // A log of the kind that ours and the historical bot's are.
      guard side == .log else { return nil }
      return members.contains { $0.key == "timestamp" }
        ? FieldMap.chaos.sources.first : FieldMap.bot.sources.first
    }
    guard let cells = CSVWalk(separator: CSVWalk.separator(of: first)).cells(first) else { return nil }
    return FieldMap.recognised(cells.map(CSVWalk.plain), .csv)
  }

  private static func inner(_ members: [(key: String, value: JSON)]) -> [String] {
    members.flatMap { member in (member.value.members ?? []).map { "\(member.key).\($0.key)" } }
  }

  // MARK: One file

  private mutating func read(
    _ stream: LineStream, _ shown: String, _ source: FieldMap.Source, _ done: Int, _ total: Int
  ) throws(InputError) {
    builder.add(FieldFile(path: shown, source: source.name, side: source.side))
    let index = builder.session.files.count - 1
    var file = FileReader(source, file: index, shown, zone: input.zone)
    while let line = try stream.next() {
      if stream.line & 0x3FFF == 0, !progress(done + stream.bytesRead, total) {
        throw InputError(file: shown, place: "\(stream.line)", "the reading was ended here")
      }
      if line.isEmpty, !stream.isTooLong { continue }
      let outcome = try file.read(line, stream.line)
      switch outcome {
      case .nothing: break
      case .broken:
        if stream.isUnterminated {
          builder.change { $0.files[index].isTorn = true }
        } else {
          broken(index, stream.line)
        }
      case .told(let fields, let time): take(fields, time, line, file, index)
      }
    }
    if stream.isCutOff {
      builder.change {
        $0.files[index].isTorn = true
        $0.files[index].isCutOff = true
      }
    }
    finish(file, index)
    try judge(index)
  }

  private mutating func broken(_ index: Int, _ line: Int) {
    builder.change {
      $0.files[index].broken.count += 1
      if $0.files[index].broken.first.count < 3 { $0.files[index].broken.first.append(line) }
    }
  }

  private mutating func take(
    _ fields: LineFields, _ time: Instant, _ line: UnsafeBufferPointer<UInt8>, _ file: FileReader, _ index: Int
  ) {
    builder.change { $0.files[index].told += 1 }
    let hash = Self.hash(line)
    if file.source.format == .csv, fields[.tradeId] == nil, fields[.orderId] == nil {
      let count = file.count(hash)
      if count <= rows[hash, default: 0] {
        builder.change { $0.files[index].copies += 1 }
        return
      }
      rows[hash] = count
      if count > 1 { builder.change { $0.files[index].twins += 1 } }
    } else if !seen[file.source.side, default: []].insert(hash).inserted {
      builder.change { $0.files[index].copies += 1 }
      return
    }
    if !builder.take(fields, at: time, file.source) { broken(index, fields.place.line) }
  }

  private mutating func finish(_ file: FileReader, _ index: Int) {
    builder.change {
      $0.files[index].lines = file.lines
      $0.files[index].disordered = file.disordered
      $0.files[index].span = file.span
      $0.files[index].setBack = file.setBack
      $0.files[index].isWithoutZone = file.isWithoutZone
      $0.events += file.events
    }
  }

  private func judge(_ index: Int) throws(InputError) {
    let file = builder.session.files[index]
    let max = input.brokenMax ?? map.brokenMax
    // One line of a short file is no sign of a wrong map.
    if file.broken.count == 1, file.lines >= 3 { return }
    guard file.broken.count > 0, Double(file.broken.count) * 100 > max * Double(file.lines) else { return }
    let places = file.broken.first.map(String.init).joined(separator: ", ")
    throw InputError(
      file: file.path, place: places,
      "\(file.broken.count) of \(file.lines) lines cannot be read, more than \(JSON.double(max).text) %; --broken-max accepts more"
    )
  }

  /// FNV-1a over eight bytes at a time: lines of one log are rarely equal, and only equal ones may collide often.
  private static func hash(_ line: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in line { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
