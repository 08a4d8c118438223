import HTTP
import Monitoring

/// Which format a scraper wants.
enum ScrapeFormat {
  /// Ranges of an Accept field that are read.
  private static let rangesMax = 32

  /// OpenMetrics only for who prefers it; text for everybody else.
  static func wanted(by fields: HTTPFields) -> PrometheusText.Format {
    var open = 0.0
    var text = 0.0
    for range in fields.all("accept").joined(separator: ",").split(separator: ",").prefix(rangesMax) {
      let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      guard let type = parts.first else { continue }
      var quality = 1.0
      var version = "1.0.0"
      for part in parts.dropFirst() {
        if part.hasPrefix("q=") { quality = Double(part.dropFirst(2)) ?? 0 }
        if part.hasPrefix("version=") { version = String(part.dropFirst(8)) }
      }
      switch type {
      case "application/openmetrics-text" where version == "1.0.0": open = max(open, quality)
      case "text/plain", "text/*": text = max(text, quality)
      default: continue
      }
    }
    return open > 0 && open >= text ? .openMetrics : .text
  }
}
