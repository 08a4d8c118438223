import Basics
import PaperSession

extension Reproduction {
  /// What the folder holds besides the run: a README, the quotes, the settings and a case for the gauntlet.
  ///
  /// - Parameter folder: where it will stand, for the commands.
  public func files(in folder: String, named: String) -> [(path: String, bytes: [UInt8])] {
    var files = scenario.market.map { (path: "market/\($0.name)", bytes: $0.bytes) }
    files.append(("settings.toml", Array(settingsText.utf8)))
    files.append((RegressionCase.fileName, Array(caseText.utf8)))
    files.append(("README.md", Array(readme(folder, named).utf8)))
    return files
  }

  /// Values as the command line has them; quoted texts of TOML hold any of them.
  private var settingsText: String {
    scenario.settings.map { "\($0.name) = \(Self.value($0.value))\n" }.joined()
  }

  private static func value(_ text: String) -> String {
    text == "true" || text == "false" || Double(text) != nil ? text : JSON.string(text).text
  }

  private var caseText: String {
    var out = "schema = 1\nbug = \(JSON.string(scenario.bug.id).text)\n"
    if !scenario.market.isEmpty { out += "market = \"market\"\n" }
    if !scenario.faults.isEmpty {
      out += "faults = [\(scenario.faults.map { JSON.string($0).text }.joined(separator: ", "))]\n"
    }
    out += "\n[settings]\n"
    for setting in scenario.settings { out += "\(setting.name) = \(JSON.string(setting.value).text)\n" }
    return out
  }

  /// The command that plays the session with the pre-fix parts.
  private func command(_ folder: String) -> String {
    var out = "chaos paper"
    if scenario.market.isEmpty { out += " --scenario \(scenario.bug.id)" } else { out += " --market \(folder)/market" }
    for fault in scenario.faults { out += " --fault \(fault)" }
    if scenario.faults.isEmpty { out += " --no-faults" }
    return out + " --config \(folder)/settings.toml --revision \(scenario.bug.id)=original"
  }

  private func readme(_ folder: String, _ named: String) -> String {
    let bug = scenario.bug
    var out = "# \(bug.id): \(bug.title)\n\nA session from the field, as our engine plays it. \(named)\n\n"
    out += "```bash\nchaos replay \(folder)/original\n```\n\n"
    out += "| file | what it is |\n|---|---|\n"
    out +=
      "| `original/` | the smallest run that fails by `\(bug.signature)`\(choices.map { ": \($0) choices" } ?? ""), with its recording |\n"
    if !scenario.market.isEmpty { out += "| `market/` | the quotes of the session |\n" }
    out += "| `settings.toml` | the settings of the session that both engines have |\n"
    out += "| `case.toml` | a case of the gauntlet: `chaos gauntlet --cases \(folder)` |\n\n"
    out += "The whole session: `\(command(folder))`\n\n"
    out +=
      "\(comparison.outcome.rawValue): \(comparison.rows.count { $0.isMet }) of \(comparison.rows.count) signs and figures. "
    out += "The good engine \(survives ? "survives" : "fails") (\(survived.passed) of \(survived.of) schedules).\n\n"
    out +=
      "Kept of the session: \(scenario.kept.joined(separator: "; ")). Ids, texts, balances and messages were not taken over.\n"
    return out
  }
}
