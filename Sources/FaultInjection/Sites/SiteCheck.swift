import Basics

/// Whether an inject fits the sites of a program: site, selector keys and their values, actions and codes.
enum SiteCheck {
  enum Subject { case site, key, value, state, plan }

  struct Problem {
    var subject: Subject
    /// What the inject names and nothing understands.
    var error: @Sendable (_ fault: String) -> InjectionError
    /// The word itself, to point at.
    var text: String
    /// Of a value: the key whose value it is.
    var key: String?
    var message: String
    var meant: String?
  }

  /// Conditions that no hit can meet; the fault would stay silent for ever.
  private static func impossible(_ match: [Fault.Condition], at site: SiteDefinition) -> Problem? {
    for (index, condition) in match.enumerated() {
      let values = site.values(of: condition.key)
      let isAlone = !values.canMeet([condition])
      let sameKey = match[...index].filter { $0.key == condition.key }
      guard isAlone || !values.canMeet(sameKey) else { continue }
      let text = isAlone ? condition.text : sameKey.map(\.text).joined(separator: " and ")
      var words: [String] = []
      if case .words(let known) = values { words = known }
      let meant = isAlone ? Suggestion.closest(to: condition.value, in: words) : nil
      let known = values.text
      return Problem(
        subject: .value,
        error: { .impossibleMatch(fault: $0, site: site.name, match: text, known: known, suggestion: meant) },
        text: condition.value, key: condition.key,
        message: "'\(text)' can never hold at site '\(site.name)'" + (known.map { " (\(condition.key): \($0))" } ?? ""),
        meant: meant)
    }
    return nil
  }

  static func problem(_ inject: Fault.Inject, in definitions: [SiteDefinition]) -> Problem? {
    let meant = definitions.filter { $0.isMeant(by: inject.site) }
    if meant.isEmpty {
      let near = Suggestion.closest(to: inject.site, in: definitions.map(\.name))
      let what = inject.site.last == "*" ? "no site begins as '\(inject.site)'" : "no site is called '\(inject.site)'"
      return Problem(
        subject: .site, error: { .unknownSite(fault: $0, site: inject.site, suggestion: near) }, text: inject.site,
        message: what, meant: near)
    }
    for site in meant {
      if let problem = problem(inject, at: site) { return problem }
    }
    return nil
  }

  private static func problem(_ inject: Fault.Inject, at site: SiteDefinition) -> Problem? {
    for key in inject.match.map(\.key) + (inject.per.map { [$0] } ?? []) where !site.keys.contains(key) {
      let meant = Suggestion.closest(to: key, in: site.keys)
      let known = site.keys.isEmpty ? "none" : site.keys.joined(separator: ", ")
      return Problem(
        subject: .key,
        error: { .unknownKey(fault: $0, site: site.name, key: key, known: site.keys, suggestion: meant) }, text: key,
        message: "site '\(site.name)' has no key '\(key)' (its keys: \(known))", meant: meant)
    }
    if let problem = impossible(inject.match, at: site) { return problem }
    for state in inject.when.map(\.key) where !site.states.contains(state) {
      let meant = Suggestion.closest(to: state, in: site.states)
      let known = site.states.isEmpty ? "none" : site.states.joined(separator: ", ")
      return Problem(
        subject: .state, error: { .unknownState(fault: $0, state: state, known: site.states, suggestion: meant) },
        text: state, message: "no state of the run is called '\(state)' (there are: \(known))", meant: meant)
    }
    for step in inject.plan.steps where step.action != .pass {
      if let problem = problem(step.action, at: site) { return problem }
    }
    return nil
  }

  private static func problem(_ action: FaultAction, at site: SiteDefinition) -> Problem? {
    let kind = action.kind
    guard site.actions.contains(kind) else {
      let understood = site.actions.map(\.rawValue)
      return Problem(
        subject: .plan,
        error: { .unsupportedAction(fault: $0, site: site.name, action: kind.rawValue, understood: understood) },
        text: kind.rawValue,
        message: "site '\(site.name)' cannot '\(kind.rawValue)'; it understands \(understood.joined(separator: ", "))"
      )
    }
    if case .replace(let field, let value) = action, !site.fields.contains("\(field)=\(value)") {
      let text = "\(field)=\(value)"
      let meant = Suggestion.closest(to: text, in: site.fields)
      return Problem(
        subject: .plan,
        error: { .unknownField(fault: $0, site: site.name, field: text, known: site.fields, suggestion: meant) },
        text: field,
        message: "site '\(site.name)' cannot replace '\(text)' (it can: \(site.fields.joined(separator: ", ")))",
        meant: meant)
    }
    if case .returnError(let code) = action, !site.accepts(code) {
      let meant = Suggestion.closest(to: code, in: site.codes)
      return Problem(
        subject: .plan,
        error: { .unknownCode(fault: $0, site: site.name, code: code, known: site.codes, suggestion: meant) },
        text: code,
        message: "site '\(site.name)' cannot return '\(code)' (its codes: \(site.codes.joined(separator: ", ")))",
        meant: meant)
    }
    return nil
  }
}
