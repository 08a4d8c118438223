import Testing

/// The rules, applied to the project.
@Suite struct HouseTests {
  @Test func `There is a house to look at`() {
    #expect(House.sources.count > 100)
    #expect(House.tests.count > 10)
    #expect(House.faults.count >= 4)
  }

  @Test(arguments: House.sources.filter { $0.path.hasSuffix(".swift") })
  func `A module imports only from layers below its own`(file: HouseFile) {
    #expect(Rules.badImports(file.text, of: file.module) == [])
  }

  @Test func `The manifest allows no import that the table of layers does not`() throws {
    let manifest = try #require(House.text("Package.swift"))
    #expect(Rules.badManifestLayers(manifest) == [])
    #expect(Set(Rules.manifestLayers(manifest).keys).isSubset(of: Rules.layers.keys))
    #expect(Set(House.sources.map(\.module)) == Set(Rules.manifestLayers(manifest).keys))
  }

  @Test(arguments: House.swift)
  func `Files and functions stay short`(file: HouseFile) {
    #expect(Rules.longFile(file.text) == [])
    #expect(Rules.longFunctions(file.text) == [])
  }

  @Test func `A folder holds at most 25 files, so that its listing reads like a table of contents`() {
    #expect(Rules.fullFolders((House.sources + House.tests).map(\.path)) == [])
    let many = (0...Rules.folderFilesMax).map { "Sources/Attic/File\($0).swift" }
    #expect(Rules.fullFolders(many) == ["Sources/Attic holds 26 files"])
    #expect(Rules.fullFolders(Array(many.dropLast())) == [])
  }

  @Test func `Nothing is left unfinished in the text`() {
    for file in House.sources + House.tests + House.faults + House.scripts {
      #expect(Rules.unfinishedWork(file.text) == [], "\(file.path)")
    }
  }

  @Test func `Every fault file is embedded`() throws {
    let list = try #require(House.source("EmbeddedFaults.swift", of: "PaperSession"))
    #expect(Rules.badFaultList(list, files: House.faults.map { String($0.name.dropLast(5)) }) == [])
  }

  @Test(.enabled(if: House.text("README.md") != nil, "there is no README.md yet"))
  func `Every fault file has a row in the README`() throws {
    let page = try #require(House.text("README.md"))
    #expect(Rules.missingRows(page, faults: House.faults.map { String($0.name.dropLast(5)) }) == [])
  }

  @Test func `Every bug file is in the one list`() throws {
    let files = House.sources.filter { $0.module == "HistoricalBugs" && $0.name.hasPrefix("Bug") }
    let list = try #require(House.source("All.swift", of: "HistoricalBugs"))
    #expect(files.count >= 4)
    for file in files where Rules.declaredBugs(file.text).isEmpty {
      Issue.record("\(file.path) declares no HistoricalBug")
    }
    #expect(Rules.badBugList(list, declared: files.flatMap { Rules.declaredBugs($0.text) }) == [])
  }

  @Test(.enabled(if: House.tracked != nil, "there is no git repository here"))
  func `Nothing that is made is tracked`() throws {
    #expect(Rules.badTracked(try #require(House.tracked)) == [])
  }

  @Test func `There are no packages from elsewhere`() throws {
    #expect(Rules.badPackage(try #require(House.text("Package.swift"))) == [])
  }
}
