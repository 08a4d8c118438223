public import Basics
import Exploration

/// A proof as JSON: every number of the screen, and the reasons.
public enum ProofJSON {
  /// The object; `directory` is where the exhibits stand, `replay` the command that runs the first one again.
  public static func value(_ result: ProofResult, directory: String?, replay: String?) -> JSON {
    let spec = result.spec
    var members: [(key: String, value: JSON)] = []
    members.append(("bug", .string(spec.bug)))
    members.append(("bug_title", .string(spec.bugTitle)))
    members.append(("standing", spec.standing.map { .string($0) } ?? .null))
    members.append(("fault", spec.fault.map { .string($0.id) } ?? .null))
    members.append(("condition", spec.condition.map { .string($0) } ?? .null))
    members.append(("remarks", .array(spec.remarks.map { .string($0) })))
    members.append(("seed", .number("\(spec.seed)")))
    members.append(("virtual_seconds", .double(spec.virtualSeconds)))
    members.append(("signature", .string(spec.signature)))
    members.append(("checks", .array(spec.checks.map { .string($0) })))
    members.append(("scenario_seeds", .array(scenarioSeeds(spec))))
    members.append(("arms", .array(Arm.allCases.map { arm(result[$0]) })))
    let (statement, reasons) = words(result.statement)
    members.append(("statement", .string(statement)))
    members.append(("reasons", .array(reasons.map { .string($0) })))
    members.append(("bound_95", result.bound.map { .double($0, places: 6) } ?? .null))
    members.append(("scenario_seeds_counted", .int(result[.fixedOn].scenarioSeeds.count)))
    members.append(("bound_seeds_95", result.seedBound.map { .double($0, places: 6) } ?? .null))
    members.append(
      (
        "lift",
        result.lift.map { .object([("schedules", .int($0.schedules)), ("failures", .int($0.failures))]) } ?? .null
      ))
    members.append(("pct_certificate", result.certificate.map(certificate) ?? .null))
    members.append(("times_rarer_95", result.rarer.map { .double($0) } ?? .null))
    members.append(("directory", directory.map { .string($0) } ?? .null))
    members.append(("replay", replay.map { .string($0) } ?? .null))
    members.append(("exit_code", .int(Int(result.exitCode))))
    return .object(members)
  }

  private static func certificate(_ certificate: Certificate) -> JSON {
    .object([
      ("depth", .int(certificate.depth)), ("threads_max", .int(certificate.threads)),
      ("steps_max", .int(certificate.steps)), ("schedules", .int(certificate.schedules)),
      ("discarded", .int(certificate.discarded)),
      ("per_schedule", .double(certificate.perSchedule, places: 9)),
      ("confidence", .double(certificate.confidence, places: 9)),
    ])
  }

  private static func arm(_ result: ArmResult) -> JSON {
    let coverage: [(key: String, value: JSON)] = result.coverage.map { [("coverage", $0.json)] } ?? []
    return .object(
      [
        ("arm", .string(result.arm.rawValue)),
        ("ran", .int(result.ran)), ("counted", .int(result.counted)),
        ("not_reached", .int(result.notReached)), ("stalled", .int(result.stalled)),
        ("unjudged", .int(result.unjudged)),
        ("firings", .int(result.firings)), ("run_twice", .int(result.repeated)),
        ("campaigns", .array(result.campaigns.map { $0.map { .int($0) } ?? .null })),
        ("restricted_mean_schedules", restricted(result)),
        ("mean_schedules_to_failure", result.meanToFailure.map { .double($0.value) } ?? .null),
        (
          "mean_interval_95",
          result.meanToFailure.map { .array([.double($0.low), .double($0.high)]) } ?? .null
        ),
        ("failed_by", .object(result.failedBy.map { ($0.check, .int($0.count)) })),
        (
          "failures",
          .array(
            result.failures.map {
              .object([
                ("schedule", .int($0.index)), ("scenario_seed", .number("\($0.request.scenarioSeed)")),
                ("schedule_seed", .number("\($0.request.scheduleSeed)")), ("check", .string($0.check)),
                ("reason", .string($0.reason)),
              ])
            })
        ),
        (
          "exhibit_tallies",
          .object((result.exhibit?.judgement.tallies ?? []).map { ($0.name, .int($0.value)) })
        ),
        ("tallies", .object(result.tallies.map { ($0.name, .int($0.value)) })),
        ("cuts", .array(result.cuts.texts.map { .string($0) })),
      ] + coverage)
  }

  /// The mean up to the cap: a lower bound where campaigns were censored.
  private static func restricted(_ result: ArmResult) -> JSON {
    Statistics.restrictedMean(of: result.campaigns, cap: result.campaignMax).map { .double($0) } ?? .null
  }

  private static func scenarioSeeds(_ spec: ProofSpec) -> [JSON] {
    (0..<Seeds.scenarioCount).map { .number("\(Seeds(spec.seed).scenario($0))") }
  }

  private static func words(_ statement: ProofResult.Statement) -> (String, [String]) {
    switch statement {
    case .proven: ("PROVEN", [])
    case .notProven(let reasons): ("NOT PROVEN", reasons)
    case .inconclusive(let reasons): ("INCONCLUSIVE", reasons)
    }
  }
}
