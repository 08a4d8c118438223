/// The receiving end of a queue between threads, whatever the queue is made of.
public protocol EventSource<Element>: Sendable {
  /// What the queue carries from one thread to another.
  associatedtype Element: Sendable

  /// The oldest element, waiting for one at most `timeout` (nil: for ever); nil: none came, or the source is closed and
  /// empty.
  func receive(timeout: Duration?) throws(Stopped) -> Element?

  /// Whether nothing more can be put in; elements may still be left.
  var isClosed: Bool { get }
}
