/// What somebody asked for does not exist, contradicts itself, or cannot be done; the text says so and what to do.
public struct UsageError: Error, Sendable {
  /// Sentences for people, without the program's name.
  public let text: String

  /// An error with that text.
  public init(text: String) { self.text = text }
}
