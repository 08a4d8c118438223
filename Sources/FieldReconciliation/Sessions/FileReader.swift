import Basics
import Trading

/// Reads the lines of one file as its source says.
struct FileReader {
  /// What a line came to.
  enum Outcome {
    /// It tells nothing of this session's orders, balances or calls.
    case nothing
    case broken
    case told(LineFields, Instant)
  }

  private(set) var source: FieldMap.Source
  private(set) var lines = 0
  private(set) var disordered = 0
  private(set) var isWithoutZone = false
  private let index: Int
  private let shown: String
  private var time: FieldTime
  private(set) var span: (first: Instant, last: Instant)?
  private(set) var setBack: [Int] = []
  /// What is added since the clock was set back.
  private var shift = Duration.zero
  private var rows: [UInt64: Int] = [:]

  // JSON
  private var walk: JSONWalk
  private let wanted: [FieldMap.Field]
  /// Slots of the candidates of each wanted field, and of the event's parts.
  private let slots: [Range<Int>]
  private let eventSlots: Range<Int>
  private let levelSlot: Int?
  private var table = EventTable()

  // CSV
  private var cutter: CSVWalk?
  private var columns: [FieldMap.Field: Int] = [:]
  private var columnCount = 0

  init(_ source: FieldMap.Source, file: Int, _ shown: String, zone: Int?) {
    self.source = source
    self.shown = shown
    index = file
    time = FieldTime(
      pattern: source.timePattern, unit: source.timeUnit, zone: source.zone ?? FieldTime.zone(in: shown) ?? zone)
    wanted = FieldMap.Field.allCases.filter { source.fields[$0] != nil }
    var paths: [String] = []
    var slots: [Range<Int>] = []
    // One path may serve two fields: each has a slot of its own name, so a repeated path is wanted once.
    func slot(_ path: String) -> Int {
      if let known = paths.firstIndex(of: path) { return known }
      paths.append(path)
      return paths.count - 1
    }
    var singles: [Int] = []
    for field in wanted {
      let start = singles.count
      for path in source.fields[field] ?? [] { singles.append(slot(path)) }
      slots.append(start..<singles.count)
    }
    let start = singles.count
    for path in source.event { singles.append(slot(path)) }
    eventSlots = start..<singles.count
    self.slots = slots
    order = singles
    levelSlot = source.fields[.level]?.first.map(slot)
    walk = JSONWalk(JSONWalk.Names(paths: paths), slots: paths.count)
    for entry in source.kinds { table.add(entry.event, entry.kind) }
  }

  /// Slot of each candidate.
  private let order: [Int]

  /// Events by name, with this file's first lines.
  var events: [FieldEvent] { table.events(file: index, side: source.side) }

  /// How often a row stood in this file, this time included.
  func count(_ hash: UInt64) -> Int { rows[hash] ?? 0 }

