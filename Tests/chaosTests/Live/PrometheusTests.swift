import Foundation
import TestSupport
import Testing

/// `chaos paper --live` with real servers beside it.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct LiveMetricsTests {
  @Test(
    .enabled(
      if: Machine.has("prometheus", "promtool", "curl"), "scripts/install-test-servers.sh installs prometheus and curl")
  )
  func `Prometheus scrapes a session and answers the guides queries`() throws {
    let scratch = Scratch()
    let (metricsPort, serverPort) = (Machine.freePort(), Machine.freePort())
    scratch.write(
      """
      global: { scrape_interval: 1s, scrape_timeout: 1s }
      scrape_configs:
        - { job_name: chaos, static_configs: [{ targets: ["127.0.0.1:\(metricsPort)"] }] }
      """, to: "prometheus.yml")
    let server = try Companion(
      try #require(Machine.program("prometheus")),
      [
        "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=127.0.0.1:\(serverPort)",
        "--log.level=warn",
      ], in: scratch.path, log: scratch.path + "/prometheus.log")
    defer { server.end() }
    let api = "http://127.0.0.1:\(serverPort)"
    try #require(Machine.eventually(seconds: 60) { Machine.page(api + "/-/ready") != nil }, "prometheus is not ready")
    let chaos = try Companion(
      try #require(Tool.folder) + "/chaos",
      [
        "paper", "--live", "--duration", "16", "--fault", "null-fee", "--prometheus", "\(metricsPort)", "--out",
        scratch.path + "/out",
      ], in: scratch.path, log: scratch.path + "/chaos.log")
    defer { chaos.end() }
    let url = "http://127.0.0.1:\(metricsPort)/metrics"
    try #require(
      Machine.eventually(seconds: 30) { Machine.page(url) != nil },
      "nothing is served: \(Machine.text(scratch.path + "/chaos.log"))")
    let text = try #require(Machine.page(url))
    scratch.write(text, to: "scrape.txt")
    let lint = try Tool.run(
      "/bin/sh", ["-c", "\(try #require(Machine.program("promtool"))) check metrics <scrape.txt"], in: scratch.path)
    // The name is the guide's, whose unit is not spelled out; promtool has nothing else to say.
    let complaints = (lint.out + lint.error).split(separator: "\n").filter { !$0.contains("stale_intent_age_s") }
    #expect(complaints == [], "\(lint.out)\(lint.error)")
    let open = try #require(Machine.page(url, ["-H", "Accept: application/openmetrics-text"]))
    #expect(open.hasSuffix("# EOF\n"))
    #expect(try #require(chaos.wait(seconds: 90)) != 70)

    let summary = try Machine.summary(scratch.path + "/out/latest")
    let counters = try #require(summary["counters"] as? [String: Int])
    let (sent, filled) = (Double(counters["orders_sent"] ?? 0), Double(counters["orders_filled"] ?? 0))
    #expect(sent > 0 && filled > 0)
    for (name, value) in counters {
      #expect(query("last_over_time(\(name)_total[5m])", api) == Double(value), "\(name)")
    }
    let rate = try #require(query("rate(orders_filled_total[5m]) / rate(orders_sent_total[5m])", api))
    // A rate counts from the first scrape, and Prometheus stretches it to the window's ends.
    func increase(_ name: String, _ value: Double) -> Double {
      value - (query("min_over_time(\(name)_total[5m])", api) ?? 0)
    }
    let (newlySent, newlyFilled) = (increase("orders_sent", sent), increase("orders_filled", filled))
    #expect(
      newlySent == 0 || abs(rate - newlyFilled / newlySent) <= 0.1 * rate,
      "\(rate) is not \(newlyFilled) of \(newlySent)")
    let p95 = try #require(
      query("histogram_quantile(0.95, rate(order_execution_latency_seconds_bucket[5m]))", api))
    let latency = (summary["histograms"] as? [String: [String: Double]])?["order_latency_ms"]
    let own = try #require(latency?["p95"]) / 1000
    let bounds = [0, 0.1, 0.5, 1, 2, 5, 10]
    func bucket(_ value: Double) -> Int? { bounds.firstIndex { value <= $0 } }
    #expect(bucket(p95) == bucket(own), "\(p95) and \(own) fall into one bucket")
    let stale = try #require(query("rate(intents_stale_total[1h])", api))
    #expect((stale > 0) == ((counters["intents_stale"] ?? 0) > 0))
  }

  /// The value of an instant query with one result.
  private func query(_ text: String, _ api: String) -> Double? {
    guard let page = Machine.page(api + "/api/v1/query", ["--data-urlencode", "query=\(text)"]),
      let json = try? JSONSerialization.jsonObject(with: Data(page.utf8)) as? [String: Any],
      let results = (json["data"] as? [String: Any])?["result"] as? [[String: Any]], results.count == 1,
      let value = (results[0]["value"] as? [Any])?.last as? String
    else { return nil }
    return Double(value)
  }

  @Test(
    .enabled(if: Machine.has("collectd", "nc"), "scripts/install-test-servers.sh installs collectd and netcat-openbsd"))
  func `A stats d server receives what the summary says`() throws {
    let scratch = Scratch()
    let port = Machine.freePort(SOCK_DGRAM)
    scratch.write(
      """
      BaseDir "\(scratch.path)"
      PIDFile "\(scratch.path)/pid"
      Hostname "here"
      FQDNLookup false
      Interval 1
      LoadPlugin statsd
      LoadPlugin csv
      <Plugin statsd>
        Host "localhost"
        Port "\(port)"
        TimerSum true
        TimerCount true
      </Plugin>
      <Plugin csv>
        DataDir "\(scratch.path)/csv"
        StoreRates false
      </Plugin>
      """ + "\n", to: "collectd.conf")
    let server = try Companion(
      try #require(Machine.program("collectd")), ["-f", "-C", "collectd.conf"], in: scratch.path,
      log: scratch.path + "/collectd.log")
    defer { server.end() }
    let folder = scratch.path + "/csv/here/statsd"
    // The guide's line, until the server is there to hear it.
    #expect(
      Machine.eventually(seconds: 30) {
        _ = try? Tool.run("/bin/sh", ["-c", "echo \"test.metric:1|c\" | nc -u -w0 localhost \(port)"])
        return column("derive-test.metric", folder).last ?? 0 >= 1
      }, "the guide's line did not arrive: \(Machine.text(scratch.path + "/collectd.log")) \(Folder.names(folder))")
    let chaos = try Tool.chaos([
      "paper", "--live", "--duration", "10", "--statsd", "localhost:\(port)", "--out", scratch.path + "/out",
    ])
    #expect(!chaos.error.contains("METRICS_ENDPOINT_FAILED"))
    let summary = try Machine.summary(scratch.path + "/out/latest")
    let counters = try #require(summary["counters"] as? [String: Int])
    for (name, key) in [
      ("orders.sent", "orders_sent"), ("orders.filled", "orders_filled"), ("orders.failed", "orders_failed"),
      ("intents.cleared", "intents_cleared"),
    ] {
      let value = Double(counters[key] ?? 0)
      #expect(
        Machine.eventually(seconds: 15) {
          column("derive-trading_bot.\(name)", folder).last ?? 0 == value
        }, "\(name): \(column("derive-trading_bot.\(name)", folder)) is not \(value)")
    }
    let refreshes = (summary["histograms"] as? [String: [String: Double]])?["budget_refresh_ms"]?["count"] ?? 0
    #expect(refreshes > 0)
    #expect(
      Machine.eventually(seconds: 15) {
        column("gauge-trading_bot.budget.refresh_duration-count", folder).reduce(0, +) == refreshes
      })
    let gauges = try #require(summary["gauges"] as? [String: Double])
    let rate = column("gauge-trading_bot.orders.fill_rate", folder).last
    if let wanted = gauges["fill_rate"] { #expect(abs((rate ?? -1) - wanted) < 0.001) }
  }

  /// The values of a collectd series, oldest first.
  private func column(_ series: String, _ folder: String) -> [Double] {
    for name in Folder.names(folder) where name.hasPrefix(series + "-20") {
      let text = (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
      return text.split(separator: "\n").dropFirst().compactMap { line in
        line.split(separator: ",").last.flatMap { Double($0) }
      }.filter { !$0.isNaN }
    }
    return []
  }

  @Test func `A port in use and other mistakes are usage errors`() throws {
    let scratch = Scratch()
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let port = Machine.freePort()
    let holder = try Companion(
      try #require(Tool.folder) + "/chaos",
      ["paper", "--live", "--duration", "60", "--prometheus", "\(port)", "--out", scratch.path + "/a"],
      in: scratch.path, log: scratch.path + "/log")
    defer { holder.end() }
    try #require(
      Machine.eventually(seconds: 30) {
        Machine.text(scratch.path + "/log").contains("metrics http://127.0.0.1:\(port)/metrics")
      })
    func error(_ arguments: String...) throws -> String {
      let result = try Tool.chaos(["paper", "--out", scratch.path + "/b"] + arguments)
      #expect(result.code == 2)
      return result.error
    }
    #expect(
      try error("--live", "--prometheus", "\(port)")
        == "chaos: --prometheus 127.0.0.1:\(port): address already in use; 'ss -ltnp' says who has it; or take another port\n"
    )
    #expect(try error("--prometheus", "\(port)").contains("--prometheus requires --live"))
    #expect(try error("--live", "--statsd", "8125").contains("--statsd expects HOST:PORT"))
    #expect(try error("--live", "--prometheus", "http").contains("--prometheus expects [HOST:]PORT"))
    #expect(
      try error("--prometheus", "--duration=5").contains("--prometheus requires --live"), "its port has a default")
    #expect(!scratch.exists("b"))
    // The session that is still running ends as in a crash: its last export is whole.
    let session = try #require(Folder.names(scratch.path + "/a").first { $0.hasPrefix("session_") })
    #expect(Machine.eventually(seconds: 30) { scratch.exists("a/\(session)/metrics/summary.json") })
    holder.kill()
    #expect(try Machine.summary("\(scratch.path)/a/\(session)")["counters"] is [String: Int])
    scratch.write("[fill_rate]\nmini = 0.5\n", to: "alerts.toml")
    let alerts = try error("--live", "--alerts", scratch.path + "/alerts.toml")
    #expect(alerts.contains("alerts.toml:2:1: [fill_rate] has no key 'mini'; its keys are min; did you mean 'min'?"))
  }
}
