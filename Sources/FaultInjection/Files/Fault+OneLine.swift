import Basics

extension Fault {
  /// Bytes of a one-line fault at most.
  static let oneLineMax = 64 << 10

  /// Reads `site[key=value]@clause(...)=plan`; several injects are joined by `;`.
  ///
  /// The id is the first site's name and a hash of the text, so that two such faults never share a draw; the title is the
  /// text in its normal form. With `sites` it also says what no site of the program understands.
  ///
  /// - Throws: `FaultFileError` that points at the place, and says what was probably meant.
  public init(oneLine text: String, sites: [SiteDefinition]? = nil) throws(FaultFileError) {
    let source = SourceText(file: "--fault", bytes: Array(text.utf8))
    guard source.bytes.count <= Self.oneLineMax else {
      throw SourceText(file: "--fault", bytes: []).error(at: 0, "a one-line fault has at most \(Self.oneLineMax) bytes")
    }
    var reader = GrammarReader(text)
    let injects: [Inject]
    do throws(GrammarError) { injects = try reader.injects() } catch {
      throw source.error(at: error.offset, error.message, meant: error.meant)
    }
    let normal = injects.map(\.oneLine).joined(separator: "; ")
    let hash = String(Mixing.hash(normal) & 0xFFFF_FFFF, radix: 16)
    let padded = String(repeating: "0", count: 8 - hash.utf8.count) + hash
    self.init(id: "\(injects[0].site)-\(padded)", title: normal, injects: injects)
    guard let sites else { return }
    for (index, inject) in injects.enumerated() {
      if let problem = SiteCheck.problem(inject, in: sites) {
        let place = Self.place(of: problem.text, after: problem.key, inject: index, in: source.bytes)
        throw source.error(at: place, problem.message, meant: problem.meant)
      }
    }
  }

  /// The injects in the one-line form; reading it gives them back.
  public var oneLine: String { injects.map(\.oneLine).joined(separator: "; ") }

  /// Where a word of an inject stands, behind a key's name where it is the key's value; the inject's beginning when it
  /// cannot be found.
  private static func place(of word: String, after key: String?, inject index: Int, in bytes: [UInt8]) -> Int {
    var start = 0
    var isQuoted = false
    var number = 0
    for (i, byte) in bytes.enumerated() where number < index {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if byte == UInt8(ascii: ";"), !isQuoted {
        number += 1
        start = i + 1
      }
    }
    let inject = start
    if let key {
      let wanted = Array(key.utf8)
      // The last of the key's conditions is the one that cannot hold; the plan may have the same letters.
      let selector = bytes[start...].prefix { $0 != UInt8(ascii: "]") }
      for i in selector.indices where selector[i...].starts(with: wanted) { start = i + wanted.count }
    }
    let wanted = Array(word.utf8)
    for i in start..<bytes.count where bytes[i...].starts(with: wanted) { return i }
    return inject
  }
}

extension Fault.Inject {
  /// `site[key=value]@clause(...)=plan`
  public var oneLine: String {
    var text = site
    if !match.isEmpty { text += "[" + match.map(\.oneLine).joined(separator: ",") + "]" }
    if let per { text += "@per(\(QuotedText.argument(per)))" }
    if after != 0 { text += "@after(\(after))" }
    if every != 1 { text += "@every(\(every))" }
    if window.start != .zero || window.end != nil {
      text += "@window(\(window.start.faultText)..\(window.end?.faultText ?? ""))"
    }
    if !when.isEmpty { text += "@when(" + when.map(\.oneLine).joined(separator: ",") + ")" }
    if let ttl { text += "@ttl(\(ttl.faultText))" }
    if let thread { text += "@thread(\(QuotedText.argument(thread)))" }
    return text + "=" + plan.text
  }
}

extension Fault.Condition {
  var oneLine: String {
    // Bare, a star would make a pattern of it.
    let isText = (op == .equal || op == .notEqual) && value.utf8.contains(UInt8(ascii: "*"))
    return key + op.rawValue + (isText ? QuotedText.quoted(value) : QuotedText.argument(value))
  }
}

extension Fault.Plan {
  /// As plans are written: `40%sleep(250ms)->1*drop`.
  public var text: String { steps.map(\.text).joined(separator: "->") }
}

extension Fault.Plan.Step {
  /// The step as plans write it: probability in percent, count, action.
  public var text: String {
    (probability == 1 ? "" : "\(Percent.text(probability))%") + (count.map { "\($0)*" } ?? "") + action.text
  }
}

extension FaultAction {
  /// As plans are written.
  public var text: String {
    switch self {
    case .pass: "pass"
    case .sleep(let duration): "sleep(\(duration.faultText))"
    case .delay(let duration): "delay(\(duration.faultText))"
    case .hang: "hang"
    case .drop: "drop"
    case .dup: "dup"
    case .kill: "kill"
    case .returnError(let code): "return(\(QuotedText.argument(code)))"
    case .replace(let field, let value): "replace(\(field)=\(QuotedText.argument(value)))"
    case .quota(let millionths): "quota(\(Percent.text(Double(millionths) / 1e6))%)"
    case .reorder(let window): "reorder(\(window.faultText))"
    case .skew(let offset, .zero): "skew(\(offset.faultText))"
    case .skew(let offset, let drift): "skew(\(offset.faultText),\(drift.faultText))"
    case .barrier(let name, let threads): "barrier(\(QuotedText.argument(name)),\(threads))"
    case .wait(let name): "wait(\(QuotedText.argument(name)))"
    case .signal(let name): "signal(\(QuotedText.argument(name)))"
    case .corrupt: "corrupt"
    case .close: "close"
    case .refuse: "refuse"
    case .http(let status): "http(\(status))"
    }
  }
}

/// Text as the one-line form writes it.
enum QuotedText {
  /// Bare where nothing in the grammar could take it for something else.
  static func argument(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "_-./*?:".utf8.contains(byte)
      }
    }
    return isPlain && !text.isEmpty ? text : quoted(text)
  }

  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": out += "\\\(scalar)"
      // A bar would end a field of a recording.
      case "|": out += "\\u{7c}"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: out += "\\u{\(String(scalar.value, radix: 16))}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}

/// Probabilities in percent without rounding: the decimal point moves by two places.
enum Percent {
  static func text(_ probability: Double) -> String {
    let shortest = Array("\(probability)".utf8)
    let mantissa = shortest.prefix { $0 | 0x20 != UInt8(ascii: "e") }
    let exponent = Int(String(decoding: shortest.dropFirst(mantissa.count + 1), as: UTF8.self)) ?? 0
    let point = mantissa.firstIndex(of: UInt8(ascii: ".")) ?? mantissa.count
    var digits = mantissa.filter { ASCII.isDigit($0) }
    var whole = point + exponent + 2
    if whole <= 0 {
      digits = [UInt8](repeating: UInt8(ascii: "0"), count: 1 - whole) + digits
      whole = 1
    }
    if whole > digits.count { digits += [UInt8](repeating: UInt8(ascii: "0"), count: whole - digits.count) }
    var integer = String(decoding: digits[..<whole].drop { $0 == UInt8(ascii: "0") }, as: UTF8.self)
    if integer.isEmpty { integer = "0" }
    var fraction = digits[whole...]
    while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
    return fraction.isEmpty ? integer : integer + "." + String(decoding: fraction, as: UTF8.self)
  }
}
