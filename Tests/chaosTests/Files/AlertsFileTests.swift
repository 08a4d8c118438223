import Foundation
import TestSupport
import Testing

/// `--alerts FILE.toml`, by a live session and by its mistakes.
@Suite(.tags(.live), .realClock, .serialized, .timeLimit(.minutes(5))) struct AlertsFileTests {
  @Test func `A live session alerts every sink and survives the sick ones and a deaf server`() throws {
    let scratch = Scratch()
    scratch.write(
      """
      cooldown_s = 1
      fill_rate  = { min = 1.0 }
      [[sink]]
      kind = "log"
      [[sink]]
      kind = "file"
      path = "logs/alerts.jsonl"
      [[sink]]
      kind = "command"
      command = ["/bin/sh", "-c", "echo $CHAOS_ALERT >>\(scratch.path)/told; exit 3", "hush-hush"]
      [[sink]]
      kind = "webhook"
      url = "http://127.0.0.1:\(Machine.freePort())/x?token=hush-hush"
      """, to: "alerts.toml")
    let chaos = try Tool.chaos([
      "paper", "--live", "--duration", "10", "--fault", "insufficient-balance", "--alerts",
      scratch.path + "/alerts.toml", "--statsd", "localhost:\(Machine.freePort(SOCK_DGRAM))", "--out",
      scratch.path + "/out",
    ])
    #expect(chaos.code == 0, "the venue refused every order, and the engine said so: \(chaos.out)")
    let folder = scratch.path + "/out/latest/logs"
    let events = try #require(Folder.names(folder).first { $0.hasPrefix("events_") })
    let log = try String(contentsOfFile: "\(folder)/\(events)", encoding: .utf8)
    #expect(log.contains(#""event_type":"ALERT_FIRED","#))
    #expect(log.contains(#""alert":"fill_rate","alert_message":"Low fill rate: "#))
    #expect(log.contains(#""sink":"command","reason":"sh ended with code 3""#))
    #expect(log.contains(#""sink":"webhook","reason":"127.0.0.1:"#))
    #expect(!log.contains("hush-hush"))
    let doctor = try Tool.chaos(["doctor", scratch.path + "/out/latest"])
    #expect(doctor.out.contains("\"StatsD metrics not received\""), "nobody listened there: \(doctor.out)")
    #expect(try String(contentsOfFile: folder + "/alerts.jsonl", encoding: .utf8).contains(#""alert":"fill_rate""#))
    #expect(try String(contentsOfFile: scratch.path + "/told", encoding: .utf8).hasPrefix("fill_rate\n"))
  }

  @Test(arguments: [
    ("cooldown_s = \"5\"", "1:14: 'cooldown_s' is a number from 0 to 86400"),
    ("[intents]\npending_max = 1.5", "2:15: 'pending_max' is a whole number from 0 to 1000000"),
    ("[fil_rate]", "1:2: the file has no key 'fil_rate'"),
    ("[[sink]]\nkind = \"webhok\"", "did you mean 'webhook'?"),
    ("[[sink]]\nkind = \"file\"\npath = \"../x\"", "3:8: 'path' stays in the session's directory"),
    (
      "[[sink]]\nkind = \"command\"\ncommand = [\"sh\"]",
      "3:11: 'command' is an array of texts that begins with a program's full path"
    ),
    ("[[sink]]\nkind = \"webhook\"\nurl = \"http://example.com/\"", "3:7: a webhook goes to this machine"),
    ("[[sink]]\nkind = \"log\"\npath = \"x\"", "3:1: a log sink has no key 'path'"),
  ])
  func `A mistake is shown with its place`(text: String, message: String) throws {
    let scratch = Scratch()
    scratch.write(text + "\n", to: "alerts.toml")
    let result = try Tool.chaos([
      "paper", "--live", "--duration", "5", "--alerts", scratch.path + "/alerts.toml", "--out", scratch.path + "/out",
    ])
    #expect(result.code == 2)
    #expect(result.error.contains(message), "\(result.error)")
    #expect(!scratch.exists("out"))
  }
}
