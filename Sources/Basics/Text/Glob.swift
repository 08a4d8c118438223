/// Patterns with `*` (any run of bytes) and `?` (one byte).
public enum Glob {
  /// Whether the pattern describes the whole text, compared byte by byte; there is no escape for `*` and `?`. O(pattern
  /// x text) at worst: only the last `*` is ever tried again.
  public static func matches(_ pattern: String, _ text: String) -> Bool {
    let p = Array(pattern.utf8)
    let t = Array(text.utf8)
    var i = 0
    var j = 0
    var star: (pattern: Int, text: Int)?
    while j < t.count {
      if i < p.count, p[i] == t[j] || p[i] == 0x3F, p[i] != 0x2A {
        i += 1
        j += 1
      } else if i < p.count, p[i] == 0x2A {
        star = (i, j)
        i += 1
      } else if let s = star {
        star = (s.pattern, s.text + 1)
        i = s.pattern + 1
        j = s.text + 1
      } else {
        return false
      }
    }
    return p[i...].allSatisfy { $0 == 0x2A }
  }
}
