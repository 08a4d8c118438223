import Basics
import Exploration
import Testing

@Suite struct CoverageTests {
  private static func item(_ name: String, _ kind: Coverage.Kind = .handOff) -> Coverage.Item {
    Coverage.Item(kind, name)
  }

  private static let sweep: Coverage = {
    var coverage = Coverage()
    for n in 0..<20 {
      var items = [item("always"), item("always")]
      if n == 3 { items.append(item("once")) }
      if n >= 18 { items.append(item("late")) }
      coverage.add(items, expected: [item("always", .sometimes), item("rain", .sometimes)])
    }
    return coverage
  }()

  @Test func `Figures are those of the schedules`() {
    let figures = Self.sweep.figures(.handOff)
    #expect(figures.seen == 3)
    // First seen in the last two of twenty.
    #expect(figures.recent == 1)
    #expect(figures.once == 1)
    #expect(figures.observations == 20 + 1 + 2)
    #expect(figures.unseenMass == 1.0 / 23)
    #expect(Self.sweep.neverHit(.sometimes) == ["always", "rain"])
    #expect(Coverage().figures(.handOff).unseenMass == 1)
  }

  @Test func `Merging is commutative and a union`() {
    var other = Coverage()
    other.add([Self.item("once"), Self.item("rain", .sometimes)], expected: [Self.item("snow", .sometimes)])
    var (a, b) = (Self.sweep, other)
    a.merge(other)
    b.merge(Self.sweep)
    #expect(a == b)
    #expect(a.schedules == 21)
    #expect(a.figures(.handOff).once == 0)
    #expect(a.neverHit(.sometimes) == ["always", "snow"])
    var twice = Self.sweep
    twice.merge(Coverage())
    #expect(twice == Self.sweep)
  }

  @Test func `Its JSON reads back`() throws {
    let again = try #require(Coverage(json: try JSON.parse(Array(Self.sweep.json.text.utf8))))
    #expect(again == Self.sweep)
    #expect(Coverage(json: .object([])) == nil)
  }

  @Test func `The text says what was never hit`() {
    #expect(
      Self.sweep.text == """
        Coverage  20 schedules
                                  seen  new in last tenth  never hit  unseen mass
          hand-offs                  3                  1          0       4.35 %
          sometimes                  0                  0          2        100 %
          never hit, sometimes: always; rain

        """)
  }

  @Test func `Names beyond the limit are counted`() {
    var coverage = Coverage()
    coverage.add((0..<Coverage.namesMax + 5).map { Self.item("\($0)") })
    #expect(coverage.figures(.handOff).seen == Coverage.namesMax)
    #expect(coverage.dropped == 5)
  }
}
