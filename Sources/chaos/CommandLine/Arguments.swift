import Basics
import ChaosRuntime
import FaultInjection

/// One option of a verb.
struct Option: Sendable {
  let name: String
  /// Name of its value in the help; nil: a flag.
  let value: String?
  let help: String
  var isRepeatable = false
  /// Its value where the user gives none; nil: a value is needed.
  var fallback: String?

  init(
    _ name: String, _ value: String? = nil, _ help: String, isRepeatable: Bool = false, fallback: String? = nil
  ) {
    self.name = name
    self.value = value
    self.help = help
    self.isRepeatable = isRepeatable
    self.fallback = fallback
  }
}

/// The parsed words of one verb.
struct Arguments {
  private(set) var positional: [String] = []
  private var values: [String: [String]] = [:]

  /// `--name value` and `--name=value`; `--` ends options.
  init(_ words: [String], options: [Option], verb: String) throws(UsageError) {
    var index = 0
    var onlyPositional = false
    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--", !onlyPositional {
        onlyPositional = true
        continue
      }
      guard word.hasPrefix("--"), !onlyPositional else {
        if word.hasPrefix("-"), word.count > 1, !onlyPositional {
          throw UsageError(text: "\(verb): no option is called '\(word)'; 'chaos \(verb) --help' lists them")
        }
        positional.append(word)
        continue
      }
      let body = word.dropFirst(2)
      let name = String(body.prefix { $0 != "=" })
      guard let option = options.first(where: { $0.name == name }) else {
        let near = Suggestion.closest(to: name, in: options.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        throw UsageError(text: "\(verb): no option is called --\(name)\(near)")
      }
      var value = ""
      if option.value != nil {
        if let equals = body.firstIndex(of: "=") {
          value = String(body[body.index(after: equals)...])
        } else if let fallback = option.fallback, index == words.count || words[index].hasPrefix("-") {
          value = fallback
        } else if index < words.count {
          value = words[index]
          index += 1
        } else {
          throw UsageError(text: "\(verb): --\(name) needs a value: --\(name) \(option.value ?? "")")
        }
      } else if body.contains("=") {
        throw UsageError(text: "\(verb): --\(name) takes no value")
      }
      if !option.isRepeatable, values[name] != nil { throw UsageError(text: "\(verb): --\(name) is given twice") }
      values[name, default: []].append(value)
    }
  }

  func has(_ name: String) -> Bool { values[name] != nil }
  func all(_ name: String) -> [String] { values[name] ?? [] }
  subscript(name: String) -> String? { values[name]?.last }

  func int(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw UsageError(
        text:
          "--\(name) expects a whole number from \(range.lowerBound) to \(range.upperBound), not '\(InputError.shown(text))'"
      )
    }
    return value
  }

  /// Seconds; a bare number or one with `s`, `m` or `h`.
  func seconds(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
    guard let text = self[name] else { return nil }
    var number = text
    var factor = 1.0
    if let unit = text.last, let known: Double = ["s": 1, "m": 60, "h": 3600][unit] {
      number.removeLast()
      factor = known
    }
    // Double() reads hexadecimal numbers and words as well.
    let isDecimal = number.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
    guard isDecimal, let value = Double(number), value.isFinite, range.contains(value * factor) else {
      let (low, high) = (JSON.double(range.lowerBound).text, JSON.double(range.upperBound).text)
      throw UsageError(
        text: "--\(name) expects seconds from \(low) to \(high) (or 5m, 1h), not '\(InputError.shown(text))'")
    }
    return value * factor
  }
}