  /// - Throws: `InputError` where a table's times have no zone that anything states.
  mutating func read(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws(InputError) -> Outcome {
    if source.format == .csv { return try row(line, number) }
    lines += 1
    guard walk.read(line) else { return .broken }
    var kind = source.always
    var event = 0
    if !eventSlots.isEmpty {
      let (places, order) = (walk.places, order)
      guard let found = table.find(line, eventSlots.lazy.map { places[order[$0]] }) else { return .nothing }
      event = found
      let isError = levelSlot.map { Self.isError(line, walk.places[$0]) } ?? false
      kind = table.count(event, line: number, isError: isError) ?? kind
    }
    guard let kind else { return .nothing }
    var fields = LineFields(kind, FieldPlace(file: index, line: number))
    if !eventSlots.isEmpty { fields.event = table.name(event) }
    for (at, field) in wanted.enumerated() {
      for candidate in slots[at] {
        guard let text = Self.text(line, walk.places[order[candidate]]) else { continue }
        fields[field] = text
        break
      }
    }
    return finish(fields)
  }

  /// In whole units of the assets, as the map says what a number of this source is.
  private func inUnits(_ fields: LineFields) -> LineFields {
    var fields = fields
    for (field, unit) in source.units {
      guard let text = fields[field], let cell = FieldNumber.cell(text, assets: [], isComma: source.isDecimalComma),
        let value = try? cell.value.multiplied(by: unit, rounding: .halfEven)
      else { continue }
      let written = value.description + cell.asset
      fields[field] = source.isDecimalComma ? written.replacing(".", with: ",") : written
    }
    return fields
  }

  private mutating func finish(_ read: LineFields) -> Outcome {
    let fields = source.units.isEmpty ? read : inUnits(read)
    guard let text = fields[.time], let reading = time.read(text) else { return .broken }
    if reading.isWithoutZone { isWithoutZone = true }
    var time = reading.time + shift
    if !reading.hasOwnZone, source.side == .log, let last = span?.last,
      Self.summerTimeEnds.contains((last - time).seconds)
    {
      shift = shift + .seconds(3600)
      time = time + .seconds(3600)
      if setBack.count < 100 { setBack.append(fields.place.line) }
    }
    guard let span else {
      span = (time, time)
      return .told(fields, time)
    }
    if time < span.last { disordered += 1 }
    self.span = (min(span.first, time), max(span.last, time))
    return .told(fields, time)
  }

  /// Seconds by which a local clock that is set back by an hour is behind its last line; two minutes may have passed.
  private static let summerTimeEnds = 3480.0...3600.0

  private static func isError(_ line: UnsafeBufferPointer<UInt8>, _ place: Range<Int>) -> Bool {
    // ERROR or CRITICAL, in quotes.
    place.count > 2 && (line[place.lowerBound + 1] | 0x20 == 0x65 || line[place.lowerBound + 1] | 0x20 == 0x63)
  }

  /// A value as a text: what stands in the quotes, a number's digits, `true`, or a nested value as it is written.
  private static func text(_ line: UnsafeBufferPointer<UInt8>, _ place: Range<Int>) -> String? {
    guard !place.isEmpty else { return nil }
    let first = line[place.lowerBound]
    if first == 0x6E { return nil }
    guard first == 0x22 else { return String(decoding: UnsafeBufferPointer(rebasing: line[place]), as: UTF8.self) }
    let inside = UnsafeBufferPointer(rebasing: line[(place.lowerBound + 1)..<(place.upperBound - 1)])
    if inside.contains(0x5C) {
      return (try? JSON.parse(Array(line[place])))?.string
    }
    return String(decoding: inside, as: UTF8.self)
  }

  // MARK: Tables

  private mutating func row(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) throws(InputError) -> Outcome {
    guard let cutter else {
      try header(line)
      return .nothing
    }
    lines += 1
    guard let cells = cutter.cells(line), cells.count >= columnCount else { return .broken }
    guard let kind = source.always ?? kind(cells) else { return .nothing }
    var fields = LineFields(kind, FieldPlace(file: index, line: number))
    for (field, column) in columns { fields[field] = cells[column] }
    learnComma(fields)
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in line { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    rows[hash, default: 0] += 1
    let outcome = finish(fields)
    if case .told = outcome, isWithoutZone {
      throw InputError(
        file: shown, place: "\(number)",
        "its times name no zone, and neither its header nor its name does; say it with --zone, as in --zone UTC or --zone +08:00"
      )
    }
    return outcome
  }

  /// A table whose cells are apart by semicolons has decimal commas, where it has commas and no points behind them.
  private mutating func learnComma(_ fields: LineFields) {
    guard cutter?.separator == 0x3B, !source.isDecimalComma else { return }
    let cells = [FieldMap.Field.price, .average, .filled, .amount, .cost, .fee].compactMap { fields[$0] }
    source.isDecimalComma = cells.contains { cell in
      guard let comma = cell.lastIndex(of: ",") else { return false }
      return !cell[comma...].contains(".")
    }
  }

  private func kind(_ cells: [String]) -> FieldMap.Kind? {
    let text = source.event.compactMap { path in eventColumns[path].map { cells[$0] } }.joined(separator: ".")
    return source.kinds.first { $0.event == text }?.kind
  }

  private var eventColumns: [String: Int] = [:]

  private mutating func header(_ line: UnsafeBufferPointer<UInt8>) throws(InputError) {
    let cut = CSVWalk(separator: CSVWalk.separator(of: line))
    guard let cells = cut.cells(line) else {
      throw InputError(file: shown, place: "1", "the header's quotes do not end")
    }
    let names = cells.map(CSVWalk.plain)
    cutter = cut
    for field in wanted {
      for path in source.fields[field] ?? [] {
        guard let column = names.firstIndex(where: { FieldMap.column($0, is: path) }) else { continue }
        columns[field] = column
        // What a table says of itself counts before what the caller says of times that name no zone.
        if field == .time, source.zone == nil, let zone = FieldTime.zone(in: names[column]) { time.zone = zone }
        break
      }
    }
    for path in source.event { eventColumns[path] = names.firstIndex(of: CSVWalk.plain(path)) }
    for field in [FieldMap.Field.time, .symbol] where source.fields[field] != nil && columns[field] == nil {
      let wanted = (source.fields[field] ?? []).joined(separator: " or ")
      throw InputError(
        file: shown, place: "1",
        "the header has no column '\(wanted)'; it has \(InputError.shown(names.joined(separator: ", "), max: 200))")
    }
    columnCount = (columns.values.max() ?? 0) + 1
  }
}

/// The events of one file by their names: found without making a text of each.
struct EventTable {
  private struct Entry {
    var name: String
    var kind: FieldMap.Kind?
    var count = 0
    var errors = 0
    var line = 0
  }

  private var entries: [Entry] = []
  private var byHash: [UInt64: Int] = [:]
  private static let entriesMax = 10_000

  mutating func add(_ name: String, _ kind: FieldMap.Kind) {
    guard byHash[Self.hash(name.utf8)] == nil else { return }
    byHash[Self.hash(name.utf8)] = entries.count
    entries.append(Entry(name: name, kind: kind))
  }

  /// The event whose name the places make up, joined by points; nil: none of them is there.
  mutating func find(_ line: UnsafeBufferPointer<UInt8>, _ places: some Sequence<Range<Int>>) -> Int? {
    var hash = Self.seed
    var isFirst = true
    for place in places where !place.isEmpty {
      if !isFirst { hash = Self.step(hash, 0x2E) }
      isFirst = false
      let isQuoted = line[place.lowerBound] == 0x22
      for i in (place.lowerBound + (isQuoted ? 1 : 0))..<(place.upperBound - (isQuoted ? 1 : 0)) {
        hash = Self.step(hash, line[i])
      }
    }
    if isFirst { return nil }
    if let known = byHash[hash] { return known }
    guard entries.count < Self.entriesMax else { return nil }
    var name: [UInt8] = []
    for place in places where !place.isEmpty {
      if !name.isEmpty { name.append(0x2E) }
      let isQuoted = line[place.lowerBound] == 0x22
      name += line[(place.lowerBound + (isQuoted ? 1 : 0))..<(place.upperBound - (isQuoted ? 1 : 0))]
    }
    byHash[hash] = entries.count
    entries.append(Entry(name: String(decoding: name, as: UTF8.self), kind: nil))
    return entries.count - 1
  }

  /// Counts a line of an event and answers its kind.
  mutating func count(_ index: Int, line: Int, isError: Bool) -> FieldMap.Kind? {
    entries[index].count += 1
    if isError { entries[index].errors += 1 }
    if entries[index].line == 0 { entries[index].line = line }
    return entries[index].kind
  }

  func name(_ index: Int) -> String { entries[index].name }

  func events(file: Int, side: FieldMap.Side) -> [FieldEvent] {
    entries.filter { $0.count > 0 }.map {
      FieldEvent(
        name: $0.name, side: side, kind: $0.kind, count: $0.count, errors: $0.errors,
        first: FieldPlace(file: file, line: $0.line))
    }
  }

  private static let seed: UInt64 = 0xCBF2_9CE4_8422_2325

  @inline(__always)
  private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }

  private static func hash(_ text: some Sequence<UInt8>) -> UInt64 { text.reduce(seed) { step($0, $1) } }
}
