import Monitoring
import Testing

@testable import MetricsServer

@Suite struct HTTPHeadTests {
  private func parsed(_ text: String) -> HTTPHead.Parsed { HTTPHead.parse(Array(text.utf8)) }

  private func head(_ lines: String...) throws -> HTTPHead {
    let text = (["GET /metrics HTTP/1.1"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
    guard case .head(let head, let length) = parsed(text) else { throw Unparsed(text: text) }
    #expect(length == text.utf8.count)
    return head
  }

  private struct Unparsed: Error { var text: String }

  @Test func `A head is read when it is whole`() throws {
    #expect(parsed("GET /metrics HTTP/1.1\r\nHost: a") == .incomplete)
    #expect(parsed("") == .incomplete)
    #expect(try head("Host: a").isPersistent)
    #expect(try !head("CONNECTION: Close").isPersistent)
    #expect(try head("Content-Length: 5").hasBody)
    #expect(try !head("Content-Length: 0").hasBody)
    #expect(
      parsed("GET /metrics?name=x HTTP/1.0\n\n")
        == .head(
          HTTPHead(method: "GET", path: "/metrics", isPersistent: false), length: 30))
  }

  @Test(arguments: [
    "hello\r\n\r\n", "GET metrics HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "GET / HTTP/2\r\n\r\n",
    "get / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n",
  ])
  func `What is no request is malformed`(text: String) {
    #expect(parsed(text) == .malformed)
  }

  @Test func `A head has a limit`() {
    #expect(parsed("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 9000)) == .tooLarge)
    #expect(parsed("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 9000) + "\r\n\r\n") == .tooLarge)
    #expect(parsed(String(repeating: "a", count: 8191)) == .incomplete)
  }

  @Test func `Open metrics is for who prefers it`() throws {
    let prometheus =
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
      + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
    #expect(try head("Accept: " + prometheus).format == .openMetrics)
    #expect(
      try head("Accept: text/plain;version=0.0.4;q=1,application/openmetrics-text; version=1.0.0; q=0.5").format
        == .text)
    #expect(try head("Accept: application/openmetrics-text; version=0.0.1").format == .text)
    #expect(try head("Accept: application/openmetrics-text;q=0").format == .text)
    #expect(try head("Accept: */*").format == .text)
    #expect(try head("Accept: text/html", "Accept: application/openmetrics-text").format == .openMetrics)
    #expect(try head().format == .text)
  }
}
