import Basics
import Testing
import Trading

@Suite("Decimals")
struct DecimalTests {
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("1", "1"), ("+1.50", "1.5"), ("0.000000000001", "0.000000000001"),
    ("1e-8", "0.00000001"),
    ("2.5E3", "2500"), ("1e-06", "0.000001"), ("100e-2", "1"), ("0.1200000000000000000000", "0.12"),
    ("-110925.81", "-110925.81"), ("1762074774.9570339", "1762074774.9570339"), ("0e99", "0"), ("000.5", "0.5"),
    ("170141183460469231731687304", "nil"), ("170141183460469231731687303", "170141183460469231731687303"),
  ])
  func `Text is read exactly and written in its shortest form`(text: String, expected: String) {
    #expect(Decimal(text)?.description ?? "nil" == expected)
  }

  @Test(arguments: [
    "", "-", "+", ".", ".5", "5.", "1.2.3", "1e", "1e+", "1e12345", "0x1", "1,5", " 1", "1 ", "nan", "inf", "--1",
    "0.0000000000001", "1e-13", "1e30", "1٢",
  ])
  func `Text that is no exact decimal is refused`(text: String) {
    #expect(Decimal(text) == nil)
  }

  @Test
  func `Amounts of every day are read as all others are`() {
    var random = SplitMix(seed: 11)
    let pieces = ["0", "00", "7", "25", "999999999", "1000000000", "."]
    for _ in 0..<2_000 {
      var text = random.next() % 4 == 0 ? "-" : ""
      for _ in 0...(random.next() % 4) { text += pieces[Int(random.next() % UInt64(pieces.count))] }
      // An exponent is never read the short way.
      #expect(Decimal(text) == Decimal(text + "e0"), "\(text)")
    }
  }

  @Test(arguments: [Rounding.down, .up, .halfEven])
  func `Products of small amounts are those of the full width`(rounding: Rounding) throws {
    var random = SplitMix(seed: 12)
    for n in 0..<2_000 {
      let (a, b) = (random.next() >> (n % 40), random.next() >> (n * 7 % 40))
      let (exact, isBeyond) = Int128(a).multipliedReportingOverflow(by: Int128(b))
      if isBeyond { continue }
      let (whole, rest) = exact.quotientAndRemainder(dividingBy: 1_000_000_000_000)
      let half = Int128(500_000_000_000)
      let isUp = rounding == .up ? rest > 0 : rounding == .halfEven && (rest > half || rest == half && whole % 2 == 1)
      let product = try Decimal(coefficient: Int128(a)).multiplied(
        by: Decimal(coefficient: Int128(b)), rounding: rounding)
      #expect(product.coefficient == whole + (isUp ? 1 : 0), "\(a) \(b)")
    }
    for (factor, down, up, even) in [(3, 1, 2, 2), (1, 0, 1, 0), (5, 2, 3, 2), (4, 2, 2, 2)] as [(Int, Int, Int, Int)] {
      // Ties: n times one half.
      let half = Decimal(coefficient: 500_000_000_000)
      let product = try half.multiplied(by: Decimal(coefficient: Int128(factor)), rounding: rounding)
      let expected = rounding == .down ? down : rounding == .up ? up : even
      #expect(product.coefficient == Int128(expected))
    }
  }

  @Test
  func `Every value reads back from its own text`() {
    var random = SplitMix(seed: 1)
    for _ in 0..<2_000 {
      let value = random.decimal()
      #expect(Decimal(value.description) == value)
    }
  }

  @Test
  func `Addition, subtraction and comparison agree with whole numbers`() throws {
    var random = SplitMix(seed: 2)
    for _ in 0..<2_000 {
      let (a, b) = (Int(random.next() % 2_000_001) - 1_000_000, Int(random.next() % 2_000_001) - 1_000_000)
      #expect(Decimal(a) + Decimal(b) == Decimal(a + b))
      #expect(Decimal(a) - Decimal(b) == Decimal(a - b))
      #expect(try Decimal(a).multiplied(by: Decimal(b), rounding: .down) == Decimal(a * b))
      #expect((Decimal(a) < Decimal(b)) == (a < b))
    }
  }

  @Test
  func `A quotient times its divisor is within one unit of rounding, on the side that was asked for`() throws {
    var random = SplitMix(seed: 3)
    for _ in 0..<2_000 {
      let (a, b) = (random.decimal().magnitude, random.decimal().magnitude)
      guard !b.isZero, a < Decimal(1_000_000_000_000), b > Decimal(coefficient: 1_000_000) else { continue }
      let down = try a.divided(by: b, rounding: .down)
      let up = try a.divided(by: b, rounding: .up)
      #expect(up - down <= Decimal(coefficient: 1))
      #expect(try down.multiplied(by: b, rounding: .down) <= a)
      #expect(try up.multiplied(by: b, rounding: .up) >= a)
    }
  }

  @Test(arguments: [
    ("0.000000000001", "0.5", "0", "0.000000000001", "0"), ("0.000000000003", "0.5", "1", "2", "2"),
    ("-0.000000000003", "0.5", "-1", "-2", "-2"), ("0.000000000001", "0.4", "0", "1", "0"),
    ("0.000000000001", "0.6", "0", "1", "1"),
  ])
  func `Rounding goes where it is told, for both signs`(
    left: String, right: String, down: String, up: String, even: String
  ) throws {
    func units(_ text: String) -> Decimal? {
      Decimal(text).map { text.contains(".") ? $0 : Decimal(coefficient: $0.coefficient / Decimal.one.coefficient) }
    }
    let (a, b) = (try #require(Decimal(left)), try #require(Decimal(right)))
    #expect(try a.multiplied(by: b, rounding: .down) == units(down))
    #expect(try a.multiplied(by: b, rounding: .up) == units(up))
    #expect(try a.multiplied(by: b, rounding: .halfEven) == units(even))
  }

  @Test
  func `Overflow and division by zero are errors, not traps`() throws {
    let huge = Decimal(coefficient: .max)
    #expect(throws: ArithmeticError.overflow) { try huge.adding(Decimal(coefficient: 1)) }
    #expect(throws: ArithmeticError.overflow) { try Decimal(coefficient: .min).subtracting(.one) }
    #expect(throws: ArithmeticError.overflow) { try huge.multiplied(by: Decimal(2), rounding: .down) }
    #expect(throws: ArithmeticError.overflow) { try huge.multiplied(by: huge, rounding: .down) }
    #expect(throws: ArithmeticError.overflow) { try huge.divided(by: Decimal(coefficient: 1), rounding: .down) }
    #expect(throws: ArithmeticError.divisionByZero) { try Decimal.one.divided(by: .zero, rounding: .down) }
    #expect(try huge.divided(by: huge, rounding: .halfEven) == .one)
    #expect(Decimal(coefficient: .min).description == "-170141183460469231731687303.715884105728")
  }

  @Test
  func `Products of large factors keep all 256 bits on the way`() throws {
    let a = try #require(Decimal("12345678901234.567890123456"))
    let b = try #require(Decimal("98765432.109876543219"))
    let product = try a.multiplied(by: b, rounding: .down).description
    #expect(product == "1219326311370217952360.768096408931")
    #expect(try a.divided(by: b, rounding: .down).description == "124999.9988609375")
  }

  @Test
  func `Flooring to a step never goes up, rounding goes to the nearest step`() throws {
    let step = try #require(Decimal("0.01"))
    #expect(Decimal("5.912751925704")?.floored(toStep: step).description == "5.91")
    #expect(Decimal("-5.911")?.floored(toStep: step).description == "-5.92")
    #expect(Decimal("5.915")?.rounded(toStep: step).description == "5.92")
    #expect(Decimal("5.914")?.rounded(toStep: step).description == "5.91")
    #expect(Decimal("5.914")?.rounded(toStep: .zero).description == "5.914")
    #expect(Decimal("5.91")?.isMultiple(of: step) == true)
    #expect(Decimal("5.911")?.isMultiple(of: step) == false)
  }
}
