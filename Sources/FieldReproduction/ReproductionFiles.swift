import Basics
public import Exploration
public import FieldReconciliation
import PaperSession
import Trading

extension Reproduction {
  /// What of the session is written beside the scenario.
  public struct Keeping: Sendable {
    /// Ids and texts of the session's orders, and the places of their lines.
    public var ids: Bool
    /// Sizes of orders; false: as shares of the middle one.
    public var sizes: Bool

    /// What is kept.
    public init(ids: Bool, sizes: Bool) {
      self.ids = ids
      self.sizes = sizes
    }
  }

  /// Name of the folder of quotes, as the stored runs have it.
  private static let marketFromRun = "../market"

  /// What the folder holds besides the runs: a README, the quotes, the settings, the venue's answers, the session's orders and a
  /// case for the gauntlet. Its commands are to be given in that folder, wherever it stands.
  ///
  /// - Parameters:
  ///   - named: why it is this bug.
  ///   - others: ids of what is named outside the catalogue.
  public func files(
    _ field: Reconciliation, named: String, others: [String] = [], keeping: Keeping
  ) -> [(path: String, bytes: [UInt8])] {
    var files = scenario.market.map { (path: "market/\($0.name)", bytes: $0.bytes) }
    if let answers = scenario.answers { files.append((Self.answersPath, Array(answers.utf8))) }
    files.append(("settings.toml", Array(settingsText.utf8)))
    files.append(("field.csv", Array(Self.orders(field, keeping).utf8)))
    files.append((RegressionCase.fileName, Array(caseText.utf8)))
    files.append(("README.md", Array(readme(named, others, keeping).utf8)))
    return files
  }

  /// A run whose inputs name the quotes from where the run is kept, so that the folder can be moved.
  public func movable(_ report: RunReport) -> RunReport {
    guard !scenario.market.isEmpty, let at = report.judgement.files.firstIndex(where: { $0.path == "run.json" }),
      let members = (try? JSON.parse(report.judgement.files[at].bytes))?.members
    else { return report }
    var report = report
    let changed = members.map { member -> (key: String, value: JSON) in
      guard member.key == "inputs", let inputs = member.value.members else { return member }
      return (
        "inputs", .object(inputs.map { $0.key == "market" ? ("market", .string(Self.marketFromRun)) : $0 })
      )
    }
    report.judgement.files[at].bytes = Array(JSON.object(changed).pretty().utf8)
    return report
  }

  private static let answersPath = "faults/\(VenueAnswers.id).toml"

  /// Values as the command line has them; quoted texts of TOML hold any of them.
  private var settingsText: String {
    scenario.settings.map { "\($0.name) = \(Self.value($0.value))\n" }.joined()
  }

  private static func value(_ text: String) -> String {
    text == "true" || text == "false" || Double(text) != nil ? text : JSON.string(text).text
  }

  private var faultWords: [String] { scenario.faults + (scenario.answers == nil ? [] : [Self.answersPath]) }

  private var caseText: String {
    var out = "schema = 1\nbug = \(JSON.string(scenario.bug.id).text)\n"
    func list(_ texts: [String]) -> String { "[\(texts.map { JSON.string($0).text }.joined(separator: ", "))]" }
    if !scenario.besides.isEmpty { out += "besides = \(list(scenario.besides.map(\.id)))\n" }
    if !scenario.market.isEmpty { out += "market = \"market\"\n" }
    if scenario.isIdle { out += "idle = true\n" }
    if !faultWords.isEmpty { out += "faults = \(list(faultWords))\n" }
    out += "\n[settings]\n"
    for setting in scenario.settings { out += "\(setting.name) = \(JSON.string(setting.value).text)\n" }
    return out
  }

  /// The command that plays the session with the pre-fix parts.
  private var command: String {
    var out = "chaos paper"
    if scenario.market.isEmpty { out += " --scenario \(scenario.bug.id)" } else { out += " --market market" }
    for fault in faultWords { out += " --fault \(fault)" }
    if faultWords.isEmpty { out += " --no-faults" }
    return out + " --config settings.toml" + scenario.bugs.map { " --revision \($0.id)=original" }.joined()
  }

