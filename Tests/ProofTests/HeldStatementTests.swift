import ChaosRuntime
import Proof
import Testing

@Suite struct HeldStatementTests {
  @Test func `Three runs that held say so with their bound and never proven`() {
    let held = HeldStatement(wanted: 3, runs: [.held, .held, .held])
    #expect(held.text == "HELD in 3 of 3 (rate below 64 %, 95 %)")
    #expect(held.outcome == .passed)
    #expect(
      held.json.text
        == #"{"runs_wanted":3,"runs":3,"held":3,"outcome":"passed","bound_95":0.631597,"#
        + #""statement":"HELD in 3 of 3 (rate below 64 %, 95 %)"}"#)
    #expect(
      HeldStatement(wanted: 59, runs: Array(repeating: .held, count: 59)).text
        == "HELD in 59 of 59 (rate below 5 %, 95 %)")
  }

  @Test(arguments: [1, 2])
  func `Fewer than three are inconclusive`(count: Int) {
    let held = HeldStatement(wanted: count, runs: Array(repeating: .held, count: count))
    #expect(held.outcome == .inconclusive && held.bound == nil)
    #expect(held.text == "INCONCLUSIVE  held in \(count) of \(count); HELD needs 3 runs")
  }

  @Test func `One failure is red whatever the others say`() {
    var held = HeldStatement(wanted: 5, runs: [.held, .held, .held])
    held.add(.failed("no-deadlock: a -> b -> a"))
    #expect(held.isRefuted && held.outcome == .failed && held.bound == nil)
    #expect(held.text == "FAILED in 1 of 4: no-deadlock: a -> b -> a")
  }

  @Test func `Runs that tested nothing or are missing are inconclusive`() {
    let open = HeldStatement(wanted: 4, runs: [.held, .held, .held, .open("the fault never fired")])
    #expect(open.outcome == .inconclusive)
    #expect(
      open.text == "INCONCLUSIVE  held in 3 of 4; 1 tested nothing, the first because the fault never fired")
    let cut = HeldStatement(wanted: 10, runs: [.held, .held, .held])
    #expect(cut.outcome == .inconclusive)
    #expect(cut.text == "INCONCLUSIVE  held in 3 of 3; 10 were asked for")
    #expect(HeldStatement(wanted: 3).outcome == .inconclusive)
  }
}
