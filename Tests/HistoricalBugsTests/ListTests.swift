import Checks
import Basics
import Glibc
import HistoricalBugs
import Testing
import Trading
import TradingEngine

@Suite struct ListTests {
  private static let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }

  @Test func `Ids are unique and found`() {
    let names = AllBugs.all.flatMap { [$0.id] + $0.aliases }
    #expect(Set(names).count == names.count)
    for bug in AllBugs.all { for alias in bug.aliases { #expect(AllBugs.named(alias)?.id == bug.id) } }
    for bug in AllBugs.all { #expect(AllBugs.named(bug.id)?.title == bug.title) }
    #expect(AllBugs.named("9.9") == nil)
  }

  @Test func `Every bug is complete and names what exists`() {
    for bug in AllBugs.all {
      #expect(bug.revisions.first?.id == "original" && bug.revisions.last?.id == "fixed", "\(bug.id)")
      #expect(Set(bug.revisions.map(\.id)).count == bug.revisions.count, "\(bug.id)")
      for check in [bug.signature] + bug.consequences + (bug.provokedBy.condition?.checks ?? []) {
        #expect(Check.named(check) != nil, "\(bug.id): no check \(check)")
      }
      #expect(!bug.provokedBy.text.isEmpty && !bug.landmarks.isEmpty && !bug.evidence.isEmpty, "\(bug.id)")
      for fault in bug.provokedBy.faults {
        #expect(access("\(Self.root)/faults/\(fault).toml", R_OK) == 0, "\(bug.id): no faults/\(fault).toml")
      }
    }
  }

  @Test func `Effects name a bug its part and a reason`() {
    for bug in AllBugs.all {
      for effect in bug.effects {
        let words = effect.part.split(separator: "/", maxSplits: 1).map(String.init)
        let owner = AllBugs.named(words.first ?? "")
        #expect(owner != nil, "\(effect.part)")
        if words.count == 2 { #expect(owner?.originalParts.contains(words[1]) == true, "\(effect.part)") }
        #expect(owner?.id == bug.id || effect.proof == bug.id, "\(effect.part) stands in the file of \(bug.id)")
        #expect(!effect.why.isEmpty)
      }
    }
    let bugs = AllBugs.all
    for (bug, other) in zip(bugs, bugs.dropFirst()) where bug.effects.isEmpty && other.effects.isEmpty {
      let part = bug.originalParts.first
      #expect(PartEffect.expected(of: bug, part: part, on: bug, under: nil).colour == .red)
      #expect(PartEffect.expected(of: bug, part: part, on: other, under: nil).colour == .green)
    }
  }

  @Test func `An original names its parts and a fixed engine has none`() {
    #expect(AllBugs.named("9.1")?.originalParts == ["router"])
    #expect(AllBugs.named("9.2")?.originalParts == ["bus", "intents", "router", "reconciler"])
    #expect(EngineParts().replaced.isEmpty)
    var parts = EngineParts()
    AllBugs.named("9.2")?.revision("original")?.replace(&parts)
    var one = EngineParts()
    one.take("intents", from: parts)
    #expect(one.replaced == ["intents"])
  }

  @Test func `A bug that was never observed says so`() {
    let exhibits = AllBugs.all.filter { $0.standing == .mechanismExhibit }.map(\.id)
    #expect(exhibits == ["C-PORT-02", "9.2-residue", "C-INFRA-01-lock", "C-PORT-03", "R-1"])
    #expect(HistoricalBug.Standing.mechanismExhibit.rawValue == "mechanism exhibit: claimed, never observed")
  }

  @Test func `Scenarios are pure functions of their seed`() {
    for bug in AllBugs.all {
      let first = bug.scenario(7)
      let again = bug.scenario(7)
      #expect(first.drops == again.drops && first.symbols == again.symbols, "\(bug.id)")
      #expect(first.drops != bug.scenario(8).drops, "\(bug.id)")
    }
  }

  @Test func `Scenarios keep their bounds`() throws {
    for bug in AllBugs.all {
      let limit: Duration = ["9.2", "9.2-residue"].contains(bug.id) ? .seconds(240) : .seconds(60)
      for seed in UInt64(1)...20 {
        let scenario = bug.scenario(seed)
        #expect(scenario.duration <= limit, "\(bug.id)")
        var settings = EngineSettings()
        for (name, value) in scenario.settings { try settings.set(name, value) }
        #expect(settings.contradictions.isEmpty, "\(bug.id)")
        #expect(Set(scenario.drops.map(\.symbol)).count == scenario.drops.count, "\(bug.id): one drop per symbol")
        #expect(scenario.drops.allSatisfy { scenario.symbols.contains($0.symbol) }, "\(bug.id)")
        let needed = scenario.drops.reduce(Decimal.zero) { sum, _ in sum + settings.positionSize }
        #expect(needed <= scenario.startingBalances[0].free, "\(bug.id): the budget covers every entry")
      }
    }
  }

  /// A drop begins with the quote after its time, and its entry is sent within 400 ms.
  @Test func `At least ten entries fall into the chaos phase`() {
    for bug in AllBugs.all {
      for seed in UInt64(1)...20 {
        let scenario = bug.scenario(seed)
        let chaos = scenario.duration / 10...scenario.duration / 10 * 7
        let poll = scenario.pollInterval.nanoseconds
        let inside = scenario.drops.filter { drop in
          let begins = Duration(nanoseconds: (drop.at.nanoseconds + poll - 1) / poll * poll)
          return chaos.contains(begins) && chaos.contains(begins + .milliseconds(400))
        }
        #expect(inside.count >= 10, "\(bug.id) seed \(seed): \(inside.count)")
      }
    }
  }
}
