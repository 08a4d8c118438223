import Foundation
import TestSupport
import Testing

extension Machine {
  static func summary(_ session: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: session + "/metrics/summary.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
