import Basics

/// The parts of one engine, each made when it is first asked for: `assembly.router` is the router.
///
/// A part asks for the others that it uses in its initialiser and keeps those alone, so that none is ever used before it is
/// there. Two parts that need each other cannot be made; the process ends and names the circle.
@dynamicMemberLookup
public final class EngineAssembly: @unchecked Sendable {
  /// A made part, in a class of its own type: finding it again is one comparison.
  private final class Slot<Made: Sendable>: Sendable {
    let part: Made
    init(_ part: Made) { self.part = part }
  }

  /// The run, the venue, the settings and what else every part may use.
  public let context: EngineContext
  private let parts: EngineParts
  // Written while the engine is put together, by the thread that does it; only read afterwards.
  private var made = [AnyObject?](repeating: nil, count: EngineParts.lines.count)
  /// The lines whose parts' initialisers run, the outermost first.
  private var beingMade: [Int] = []

  /// Makes every part of the table.
  init(_ context: EngineContext, _ parts: EngineParts) {
    self.context = context
    self.parts = parts
    for line in EngineParts.lines { line.part.make(in: self) }
    context.ending.use(self.shutdown)
  }

  /// The part of that name.
  public subscript<Made>(dynamicMember line: KeyPath<PartTable, Part<Made>>) -> Made {
    part(EngineParts.table[keyPath: line])
  }

  func part<Made>(_ line: Part<Made>) -> Made {
    let number = EngineParts.number(line)
    if let slot = made[number] as? Slot<Made> { return slot.part }
    if let first = beingMade.firstIndex(of: number) { Self.refuse(circle: beingMade[first...] + [number]) }
    beingMade.append(number)
    let part = parts.factory(line)(self)
    beingMade.removeLast()
    made[number] = Slot(part)
    line.connect(part, self)
    return part
  }

  /// Starts the threads of every part, in the order that the table says.
  func start() throws(Stopped) {
    let lines = EngineParts.lines
    for line in lines where line.part.startsFirst { try line.part.start(in: self) }
    for line in lines where !line.part.startsFirst { try line.part.start(in: self) }
  }

  /// Lets go of what parts hold of each other in a circle: the bus has their handlers, and they have the bus; the context has
  /// the shutdown, and it has the context.
  func takeApart() {
    self.bus.forgetHandlers()
    context.ending.forget()
  }

  private static func refuse(circle: ArraySlice<Int>) -> Never {
    let names = circle.map { EngineParts.lines[$0].name }
    fatalError("engine parts need each other in a circle: \(names.joined(separator: " -> "))")
  }
}

/// A part of the table, whatever it makes.
protocol AnyPart: AnyObject, Sendable {
  var startsFirst: Bool { get }
  func make(in assembly: EngineAssembly)
  func start(in assembly: EngineAssembly) throws(Stopped)
}

extension Part: AnyPart {
  func make(in assembly: EngineAssembly) { _ = assembly.part(self) }

  func start(in assembly: EngineAssembly) throws(Stopped) {
    try starting?(assembly.part(self)).start(on: assembly.context.threads)
  }
}
