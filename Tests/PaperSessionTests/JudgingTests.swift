import Checks
import PaperSession
import Testing
import Trading

/// Which checks judge the fixed engine where, and which faults are not armed together.
@Suite struct JudgingTests {
  @Test(arguments: JudgedKind.allCases)
  func `Every check judges unless an exception says why not`(kind: JudgedKind) {
    let judging = PaperSystem.checks(of: kind)
    let excepted = JudgingException.all.filter { $0.kinds.contains(kind) && $0.faults.isEmpty }.map(\.check.rawValue)
    #expect(Set(judging).isDisjoint(with: excepted))
    #expect(Set(judging).union(excepted) == Set(Check.all.map(\.name)))
  }

  @Test func `An exception is one line with a reason`() {
    for exception in JudgingException.all {
      #expect(!exception.kinds.isEmpty)
      #expect(exception.why.split(separator: " ").count >= 8, "\(exception.check): \(exception.why)")
    }
    let always = JudgingException.all.filter(\.faults.isEmpty).map(\.check)
    #expect(Set(always).count == always.count)
    #expect(JudgingException.all.flatMap(\.faults).allSatisfy(Sessions.faultNames.contains))
  }

  @Test(arguments: Sessions.faultNames)
  func `What a fault is expected to be noticed by judges it`(name: String) throws {
    let fault = try Sessions.fault(name)
    #expect(Set(fault.expect.checks).isSubset(of: PaperSystem.checks(of: .fault, under: [name])))
  }

  @Test func `Every fault meets some others, and the pairs grow in number like the faults`()
    throws
  {
    let faults = try Sessions.faultNames.sorted().map(Sessions.fault)
    let pairs = FaultPairs.all(faults)
    let alone = faults.filter { $0.id == FaultPairs.mix || $0.tags.contains(FaultPairs.together) }.map(\.id)
    #expect(alone.count == 35)
    for fault in faults.map(\.id) where !alone.contains(fault) {
      #expect(pairs.count { $0.0 == fault || $0.1 == fault } >= 3, "\(fault)")
    }
    #expect(!pairs.contains { alone.contains($0.0) || alone.contains($0.1) })
    #expect(Set(pairs.map { "\($0.0)+\($0.1)" }).count == pairs.count && pairs.count < 6 * faults.count)
    #expect(pairs.allSatisfy { $0.0 < $0.1 && ExclusivePairs.reason($0.0, $0.1) == nil })
    // A new fault leaves all but a few of the pairs of the others as they are.
    let fewer = FaultPairs.all(faults.filter { $0.id != "silent-stream" })
    let kept = pairs.filter { $0.0 != "silent-stream" && $0.1 != "silent-stream" }
    #expect(kept.count { pair in !fewer.contains { $0 == pair } } == 0 && fewer.count - kept.count < 12)
  }

  @Test func `Pairs that exclude each other are known faults with a reason`() {
    for pair in ExclusivePairs.all {
      #expect(Sessions.faultNames.contains(pair.fault))
      #expect(Set(pair.silences).isSubset(of: Sessions.faultNames), "\(pair.fault)")
      #expect(!pair.silences.contains(pair.fault))
      #expect(pair.why.split(separator: " ").count >= 6)
    }
    #expect(ExclusivePairs.reason("null-fee", "insufficient-balance") != nil)
    #expect(ExclusivePairs.reason("insufficient-balance", "null-fee") != nil)
    #expect(ExclusivePairs.reason("null-fee", "late-fill") == nil)
  }
}
