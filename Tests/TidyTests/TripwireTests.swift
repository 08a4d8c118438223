import Testing

@Suite struct TripwireTests {
  @Test(arguments: Project.sources.filter { $0.path.hasSuffix(".swift") })
  func `A run stays a function of its seed`(file: ProjectFile) {
    for wire in Tripwire.all where !wire.allows(file.path) {
      #expect(wire.found(in: file.text) == [], "\(wire.name) in \(file.path)")
    }
  }

  @Test(arguments: Tripwire.all)
  func `Every word of a tripwire is found in code, and not in comments, texts or longer names`(wire: Tripwire) {
    for word in wire.words {
      let receiver = word.first == "." ? "x" : ""
      #expect(wire.found(in: "let a = 1\nlet b = \(receiver)\(word)").contains("line 2: \(word)"), "\(word)")
      #expect(wire.found(in: "// \(word)\nlet a = \"\(word)\"") == [], "\(word)")
      if word.first != "." { #expect(!wire.found(in: "let a = my\(word)").contains("line 1: \(word)"), "\(word)") }
    }
    #expect(!wire.allows("Sources/TradingEngine/MainLoop.swift"))
  }

  @Test func `A file is allowed what its row says and no more`() throws {
    let threads = try #require(Tripwire.all.first { $0.name == "threads beside the runtime" })
    #expect(threads.allows("Sources/ChaosRuntime/ThreadCarrier.swift"))
    #expect(threads.allows("Sources/ChaosRuntime/Simulation/ThreadCarrier.swift"))
    #expect(!threads.allows("Sources/Proof/ThreadCarrier.swift"))
    #expect(!threads.allows("Sources/ChaosRuntime/World.swift"))
    #expect(threads.found(in: "let a = SimThread(name: b)\nlet c = awaited") == [])
    let random = try #require(Tripwire.all.first { $0.name == "system randomness" })
    #expect(random.found(in: "let a = Int.random(in: 0..<3, using: &draws)") == [])
    #expect(random.found(in: "let a = Int.random(in: 0..<3)") == ["line 1: .random(in:"])
    // Every allowance is used: a row that nobody needs is a hole.
    for wire in Tripwire.all {
      for path in wire.allowed where path.hasSuffix(".swift") {
        for file in Project.sources where "\(file.module)/\(file.name)" == path {
          #expect(wire.found(in: file.text) != [], "\(wire.name): \(path)")
        }
      }
    }
  }

  // MARK: Swallowed stops

  static let blocking = Project.sources.filter { $0.path.hasSuffix(".swift") }
    .reduce(into: SwallowedStops.primitives) { $0.formUnion(SwallowedStops.blocking($1.text)) }
  static let engines: Set = ["TradingEngine", "HistoricalBugs", "FakeExchange", "Monitoring", "PaperSession"]

  @Test(arguments: Project.sources.filter { engines.contains($0.module) && $0.path.hasSuffix(".swift") })
  func `No engine code swallows a stop`(file: ProjectFile) {
    #expect(SwallowedStops.found(in: file.text, blocking: Self.blocking) == [])
  }

  @Test(arguments: [
    ("while true { try? runtime.sleep(.seconds(1)) }", "line 1: try? sleep"),
    ("let a = (try? lock.withLock { b }) ?? c", "line 1: try? withLock"),
    ("do throws(Stopped) { try a() } catch {}", "line 1: a catch without a throw"),
    ("do {\n  try channel.send(1)\n} catch {\n  log(error)\n}", "line 3: a catch without a throw"),
    ("do {\n  try channel.send(1)\n} catch let e as Stopped {\n  log(e)\n}", "line 3: a catch without a throw"),
    ("do { try saveAll(1) } catch { return nil }", "line 1: a catch without a throw"),
  ])
  func `A swallowed stop is found`(text: String, wrong: String) {
    let own = SwallowedStops.blocking("func saveAll(\n  _ a: Int\n) throws(Stopped) -> Int {\n}")
    #expect(own == ["saveAll"])
    #expect(SwallowedStops.found(in: text, blocking: Self.blocking.union(own)) == [wrong])
  }

  @Test(arguments: [
    "do throws(Stopped) { try a() } catch { clean(); throw error }",
    "do throws(DiskError) { try send(1) } catch { return }", "let a = try? price.divided(by: b)",
    "do {\n  try parseIt()\n} catch {\n  return nil\n}", "do { try send(1) } catch let e as DiskError { log(e) }",
    "// try? lock()\nlet a = \"try? lock()\"",
  ])
  func `A stop that is thrown on, or cannot come, is no finding`(text: String) {
    #expect(SwallowedStops.found(in: text, blocking: Self.blocking) == [])
  }
}
