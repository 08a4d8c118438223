import Basics
import FaultInjection
import Testing

@Suite("Suggestions and patterns")
struct SuggestionTests {
  @Test
  func `The nearest candidate is suggested, whatever its case; nothing when nothing is near`() {
    let words = ["deadlock", "insufficient-balance", "slow-budget-refresh"]
    #expect(Suggestion.closest(to: "daedlock", in: words) == "deadlock")
    #expect(Suggestion.closest(to: "DEADLOCK", in: words) == "deadlock")
    #expect(Suggestion.closest(to: "insuficient-balanse", in: words) == "insufficient-balance")
    #expect(Suggestion.closest(to: "latency", in: words) == nil)
    #expect(Suggestion.closest(to: "", in: words) == nil)
    #expect(Suggestion.closest(to: "x", in: []) == nil)
  }

  @Test
  func `Swapped neighbours are one edit, ties go to the first`() {
    #expect(Suggestion.closest(to: "paln", in: ["pass", "plan"]) == "plan")
    #expect(Suggestion.closest(to: "abcx", in: ["abcd", "abce"]) == "abcd")
  }

  @Test
  func `A short word suggests only what shares a letter with it`() {
    #expect(Suggestion.closest(to: "y", in: ["x", "z"]) == nil)
    #expect(Suggestion.closest(to: "xz", in: ["x"]) == "x")
  }

  @Test
  func `A star stands for any text, a question mark for one byte`() {
    for (pattern, text, expected) in [
      ("*", "", true), ("a*", "abc", true), ("*c", "abc", true), ("a*c", "abbbc", true), ("a?c", "abc", true),
      ("a?c", "ac", false), ("", "", true), ("", "a", false), ("a**b*c", "axxbyyc", true), ("*a*b", "aab", true),
      ("*ab", "aab", true), ("abc", "abcd", false), ("?", "", false), ("**", "x", true),
    ] {
      #expect(Glob.matches(pattern, text) == expected, "\(pattern) \(text)")
    }
  }

  @Test func `A word of a megabyte is near nothing and costs nothing`() {
    let word = String(repeating: "x", count: 1 << 20)
    #expect(Suggestion.closest(to: word, in: Array(repeating: word, count: 1000)) == nil)
  }
}
