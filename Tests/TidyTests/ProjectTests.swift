import Testing

/// The rules, applied to the project.
@Suite struct ProjectTests {
  @Test func `There is a project to look at`() {
    #expect(Project.sources.count > 100)
    #expect(Project.tests.count > 10)
    #expect(Project.faults.count >= 4)
  }

  @Test(arguments: Project.sources.filter { $0.path.hasSuffix(".swift") })
  func `A module imports only from layers below its own`(file: ProjectFile) {
    #expect(Rules.badImports(file.text, of: file.module) == [])
  }

  @Test func `The manifest allows no import that the table of layers does not`() throws {
    let manifest = try #require(Project.text("Package.swift"))
    #expect(Rules.badManifestLayers(manifest) == [])
    #expect(Set(Rules.manifestLayers(manifest).keys).isSubset(of: Rules.layers.keys))
    #expect(Set(Project.sources.map(\.module)) == Set(Rules.manifestLayers(manifest).keys))
  }

  @Test(arguments: Project.swift)
  func `Files and functions stay short`(file: ProjectFile) {
    #expect(Rules.longFile(file.text) == [])
    #expect(Rules.longFunctions(file.text) == [])
  }

  @Test(arguments: Project.sources.filter { $0.path.hasSuffix(".swift") })
  func `What other modules can use is documented`(file: ProjectFile) {
    #expect(Rules.undocumented(file.text) == [])
  }

  @Test func `A folder holds at most 25 files, so that its listing reads like a table of contents`() {
    #expect(Rules.fullFolders((Project.sources + Project.tests).map(\.path)) == [])
    let many = (0...Rules.folderFilesMax).map { "Sources/Attic/File\($0).swift" }
    #expect(Rules.fullFolders(many) == ["Sources/Attic holds 26 files"])
    #expect(Rules.fullFolders(Array(many.dropLast())) == [])
  }

  @Test func `Tests are named by sentences`() {
    for file in Project.tests { #expect(Rules.badTestNames(file.text) == [], "\(file.path)") }
    let bad =
      "@Test(arguments: [\n(1, \"func a(\")])\nfunc aWordLikeThis(n: Int) {}\nfunc helper() {}\n@Test func `oneWord`() {}\n"
    #expect(Rules.badTestNames(bad) == ["aWordLikeThis", "`oneWord`"])
  }

  @Test func `Names that a session's files have are written in one place`() throws {
    let files = ["EventName", "SettingName", "CheckName", "ThreadName", "LandmarkName"]
    let schema = try files.reduce(into: Set<String>()) { names, file in
      names.formUnion(Rules.writtenNames(try #require(Project.source("\(file).swift", of: "Trading"))))
    }
    #expect(schema.count > 130 && schema.isSuperset(of: ["ORDER_SENT", "no-deadlock", "engine-main", "silent-order"]))
    // Locks are named like threads, an option like a check, and a scenario like a landmark.
    let others = [
      "SnapshotStore.swift": "state-writer", "DebouncedTurns.swift": "state-writer",
      "ThreadedRefresher.swift": "budget-refresh", "RunCommand.swift": "lock-order", "EngineRun.swift": "lock-order",
      "LiveSubscriberList.swift": "first-fill",
    ]
    let modules = ["TradingEngine", "Checks", "HistoricalBugs", "PaperSession", "FakeExchange", "chaos"]
    for file in Project.sources where modules.contains(file.module) {
      let loose = Rules.looseNames(file.text, schema: schema).filter { $0 != others[file.name] }
      #expect(loose == [], "\(file.path)")
    }
    #expect(Rules.looseNames("count(\"ORDER_SENT\") // x\n// \"ORDER_SENT\"\n", schema: schema) == ["ORDER_SENT"])
  }

  @Test func `Nothing is left unfinished in the text`() {
    for file in Project.sources + Project.tests + Project.faults + Project.scripts + Project.pages {
      #expect(Rules.unfinishedWork(file.text) == [], "\(file.path)")
    }
  }

  @Test func `Every fault file is embedded`() throws {
    let list = try #require(Project.source("EmbeddedFaults.swift", of: "PaperSession"))
    #expect(Rules.badFaultList(list, files: Project.faults.map { String($0.name.dropLast(5)) }) == [])
  }

  @Test func `Every fault file has a row in the article on faults`() throws {
    let page = try #require(Project.text("Sources/chaos/Documentation.docc/Faults.md"))
    #expect(Rules.missingRows(page, faults: Project.faults.map { String($0.name.dropLast(5)) }) == [])
  }

  @Test func `Every bug file is in the one list`() throws {
    let files = Project.sources.filter { file in
      ["Locks", "Orders", "Budget", "Fills", "MarketData", "Logging", "Threads", "Shutdown"]
        .contains { file.path.hasPrefix("Sources/HistoricalBugs/\($0)/") && file.path.hasSuffix(".swift") }
    }
    let list = try #require(Project.source("AllBugs.swift", of: "HistoricalBugs"))
    #expect(files.count >= 23)
    for file in files where Rules.declaredBugs(file.text).isEmpty {
      Issue.record("\(file.path) declares no HistoricalBug")
    }
    #expect(Rules.badBugList(list, declared: files.flatMap { Rules.declaredBugs($0.text) }) == [])
  }

  @Test(.enabled(if: Project.tracked != nil, "there is no git repository here"))
  func `Nothing that is made is tracked`() throws {
    #expect(Rules.badTracked(try #require(Project.tracked)) == [])
  }

  @Test func `There are no packages from elsewhere`() throws {
    #expect(Rules.badPackage(try #require(Project.text("Package.swift"))) == [])
  }
}
