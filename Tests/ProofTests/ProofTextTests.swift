import Basics
import Proof
import TestSupport
import Testing

@Suite struct ProofTextTests {
  @Test func `A proven screen reads`() {
    let result = provePair(pairSpec())
    expectText(
      ProofScreen.text(result, exhibit: "runs/latest", replay: "chaos replay runs/latest"),
      """
      Fault  pause: A pause between two locks
      Bug    PAIR-1 locks in opposite order
      Seed   1   0.1 virtual seconds a schedule

        original, fault off  passed   20 of 20 seeds, nominal schedule
                             (explored, 1 of 50 schedules fail)
        original, fault on   DEADLOCK in every campaign (5),
                             after 1.4 schedules on average (95 %: 1-4.3)
                             -> runs/latest
        fixed, fault off     passed   60 of 60 schedules
        fixed, fault on      passed   60 of 60 schedules, fault fired 227 times

      PROVEN  failure rate of the fix below 4.9 % (95 %, N = 60)
              under this mix of schedules, at least 4 times rarer than before
              (over its 20 scenario seeds alone: below 14 %, for information)
      Replay  chaos replay runs/latest

      """)
  }

  @Test func `What the searches left out stands below its arm`() {
    var result = provePair(pairSpec())
    result.arms[1].cuts.recordings = 7
    #expect(
      ProofScreen.text(result, exhibit: nil, replay: nil).contains(
        "4.3)\n                       (cut: 7 recordings above 2000 lines not varied)\n  fixed, fault off"))
    #expect(
      ProofJSON.value(result, directory: nil, replay: nil)["arms"]?.array?[1]["cuts"]?.array?.first?.string
        == "7 recordings above 2000 lines not varied")
  }

  @Test func `A screen of a bug that history only claimed says so`() {
    var spec = pairSpec()
    spec.standing = "mechanism exhibit: claimed, never observed"
    spec.fault = nil
    expectText(
      ProofScreen.head(spec),
      """
      Bug    PAIR-1 locks in opposite order
             (mechanism exhibit: claimed, never observed)
      Seed   1   0.1 virtual seconds a schedule

      """)
  }

  @Test func `A screen of a condition names it and no fault`() {
    var spec = pairSpec()
    spec.fault = nil
    spec.condition = "two threads at once"
    expectText(
      ProofScreen.text(provePair(spec), exhibit: "runs/latest", replay: nil),
      """
      When   two threads at once
      Bug    PAIR-1 locks in opposite order
      Seed   1   0.1 virtual seconds a schedule

        original, condition off  passed   20 of 20 seeds, nominal schedule
                                 (explored, 1 of 50 schedules fail)
        original, condition on   DEADLOCK in every campaign (5),
                                 after 1.2 schedules on average (95 %: 1-3.7)
                                 -> runs/latest
        fixed, condition off     passed   60 of 60 schedules
        fixed, condition on      passed   60 of 60 schedules

      PROVEN  failure rate of the fix below 4.9 % (95 %, N = 60)
              under this mix of schedules, at least 5 times rarer than before
              (over its 20 scenario seeds alone: below 14 %, for information)

      """)
  }

  @Test func `A screen that is not proven says what is missing`() {
    let result = provePair(pairSpec(schedules: 10)) { arm, system in
      system.isReversed = false
      if arm == .fixedOn { system.overrides = [Verdict(check: "no-crash", outcome: .fail, reason: "it trapped")] }
    }
    expectText(
      ProofScreen.text(result, exhibit: nil, replay: nil),
      """
      Fault  pause: A pause between two locks
      Bug    PAIR-1 locks in opposite order
      Seed   1   0.1 virtual seconds a schedule

        original, fault off  passed   20 of 20 seeds, nominal schedule
                             (explored, 0 of 10 schedules fail)
        original, fault on   NOT provoked in 5 campaigns, 100 schedules
        fixed, fault off     passed   10 of 10 schedules
        fixed, fault on      FAILED at schedule 0 by no-crash: it trapped

      NOT PROVEN
        - the original failed by no-deadlock in 0 of 5 campaigns of at most 20 schedules
        - the fixed, fault on failed schedule 0 by no-crash: it trapped
        - PROVEN needs 59 counted schedules of each fixed arm, and 10 were asked for

      """)
  }

  @Test func `An inconclusive screen says why`() {
    let result = provePair(pairSpec(schedules: 10)) { _, system in system.plan = "0%sleep(5ms)" }
    expectText(
      ProofScreen.text(result, exhibit: nil, replay: nil),
      """
      Fault  pause: A pause between two locks
      Bug    PAIR-1 locks in opposite order
      Seed   1   0.1 virtual seconds a schedule

        original, fault off  passed   20 of 20 seeds, nominal schedule
                             (explored, 1 of 10 schedules fail)
        original, fault on   NOT provoked in 5 campaigns, 100 schedules
        fixed, fault off     passed   10 of 10 schedules
        fixed, fault on      passed   0 of 0 schedules, fault fired 0 times
                             (20 more passed that did not reach the fault's moment)

      INCONCLUSIVE
        - the original was never tested: in 100 of 100 schedules the fault fired fewer than 1 times or a landmark was missed
        - the fixed, fault on counted 0 of 10 schedules: in 20 of 20 the fault fired fewer than 1 times or a landmark was missed
        - PROVEN needs 59 counted schedules of each fixed arm, and 10 were asked for

      """)
  }

  @Test func `A screen of a time signature tells of the stalled schedules`() {
    let result = provePair(pairSpec(signature: "rounds-bounded", isTime: true)) { arm, system in
      system.isReversed = false
      system.plan = arm.isOriginal ? "sleep(25ms)" : "30%sleep(5ms)"
    }
    expectText(
      ProofScreen.text(result, exhibit: nil, replay: nil),
      """
      Fault  pause: A pause between two locks
      Bug    PAIR-1 locks in opposite order
      Seed   1   0.1 virtual seconds a schedule

        original, fault off  passed   20 of 20 seeds, nominal schedule
                             (explored, 0 of 50 schedules fail)
        original, fault on   FAILED by rounds-bounded in every campaign (5),
                             after 1 schedules on average (95 %: 1-3.1)
                             ROUNDS 10
        fixed, fault off     passed   60 of 60 schedules
                             (59 more with stalls: times reported, safety judged)
        fixed, fault on      passed   60 of 60 schedules, fault fired 370 times
                             (1 more passed that did not reach the fault's moment)
                             (60 more with stalls: times reported, safety judged)

      PROVEN  failure rate of the fix below 4.9 % (95 %, N = 60)
              under this mix of schedules, at least 6 times rarer than before
              (over its 10 scenario seeds alone: below 26 %, for information)

      """)
  }

  @Test func `Screens fit eighty columns`() {
    let result = provePair(pairSpec())
    for line in ProofScreen.text(result, exhibit: "runs/latest", replay: nil).split(separator: "\n") {
      #expect(line.count <= 80)
    }
  }

  @Test func `The JSON has every number of the screen`() {
    let result = provePair(pairSpec())
    expectText(
      ProofJSON.value(result, directory: "runs/x", replay: "chaos replay runs/x").pretty(),
      """
      {
        "bug": "PAIR-1",
        "bug_title": "locks in opposite order",
        "standing": null,
        "fault": "pause",
        "condition": null,
        "remarks": [],
        "seed": 1,
        "virtual_seconds": 0.1,
        "signature": "no-deadlock",
        "checks": [
          "no-deadlock",
          "no-crash",
          "no-stuck-wait"
        ],
        "scenario_seeds": [
          3071894128,
          2016969986,
          854717560,
          3840573015,
          2753984300,
          3119330250,
          306585611,
          2578662117,
          1692549943,
          1908581540,
          1616556313,
          577001284,
          2892876329,
          3607117837,
          3061268389,
          2245340907,
          2669690359,
          125127508,
          2279702081,
          2743877658
        ],
        "arms": [
          {
            "arm": "original, fault off",
            "ran": 20,
            "counted": 20,
            "not_reached": 0,
            "stalled": 0,
            "unjudged": 0,
            "firings": 0,
            "run_twice": 1,
            "campaigns": [],
            "restricted_mean_schedules": null,
            "mean_schedules_to_failure": null,
            "mean_interval_95": null,
            "failed_by": {},
            "failures": [],
            "exhibit_tallies": {},
            "tallies": {
              "ROUNDS": 200
            },
            "cuts": []
          },
          {
            "arm": "original, fault on",
            "ran": 7,
            "counted": 6,
            "not_reached": 1,
            "stalled": 0,
            "unjudged": 0,
            "firings": 8,
            "run_twice": 7,
            "campaigns": [
              1,
              1,
              1,
              3,
              1
            ],
            "restricted_mean_schedules": 1.4,
            "mean_schedules_to_failure": 1.4,
            "mean_interval_95": [
              1,
              4.312
            ],
            "failed_by": {
              "DEADLOCK": 5
            },
            "failures": [
              {
                "schedule": 1000000,
                "scenario_seed": 3071894128,
                "schedule_seed": 12994978608708,
                "check": "no-deadlock",
                "reason": "second -> \\"a\\" -> first -> \\"b\\" -> second"
              },
              {
                "schedule": 1000040,
                "scenario_seed": 3071894128,
                "schedule_seed": 32694866458316,
                "check": "no-deadlock",
                "reason": "first -> \\"b\\" -> second -> \\"a\\" -> first"
              },
              {
                "schedule": 1000080,
                "scenario_seed": 3071894128,
                "schedule_seed": 37842256974290,
                "check": "no-deadlock",
                "reason": "first -> \\"b\\" -> second -> \\"a\\" -> first"
              },
              {
                "schedule": 1000122,
                "scenario_seed": 854717560,
                "schedule_seed": 41519582087149,
                "check": "no-deadlock",
                "reason": "first -> \\"b\\" -> second -> \\"a\\" -> first"
              },
              {
                "schedule": 1000160,
                "scenario_seed": 3071894128,
                "schedule_seed": 42151028494633,
                "check": "no-deadlock",
                "reason": "first -> \\"b\\" -> second -> \\"a\\" -> first"
              }
            ],
            "exhibit_tallies": {
              "ROUNDS": 3
            },
            "tallies": {
              "ROUNDS": 21
            },
            "cuts": []
          },
          {
            "arm": "fixed, fault off",
            "ran": 60,
            "counted": 60,
            "not_reached": 0,
            "stalled": 0,
            "unjudged": 0,
            "firings": 0,
            "run_twice": 2,
            "campaigns": [],
            "restricted_mean_schedules": null,
            "mean_schedules_to_failure": null,
            "mean_interval_95": null,
            "failed_by": {},
            "failures": [],
            "exhibit_tallies": {
              "ROUNDS": 10
            },
            "tallies": {
              "ROUNDS": 600
            },
            "cuts": []
          },
          {
            "arm": "fixed, fault on",
            "ran": 60,
            "counted": 60,
            "not_reached": 0,
            "stalled": 0,
            "unjudged": 0,
            "firings": 227,
            "run_twice": 2,
            "campaigns": [],
            "restricted_mean_schedules": null,
            "mean_schedules_to_failure": null,
            "mean_interval_95": null,
            "failed_by": {},
            "failures": [],
            "exhibit_tallies": {
              "ROUNDS": 10
            },
            "tallies": {
              "ROUNDS": 600
            },
            "cuts": []
          }
        ],
        "statement": "PROVEN",
        "reasons": [],
        "bound_95": 0.048703,
        "scenario_seeds_counted": 20,
        "bound_seeds_95": 0.139108,
        "lift": {
          "schedules": 50,
          "failures": 1
        },
        "pct_certificate": {
          "depth": 2,
          "threads_max": 3,
          "steps_max": 26,
          "schedules": 50,
          "discarded": 0,
          "per_schedule": 0.012820513,
          "confidence": 0.47542677
        },
        "times_rarer_95": 4.762,
        "directory": "runs/x",
        "replay": "chaos replay runs/x",
        "exit_code": 0
      }

      """)
  }
}

/// Compares texts line by line, so that a difference names its line.
func expectText(_ text: String, _ expected: String, _ at: SourceLocation = #_sourceLocation) {
  guard text != expected else { return }
  let a = text.split(separator: "\n", omittingEmptySubsequences: false)
  let b = expected.split(separator: "\n", omittingEmptySubsequences: false)
  let line = zip(a, b).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? min(a.count, b.count)
  Issue.record("line \(line + 1) differs; the whole text is:\n\(text)", sourceLocation: at)
}
