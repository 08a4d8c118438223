/// A name that a session's files, faults or proofs have: written by one part and read by another.
///
/// Its text is its raw value, also in an interpolation.
public protocol WrittenName: RawRepresentable<String>, CaseIterable, Sendable, CustomStringConvertible {}

extension WrittenName {
  /// The raw value.
  public var description: String { rawValue }
}
