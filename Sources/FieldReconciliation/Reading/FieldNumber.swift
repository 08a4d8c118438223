import Trading

/// Amounts as logs and exports write them, read exactly.
package enum FieldNumber {
  /// A number with an optional asset behind it, such as `26.77DOGE`, `1,234.5` or `1.234,5`.
  struct Cell: Equatable {
    var value: Decimal
    /// What stands behind the number; empty: nothing.
    var asset: String
    /// More than 12 digits stood behind the point; they were cut.
    var isCut = false
  }

  /// A JSON number's text or what stands in its quotes; nil: no number.
  package static func plain(_ text: Substring) -> Decimal? { exact(String(text))?.value }

  /// `base` is what the symbol says: "120.41INCH" of 1INCH/USDT is 120.4.
  ///
  /// - Parameter isComma: the decimal sign is a comma, and points stand between thousands.
  static func cell(_ text: String, assets: [String], isComma: Bool) -> Cell? {
    var number = text.filter { $0 != " " && $0 != "\u{A0}" }
    var asset = ""
    let upper = number.uppercased()
    if let known = assets.filter({ !$0.isEmpty && upper.hasSuffix($0.uppercased()) && $0.count < number.count }).max(
      by: {
        $0.count < $1.count
      })
    {
      asset = String(number.suffix(known.count))
      number.removeLast(known.count)
    } else {
      while let last = number.last, !last.isNumber {
        asset.insert(number.removeLast(), at: asset.startIndex)
      }
    }
    guard let plain = ungrouped(number, isComma: isComma), let read = exact(plain) else { return nil }
    return Cell(value: read.value, asset: asset, isCut: read.isCut)
  }

  /// Without signs between thousands; nil where they do not stand between groups of three.
  private static func ungrouped(_ text: String, isComma: Bool) -> String? {
    let (group, point): (Character, Character) = isComma ? (".", ",") : (",", ".")
    let parts = text.split(separator: point, omittingEmptySubsequences: false)
    guard parts.count <= 2 else { return nil }
    let groups = parts[0].split(separator: group, omittingEmptySubsequences: false)
    if groups.count > 1 {
      guard let first = groups.first, (1...3).contains(first.filter(\.isNumber).count),
        groups.dropFirst().allSatisfy({ $0.count == 3 })
      else { return nil }
    }
    guard parts.count == 1 || !parts[1].contains(group) else { return nil }
    return groups.joined() + (parts.count == 2 ? ".\(parts[1])" : "")
  }

  private static func exact(_ text: String) -> (value: Decimal, isCut: Bool)? {
    if let value = Decimal(text) { return (value, false) }
    // Binary floating point prints up to 17 digits; what lies behind the twelfth place is its noise.
    let lower = text.lowercased()
    let mantissa = lower.prefix { $0 != "e" }
    let exponent = lower.dropFirst(mantissa.count + 1)
    guard let point = mantissa.firstIndex(of: "."), exponent.isEmpty || Int(exponent) != nil else { return nil }
    let kept = max(0, Decimal.scale + (Int(exponent) ?? 0))
    let fraction = mantissa[mantissa.index(after: point)...]
    guard !fraction.isEmpty, fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    let cut =
      mantissa[..<point] + (kept > 0 ? "." + fraction.prefix(kept) : "") + (exponent.isEmpty ? "" : "e\(exponent)")
    return Decimal(String(cut)).map { ($0, true) }
  }
}
