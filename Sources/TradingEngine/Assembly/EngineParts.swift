/// Which parts an engine is put together from: those of `PartTable`, but for what was put in their place.
///
/// `parts.router = { MyRouter($0) }` replaces a part. The factory is called once per engine; it takes the other parts that it
/// uses from the assembly it is given.
@dynamicMemberLookup
public struct EngineParts: Sendable {
  /// Makes one part.
  public typealias Factory<Made> = @Sendable (EngineAssembly) -> Made

  /// A line of the table, whatever it makes.
  struct Line: Sendable {
    /// The name of its property, such as `router`.
    let name: String
    let part: any AnyPart
  }

  private struct Replacement<Made>: Sendable {
    let make: Factory<Made>
  }

  static let table = PartTable()
  /// Every line of the table, in its order.
  static let lines: [Line] = Mirror(reflecting: table).children.compactMap { child in
    guard let name = child.label, let part = child.value as? any AnyPart else { return nil }
    return Line(name: name, part: part)
  }

  /// What was put in a line's place, by the number of the line; nil: nothing.
  private var replacements = [(any Sendable)?](repeating: nil, count: lines.count)

  /// The engine's own parts.
  public init() {}

  /// What makes the part: the engine's own factory until another is put in its place.
  public subscript<Made>(dynamicMember line: KeyPath<PartTable, Part<Made>>) -> Factory<Made> {
    get { factory(Self.table[keyPath: line]) }
    set { replacements[Self.number(Self.table[keyPath: line])] = Replacement(make: newValue) }
  }

  /// Names of the parts in whose place another was put, in the order of the table.
  public var replaced: [String] {
    zip(Self.lines, replacements).filter { $1 != nil }.map(\.0.name)
  }

  /// Makes the part of that name as `other` does; nothing for a name that the table does not have.
  public mutating func take(_ name: String, from other: EngineParts) {
    guard let number = Self.lines.firstIndex(where: { $0.name == name }) else { return }
    replacements[number] = other.replacements[number]
  }

  func factory<Made>(_ part: Part<Made>) -> Factory<Made> {
    (replacements[Self.number(part)] as? Replacement<Made>)?.make ?? part.make
  }

  /// The place of a part in the table.
  static func number(_ part: any AnyPart) -> Int {
    guard let number = lines.firstIndex(where: { $0.part === part }) else {
      fatalError("a part that is not in the table")
    }
    return number
  }
}
