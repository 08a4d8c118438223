import Basics
import Foundation
import TestSupport
import Testing

@Suite struct CoverageCommandTests {
  @Test func `A proof says what its schedules showed and which are missing`() throws {
    let scratch = Scratch()
    let words = [
      "run", "--fault", "deadlock", "--schedules", "6", "--campaigns", "1", "--out", scratch.path, "--coverage",
      "--json",
    ]
    let run = try Tool.chaos(words)
    // Six schedules show enough here, and prove nothing.
    #expect(run.code == 3, "\(run.out)\(run.error)")
    let proof = try #require(try JSON.parse(Array(run.out.utf8))["proofs"]?.array?.first)
    let arm = try #require(proof["arms"]?.array?.first { $0["arm"]?.string == "fixed, fault on" })
    let kinds = try #require(arm["coverage"]?["kinds"])
    #expect(arm["coverage"]?["schedules"]?.int == arm["ran"]?.int)
    for kind in ["hand-offs", "preemption sites", "fault site x state", "state transitions", "sometimes"] {
      #expect((kinds[kind]?["seen"]?.int ?? 0) > 0, "\(kind)")
    }
    // The fix takes the two locks one after the other.
    #expect(kinds["lock-order pairs"]?["names"]?["budget -> state"] == nil)
    #expect(kinds["sometimes"]?["never_hit"]?.array?.contains(.string("an order fails")) == true)
    #expect(proof["lift"]?["schedules"]?.int == 6)
    #expect(proof["pct_certificate"]?["schedules"]?.int == 6)
  }

  @Test func `Coverage is of a proof`() throws {
    let run = try Tool.chaos(["run", "--fault", "deadlock", "--revision", "original", "--coverage"])
    #expect(run.code == 2)
    #expect(run.error.contains("--coverage compares the schedules of a proof"))
  }
}
