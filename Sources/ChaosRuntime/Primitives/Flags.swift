/// Bits of the word that every operation reads once: 0 is a live run in which nothing stands in between.
@usableFromInline enum Flags {
  @usableFromInline static let simulated: UInt32 = 1
  @usableFromInline static let interposed: UInt32 = 2
  @usableFromInline static let stopping: UInt32 = 4
}
