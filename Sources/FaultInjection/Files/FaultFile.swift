import Basics

/// Reads `faults/<id>.toml`.
public enum FaultFile {
  /// The one version of the format.
  static let schema: Int64 = 1

  /// The fault in `text`; mistakes are shown with their place in `file`.
  ///
  /// With `sites` it also says what no site of the program understands; without, the injector does, with no place. With
  /// `checks`, the names of all there are, it refuses any other name.
  ///
  /// - Throws: `FaultFileError` that points at the first mistake.
  public static func parse(
    _ text: String, file: String, sites: [SiteDefinition]? = nil, checks: [String]? = nil
  ) throws(FaultFileError) -> Fault {
    let document = try TOMLDocument(parsing: text, file: file)
    return try FaultFileReader(document: document, sites: sites, checks: checks).fault()
  }
}

/// Gives the tables of one document their meaning.
struct FaultFileReader {
  let document: TOMLDocument
  let sites: [SiteDefinition]?
  let checks: [String]?

  private static let keys = [
    "schema", "id", "aliases", "title", "severity", "layers", "tags", "why", "inject", "expect",
  ]
  private static let injectKeys = ["site", "match", "per", "after", "every", "when", "window", "ttl", "thread", "plan"]
  private static let expectKeys = ["fired_min", "detected_by", "detect_ms", "recover_ms", "checks"]
  private static let layers = ["memory", "wire"]
  /// Letters of an id or alias at most.
  private static let idMax = 64

  func fault() throws(SourceError) -> Fault {
    let fields = try TOMLFields(document, document.root, "the fault", Self.keys)
    let schema = try fields.required("schema")
    guard schema.integer == FaultFile.schema else {
      throw document.error(at: schema, "this program reads schema \(FaultFile.schema)")
    }
    let severityValue = try fields.required("severity")
    let severityText = try fields.text(severityValue, "severity")
    let severities = Fault.Severity.allCases.map(\.rawValue)
    guard let severity = Fault.Severity(rawValue: severityText) else {
      throw document.error(
        at: severityValue, "severity is one of \(severities.joined(separator: ", "))",
        meant: Suggestion.closest(to: severityText, in: severities))
    }
    let id = try fields.required("id")
    var fault = Fault(id: try name(id, "id", fields), title: "", severity: severity, injects: [])
    fault.title = try fields.text(fields.required("title"), "title")
    for alias in try fields.values("aliases") { fault.aliases.append(try name(alias, "aliases", fields)) }
    for layer in try fields.values("layers") {
      let text = try fields.text(layer, "layers")
      guard Self.layers.contains(text) else {
        throw document.error(
          at: layer, "layers are \(Self.layers.joined(separator: ", "))",
          meant: Suggestion.closest(to: text, in: Self.layers))
      }
      fault.layers.append(text)
    }
    fault.tags = try fields.texts("tags")
    if let why = fields["why"] { fault.why = try fields.text(why, "why") }
    fault.injects = try injects(fields)
    if let expect = fields["expect"] { fault.expect = try self.expect(expect) }
    return fault
  }

