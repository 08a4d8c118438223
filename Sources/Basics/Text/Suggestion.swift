/// Finds what somebody meant to type.
public enum Suggestion {
  /// Nobody mistypes a longer name; the distances of one would take minutes.
  static let lengthMax = 200

  /// The candidate nearest to `word`, when it is near enough to be meant: a third of its length apart or two edits, and
  /// one letter in common. Case counts for nothing; ties go to the candidate named first. O(candidates x length²), and
  /// nothing is near a word of more than `lengthMax` bytes.
  public static func closest(to word: String, in candidates: [String]) -> String? {
    if word.utf8.count > lengthMax { return nil }
    let limit = min(max(2, word.utf8.count / 3), word.utf8.count - 1)
    var best: (distance: Int, candidate: String)?
    for candidate in candidates {
      let d = distance(Array(word.lowercased().utf8), Array(candidate.lowercased().utf8))
      if d <= limit, d < best?.distance ?? .max { best = (d, candidate) }
    }
    return best?.candidate
  }

  /// Edits from `a` to `b`: insertions, deletions, substitutions and swaps of neighbours, each letter edited once.
  ///
  /// Source: optimal string alignment distance (Damerau 1964). O(|a| x |b|).
  static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 1...a.count {
      var row = [i] + [Int](repeating: 0, count: b.count)
      for j in 1...b.count {
        row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
