/// Thrown by every blocking primitive once its run is stopped.
///
/// Code under a runtime lets it pass: swallowing it keeps a stopped thread alive.
public enum Stopped: Error {
  /// The run's stop was requested before or while the primitive waited; it did not do what was asked.
  case stopped
}