  private func name(_ value: TOMLValue, _ key: String, _ fields: TOMLFields) throws(SourceError) -> String {
    let text = try fields.text(value, key)
    let isName = text.utf8.allSatisfy { byte in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || ASCII.isDigit(byte) || "-_.".utf8.contains(byte)
    }
    guard isName, let first = text.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "-"),
      text.utf8.count <= Self.idMax
    else {
      throw document.error(at: value, "a name has 1 to \(Self.idMax) lower-case letters, digits, '-', '_' and '.'")
    }
    return text
  }

  // MARK: Injects

  private func injects(_ fields: TOMLFields) throws(SourceError) -> [Fault.Inject] {
    guard let value = fields["inject"] else {
      throw document.source.error(at: document.source.bytes.count, "the fault has no [[inject]]")
    }
    guard let tables = value.array, !tables.isEmpty else {
      throw document.error(at: value, "injects are written as tables: [[inject]]")
    }
    guard tables.count <= GrammarReader.injectsMax else {
      throw document.error(at: value, "a fault has at most \(GrammarReader.injectsMax) injects")
    }
    var injects: [Fault.Inject] = []
    for item in tables {
      guard let table = item.table else { throw document.error(at: item, "injects are written as tables: [[inject]]") }
      injects.append(try inject(TOMLFields(document, table, "[[inject]]", Self.injectKeys, at: item.offset)))
    }
    return injects
  }

  private func inject(_ fields: TOMLFields) throws(SourceError) -> Fault.Inject {
    let site = try fields.required("site")
    let plan = try fields.required("plan")
    var inject = Fault.Inject(
      site: try fields.read(site, "site") { reader throws(GrammarError) in try reader.site() },
      plan: try fields.read(plan, "plan") { reader throws(GrammarError) in try reader.plan() })
    inject.match = try match(fields)
    if let per = fields["per"] { inject.per = try fields.text(per, "per") }
    inject.after = try fields.count("after", min: 0) ?? 0
    inject.every = try fields.count("every", min: 1) ?? 1
    if let when = fields["when"] {
      inject.when = try fields.read(when, "when") { reader throws(GrammarError) in try reader.states() }
    }
    if let window = fields["window"] {
      inject.window = try fields.read(window, "window") { reader throws(GrammarError) in try reader.window() }
    }
    if let ttl = fields["ttl"] {
      inject.ttl = try fields.read(ttl, "ttl") { reader throws(GrammarError) in try reader.duration() }
    }
    if let thread = fields["thread"] { inject.thread = try fields.text(thread, "thread") }
    if let sites, let problem = SiteCheck.problem(inject, in: sites) {
      throw document.source.error(at: place(of: problem, fields, site), problem.message, meant: problem.meant)
    }
    return inject
  }

  private func match(_ fields: TOMLFields) throws(SourceError) -> [Fault.Condition] {
    guard let value = fields["match"] else { return [] }
    guard let table = value.table else { throw fields.mistyped(value, "match", "a table: { symbol = \"AIX/USDT\" }") }
    var conditions: [Fault.Condition] = []
    for entry in table.entries {
      switch entry.value.kind {
      case .string:
        let condition = try fields.read(entry.value, entry.key) { reader throws(GrammarError) in
          try reader.matchValue(key: entry.key)
        }
        conditions.append(condition)
      case .integer(let number): conditions.append(Fault.Condition(key: entry.key, value: "\(number)"))
      case .float(let number) where number.isFinite:
        conditions.append(Fault.Condition(key: entry.key, value: "\(number)"))
      case .boolean(let flag): conditions.append(Fault.Condition(key: entry.key, value: "\(flag)"))
      default: throw fields.mistyped(entry.value, entry.key, "text or a number")
      }
    }
    return conditions
  }

  /// The key, action or code that no site understands; the site's name when it is the site itself.
  private func place(of problem: SiteCheck.Problem, _ fields: TOMLFields, _ site: TOMLValue) -> Int {
    switch problem.subject {
    case .site: return fields.place(of: problem.text, in: site)
    case .key:
      if let entry = fields["match"]?.table?.entries.first(where: { $0.key == problem.text }) { return entry.offset }
      return fields["per"].map { fields.place(of: problem.text, in: $0) } ?? site.offset
    case .value:
      let entry = fields["match"]?.table?.entries.first { $0.key == problem.key }
      return entry.map { fields.place(of: problem.text, in: $0.value) } ?? site.offset
    case .state: return fields["when"].map { fields.place(of: problem.text, in: $0) } ?? site.offset
    case .plan: return fields["plan"].map { fields.place(of: problem.text, in: $0) } ?? site.offset
    }
  }

  // MARK: Expect

  private func expect(_ value: TOMLValue) throws(SourceError) -> Fault.Expect {
    guard let table = value.table else { throw document.error(at: value, "[expect] is a table") }
    let fields = try TOMLFields(document, table, "[expect]", Self.expectKeys, at: value.offset)
    var expect = Fault.Expect()
    expect.firedMin = try fields.count("fired_min", min: 0) ?? 1
    expect.detectedBy = try fields.texts("detected_by")
    expect.detect = try fields.count("detect_ms", min: 1).map { .milliseconds($0) }
    expect.recover = try fields.count("recover_ms", min: 1).map { .milliseconds($0) }
    for value in try fields.values("checks") {
      let name = try fields.text(value, "checks")
      if let checks, !checks.contains(name) {
        throw document.error(
          at: value, "no check is called '\(name)'", meant: Suggestion.closest(to: name, in: checks))
      }
      expect.checks.append(name)
    }
    return expect
  }
}
