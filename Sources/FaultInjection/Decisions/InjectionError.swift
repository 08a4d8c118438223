/// Why faults cannot be armed: something in them names what does not exist. Usage errors, with a suggestion.
public enum InjectionError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Two faults have one id; they would draw the same numbers.
  case duplicateFault(String)
  /// The program has no site of that name.
  case unknownSite(fault: String, site: String, suggestion: String?)
  /// The site does not have that selector key.
  case unknownKey(fault: String, site: String, key: String, known: [String], suggestion: String?)
  /// No value that the site can have satisfies the condition, so that the fault would never fire.
  case impossibleMatch(fault: String, site: String, match: String, known: String?, suggestion: String?)
  /// The run has no state of that name for `when`.
  case unknownState(fault: String, state: String, known: [String], suggestion: String?)
  /// The site cannot do what the plan asks; `understood` are the verbs it can.
  case unsupportedAction(fault: String, site: String, action: String, understood: [String])
  /// The site cannot replace that field of its message.
  case unknownField(fault: String, site: String, field: String, known: [String], suggestion: String?)
  /// The site cannot fail with that code.
  case unknownCode(fault: String, site: String, code: String, known: [String], suggestion: String?)

  /// What is wrong, what there is instead, and what was probably meant.
  public var description: String {
    switch self {
    case .duplicateFault(let fault): "fault '\(fault)' is given twice"
    case .unknownSite(let fault, let site, let suggestion):
      "fault '\(fault)': no site is called '\(site)'" + Self.hint(suggestion) + "; 'chaos list --sites' names them"
    case .unknownKey(let fault, let site, let key, let known, let suggestion):
      "fault '\(fault)': site '\(site)' has no key '\(key)'" + Self.hint(suggestion)
        + "; its keys: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    case .impossibleMatch(let fault, let site, let match, let known, let suggestion):
      "fault '\(fault)': '\(match)' can never hold at site '\(site)'" + Self.hint(suggestion)
        + (known.map { "; possible: \($0)" } ?? "")
    case .unknownState(let fault, let state, let known, let suggestion):
      "fault '\(fault)': no state of the run is called '\(state)'" + Self.hint(suggestion)
        + "; there are: \(known.isEmpty ? "none" : known.joined(separator: ", "))"
    case .unsupportedAction(let fault, let site, let action, let understood):
      "fault '\(fault)': site '\(site)' cannot '\(action)'; it understands \(understood.joined(separator: ", "))"
    case .unknownField(let fault, let site, let field, let known, let suggestion):
      "fault '\(fault)': site '\(site)' cannot replace '\(field)'" + Self.hint(suggestion)
        + "; it can: \(known.joined(separator: ", "))"
    case .unknownCode(let fault, let site, let code, let known, let suggestion):
      "fault '\(fault)': site '\(site)' cannot return '\(code)'" + Self.hint(suggestion)
        + "; its codes: \(known.joined(separator: ", "))"
    }
  }

  private static func hint(_ suggestion: String?) -> String { suggestion.map { "; did you mean '\($0)'?" } ?? "" }
}
