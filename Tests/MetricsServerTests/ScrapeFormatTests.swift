import HTTP
import Monitoring
import Testing

@testable import MetricsServer

@Suite struct ScrapeFormatTests {
  private func format(_ lines: String...) -> PrometheusText.Format {
    var parser = HTTPRequestParser(limits: PrometheusServer.limits)
    let text = (["GET /metrics HTTP/1.1"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    parser.append(Array(text.utf8)[...])
    guard case .request(let request)? = parser.next() else { preconditionFailure("not a request: \(text)") }
    return ScrapeFormat.wanted(by: request.fields)
  }

  @Test func `Open metrics is for who prefers it`() {
    let prometheus =
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
      + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    #expect(format("Accept: " + prometheus) == .openMetrics)
    #expect(
      format("Accept: text/plain;version=0.0.4;q=1,application/openmetrics-text; version=1.0.0; q=0.5")
        == .text)
    #expect(format("Accept: application/openmetrics-text; version=0.0.1") == .text)
    #expect(format("Accept: application/openmetrics-text;q=0") == .text)
    #expect(format("Accept: */*") == .text)
    #expect(format("Accept: text/html", "Accept: application/openmetrics-text") == .openMetrics)
    #expect(format() == .text)
  }
}
