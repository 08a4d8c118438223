import Basics
import FaultInjection
import TradingEngine

/// The engine's formatter behind a fault site.
final class FaultyFormatter: LogFormatter {
  private let inner: any LogFormatter
  private let site: Site
  private let injector: FaultInjector

  init(_ inner: any LogFormatter, site: Site, injector: FaultInjector) {
    self.inner = inner
    self.site = site
    self.injector = injector
  }

  func message(for record: LogRecord) throws(Stopped) -> String? {
    if let action = site.decide([SiteValue("\(record.event)"), SiteValue(record.level.rawValue)]) {
      try injector.perform(action)
    }
    return try inner.message(for: record)
  }
}
