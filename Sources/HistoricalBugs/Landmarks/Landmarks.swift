public import TradingEngine

/// Observers around an engine's parts that pass the landmarks for which somebody has to remember something.
///
/// All other landmarks stand where they are passed. An observer changes nothing else, and no part knows of it.
public enum Landmarks {
  /// Puts the observers around the parts, whichever they are; called when every revision is in place.
  public static func observe(_ parts: inout EngineParts) {
    let (intents, log) = (parts.intents, parts.log)
    parts.intents = { ObservedBook(intents($0), $0) }
    // A pre-fix log passes the landmark itself: it loses other orders than those of the last seconds.
    if !parts.replaced.contains("log") { parts.log = { ObservedLog(log($0), $0) } }
  }
}
