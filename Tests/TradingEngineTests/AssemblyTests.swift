import Basics
import ChaosRuntime
import Synchronization
import TestSupport
import Testing
import Trading

@testable import TradingEngine

@Suite struct AssemblyTests {
  /// Asks for a part that asks for the router.
  private final class CircularRouter: OrderRouter {
    let reconciler: any Reconciler
    init(_ parts: EngineAssembly) { reconciler = parts.reconciler }
    func submit(_ intent: OrderIntent) throws(Stopped) {}
    func fail(_ id: String, _ failure: OrderFailure) throws(Stopped) {}
  }

  private static func assemble(_ parts: EngineParts) -> [String] {
    let names = Box<[String]>([])
    _ = Simulation().run(disk: MemoryDisk()) { runtime throws(Stopped) in
      let engine = Engine(
        runtime: runtime, client: ScriptedVenue(runtime), symbols: [ScriptedVenue.symbol("AIX")], parts: parts,
        metrics: .init())
      names.value.append("\(type(of: engine.parts.router))")
    }
    return names.value
  }

  @Test func `Parts that need each other end the process and name the circle`() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var parts = EngineParts()
      parts.router = { CircularRouter($0) }
      _ = AssemblyTests.assemble(parts)
    }
    let text = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(text.contains("engine parts need each other in a circle: router -> "), "\(text)")
    #expect(text.contains("reconciler -> router"), "\(text)")
  }

  @Test func `A part that others ask for is made first and once`() {
    let made = Mutex<[String]>([])
    var parts = EngineParts()
    let (router, reconciler) = (parts.router, parts.reconciler)
    parts.router = { its in
      made.withLock { $0.append("router") }
      return router(its)
    }
    parts.reconciler = { its in
      made.withLock { $0.append("reconciler") }
      return reconciler(its)
    }
    // Its line stands before theirs.
    parts.clientIds = { its in
      _ = its.reconciler
      made.withLock { $0.append("clientIds") }
      return NumberedIds()
    }
    _ = AssemblyTests.assemble(parts)
    #expect(made.withLock { $0 } == ["reconciler", "router", "clientIds"])
  }

  @Test func `Every property of the table is a part with a name of its own`() {
    let names = EngineParts.lines.map(\.name)
    #expect(names.count == Mirror(reflecting: EngineParts.table).children.count)
    #expect(Set(names).count == names.count)
    #expect(names.first == "formatter" && names.last == "shutdown")
  }

  @Test func `A part is replaced by name and taken from other parts`() {
    var parts = EngineParts()
    #expect(parts.replaced.isEmpty)
    parts.shutdown = { BoundedShutdown($0) }
    parts.bus = { QueuedBus($0) }
    #expect(parts.replaced == ["bus", "shutdown"], "in the order of the table")
    var other = EngineParts()
    other.take("bus", from: parts)
    other.take("nothing", from: parts)
    #expect(other.replaced == ["bus"])
    other.take("bus", from: EngineParts())
    #expect(other.replaced.isEmpty)
  }
}