  private func readme(_ named: String, _ others: [String], _ keeping: Keeping) -> String {
    let bug = scenario.bug
    var out = "# \(bug.id): \(bug.title)\n\nA session from the field, as our engine plays it. \(named)"
    let besides = besidesText(others)
    out += besides.isEmpty ? "\n\n" : " Besides: \(besides).\n\n"
    out += "In this folder:\n\n```bash\nchaos replay original\n```\n\n"
    out += "| file | what it is |\n|---|---|\n"
    out +=
      "| `original/` | the smallest run that fails by `\(bug.signature)`\(choices.map { ": \($0) choices" } ?? ""), with its recording\(report.dump == nil ? "" : " and `stackdump.txt`") |\n"
    if failing != nil { out += "| `fixed/` | the run in which the good engine fails |\n" }
    if !scenario.market.isEmpty {
      out += "| `market/` | the quotes of the session, and `venue.json`: rules, latencies, balances |\n"
    }
    if scenario.answers != nil { out += "| `faults/` | what the venue answered to its orders |\n" }
    out += "| `settings.toml` | the settings of the session that both engines have |\n"
    out += "| `field.csv` | the orders of the session, as log and venue tell them |\n"
    out += "| `case.toml` | a case of the gauntlet: `chaos gauntlet --cases .` |\n\n"
    out += "The whole session: `\(command)`\n\n"
    out +=
      "\(comparison.outcome.rawValue): \(comparison.rows.count { $0.isMet }) of \(comparison.rows.count) signs and figures. "
    out += "\(verdict.word): \(verdict.says).\n\n"
    let left = keeping.ids ? "Secrets, messages and other files" : "Ids, texts, messages and other files"
    out += "Kept of the session: \(scenario.kept.joined(separator: "; ")); its orders in `field.csv`"
    out += keeping.sizes ? "" : ", sizes as shares of the middle one"
    return out + ". \(left) were not taken over.\n"
  }

  // MARK: The orders of the session

  private static func orders(_ field: Reconciliation, _ keeping: Keeping) -> String {
    let session = field.session
    let times = session.beliefs.compactMap { $0.sent?.time } + session.truths.compactMap { $0.placed?.time }
    let start = times.min() ?? .simulationEpoch
    let costs = session.truths.compactMap { $0.cost?.doubleValue }.filter { $0 > 0 }
    let unit = keeping.sizes ? 1 : SignComparison.median(costs) ?? 1
    var out = "order,symbol,side,at_s,log,venue,\(keeping.sizes ? "cost" : "cost_in_middle_orders")"
    out += keeping.ids ? ",client_id,venue_id,reason,line\n" : "\n"
    for (number, match) in field.matches.enumerated() {
      let belief = match.belief.map { session.beliefs[$0] }
      let truth = match.truth.map { session.truths[$0] }
      if belief == nil, truth?.isOwnCall == true { continue }
      let at = belief?.sent.map { field.clock.venueTime($0.time) } ?? truth?.placed?.time ?? start
      var cells = ["o\(number + 1)", truth?.symbol ?? belief?.symbol ?? ""]
      let side = truth?.side ?? belief?.side
      cells.append(side?.rawValue ?? "")
      cells.append(JSON.double((at - start).seconds, places: 3).text)
      cells.append(belief?.state.rawValue ?? "none")
      cells.append(truth?.state.rawValue ?? "none")
      let cost = truth?.cost.map { $0.doubleValue / unit }
      cells.append(cost.map { JSON.double($0, places: keeping.sizes ? 8 : 3).text } ?? "")
      if keeping.ids { cells += names(session, belief, truth) }
      out += cells.map(Reconciliation.cell).joined(separator: ",") + "\n"
    }
    return out
  }

  private static func names(_ session: FieldSession, _ belief: BeliefOrder?, _ truth: TruthOrder?) -> [String] {
    let place = (belief?.sent ?? truth?.placed)?.place
    return [
      belief?.clientId ?? truth?.clientId ?? "", truth?.orderId ?? belief?.orderId ?? "",
      belief?.reason ?? truth?.refusal ?? "", place.map { session.place($0) } ?? "",
    ]
  }
}
