import Synchronization

/// The sites of one run. Each run has its own, so that two runs never share a counter.
public final class SiteCatalogue: Sendable {
  /// In the order of their definitions.
  public let sites: [Site]
  private let byName: [String: Site]
  private let states = Mutex<[String: @Sendable () -> Int]>([:])

  /// Of two definitions with one name the first counts.
  public init(_ definitions: [SiteDefinition]) {
    sites = definitions.map { Site($0) }
    byName = Dictionary(sites.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The site of that name; nil when this run has none.
  public subscript(name: String) -> Site? { byName[name] }

  /// Says how a state that `when` may ask for is counted; it is asked at each hit of a site with such a condition.
  public func provide(_ state: String, _ count: @escaping @Sendable () -> Int) {
    states.withLock { $0[state] = count }
  }

  /// The state's number now; nil when nobody provides it.
  func count(of state: String) -> Int? {
    let count = states.withLock { $0[state] }
    return count?()
  }

  /// The site of a name that the program itself defined.
  public func required(_ name: String) -> Site {
    guard let site = byName[name] else { fatalError("the site catalogue of this run lacks '\(name)'") }
    return site
  }
}
