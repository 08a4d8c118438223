import Basics
import Checks
import Exploration
import HistoricalBugs
import PaperSession
import Testing

@Suite struct RunJSONTests {
  static let inputs: [PaperInputs] = [
    PaperInputs(kind: .paper), PaperInputs(kind: .reference, durationSeconds: 12.5),
    PaperInputs(
      kind: .proof, bug: "9.1",
      revisions: [.init(bug: "9.1", revision: "original"), .init(bug: "9.2", revision: "fixed")],
      faults: [
        .file(name: "x.toml", text: "why = \"\"\"\n\ta \\ \"quoted\" täxt\n\"\"\"\n"),
        .oneLine("log.format[level=ERROR]=40%sleep(250ms)->1*hang"),
      ],
      settings: [.init(name: "TP", value: "1.02"), .init(name: "GLOBAL_TRADING", value: "True")], market: "a/b c",
      durationSeconds: 60),
  ]

  @Test(arguments: inputs)
  func `Inputs read back`(inputs: PaperInputs) throws {
    #expect(PaperInputs(json: inputs.json) == inputs)
    #expect(PaperInputs(json: try JSON.parse(inputs.json.text)) == inputs)
    #expect(PaperInputs(json: try JSON.parse(inputs.json.pretty())) == inputs)
  }

  @Test(arguments: [
    "{}", #"{"kind":"papers"}"#, #"{"kind":"paper","revisions":{"9.1":1}}"#, #"{"kind":"paper","faults":[{}]}"#,
    #"{"kind":"paper","faults":[{"name":"x"}]}"#, #"{"kind":"paper","settings":{"TP":2}}"#,
  ])
  func `Inputs of another shape are refused`(text: String) throws {
    #expect(PaperInputs(json: try JSON.parse(text)) == nil)
  }

  /// A replay starts from run.json alone.
  @Test(arguments: Sessions.bugs(from: 0, step: 3))
  func `Run JSON has all that a replay needs`(id: String) throws {
    let run = Executor().run(
      try Sessions.arm(id, original: true, armed: true, judgedBy: PaperSystem.baseChecks), Sessions.explored(1))
    let json = try Sessions.record(run).run.json
    let written = try #require(json["inputs"])
    let inputs = try #require(PaperInputs(json: written))
    var again = try PaperSystem(inputs)
    again.judgedBy = Set(PaperSystem.baseChecks)
    again.isFaultArmed = json["faults_armed"] == .bool(true)
    let scenario = try #require(json["scenario_seed"]?.int)
    let schedule = try #require(json["schedule_seed"]?.int)
    let replayed = Executor().run(
      again,
      RunRequest(
        scenarioSeed: UInt64(scenario), scheduleSeed: UInt64(schedule), schedule: .replay(run.recording)))
    expectSameFiles(run, replayed)
  }

  /// `check DIR` gives the run's own verdicts, for an arm of every bug.
  @Test(arguments: Sessions.bugs(from: 1, step: 3))
  func `Verdicts judged again from the files are the runs`(id: String) throws {
    // One arm or the other, with stalls or without.
    let (isOriginal, hasStalls) = (id.utf8.count % 2 == 0, id.utf8.count % 4 < 2)
    let run = Executor().run(
      try Sessions.arm(id, original: isOriginal, armed: true), Sessions.explored(2, stalls: hasStalls))
    let record = try Sessions.record(run)
    #expect(Check.judge(record) == run.judgement.verdicts)
    #expect(record.run.verdicts == run.judgement.verdicts)
    #expect(run.judgement.verdicts.map(\.check) == Check.all.map(\.name))
  }

  @Test func `Paper verdicts judged again are the runs`() throws {
    for bug in [nil] + Sessions.bugIds.enumerated().filter({ $0.offset % 12 == 0 }).map(\.element) {
      let run = Executor().run(try Sessions.paper(original: bug), PaperSystem.paperRequest(seed: 3))
      #expect(Check.judge(try Sessions.record(run)) == run.judgement.verdicts)
    }
  }

  @Test func `Config JSON has every setting in force`() throws {
    var inputs = try Sessions.paper().inputs
    inputs.settings = [.init(name: "TP", value: "1.5")]
    let run = Executor().run(try PaperSystem(inputs), PaperSystem.paperRequest(seed: 1))
    let config = try JSON.parse(try #require(SessionFiles(run.judgement.files)["config.json"]))
    #expect(config["TP"]?.string == "1.5")
    #expect(config["INTENT_STALE_THRESHOLD_S"] != nil)
    #expect(config["GLOBAL_TRADING"] != nil)
  }
}
