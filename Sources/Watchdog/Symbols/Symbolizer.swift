@_spi(Internal) import Runtime

/// Turns frame lines `#k  module+0xoffset` into names, files and lines, with the symbols of this process's own images.
struct Symbolizer {
  /// Why a dump stays as it is: with less than the symbols of its executable it would only look finished.
  enum Refusal: Error, Equatable {
    /// It was written by the program described, which is not this one.
    case otherProgram(String)
    /// The program described has no symbols for any of the frames.
    case withoutSymbols(String)
  }

  private struct Module {
    var name: String
    var base: UInt64
    var buildId: String
  }

  /// A line of the IMAGES table.
  private struct Listed {
    var name: String
    var buildId: String
    var isExecutable: Bool

    var text: String { buildId == "none" ? "\(name) (without a build id)" : "\(name), build id \(buildId)" }
  }

  private let images: ImageMap
  private var modules: [Module] = []
  /// Addresses to their frames, innermost inlined one first.
  private var names: [UInt64: [String]] = [:]
  /// The function of an address by its symbol; none of a thunk, which is not shown.
  private var functions: [UInt64: String] = [:]

  init() {
    images = ImageMap.capture()
    for image in images {
      guard let name = image.name, let base = UInt64(image.baseAddress) else { continue }
      let id = (image.uniqueID ?? []).map { hexByte($0) }.joined()
      modules.append(Module(name: name, base: base, buildId: id))
    }
  }

  /// The dump with names in it.
  mutating func rewrite(_ text: String) -> Result<String, Refusal> {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isSimulated = lines.first?.contains("  simulated") ?? false
    let listed = Self.listed(lines)
    var usable: [String: Module] = [:]
    for image in listed { usable[image.name] = module(image) }
    let executable = Self.executable(listed)
    if let executable, usable[executable.name] == nil { return .failure(.otherProgram(executable.text)) }
    let frames = lines.map { RawFrame($0) }
    var addresses: [UInt64] = []
    var own: Set<UInt64> = []
    for case let frame? in frames {
      guard let module = usable[frame.module] else { continue }
      addresses.append(module.base &+ frame.offset)
      if frame.module == executable?.name { own.insert(module.base &+ frame.offset) }
    }
    resolve(Set(addresses).sorted())
    if let base = executable.flatMap({ usable[$0.name] })?.base { addLines(to: own, base) }
    guard !names.isEmpty, own.isEmpty || own.contains(where: { names[$0] != nil }) else {
      return .failure(.withoutSymbols(executable?.text ?? "the program"))
    }
    let missing = listed.filter { image in usable[image.name] == nil && frames.contains { $0?.module == image.name } }
    var out: [String] = []
    out.reserveCapacity(lines.count * 2)
    var stack: [String] = []
    var rawCount = 0
    var paths = EditorPaths()
    for address in names.values { for frame in address { paths.learn(frame) } }
    for (line, frame) in zip(lines, frames) {
      if let frame {
        let address = usable[frame.module].map { $0.base &+ frame.offset }
        let raw = "\(frame.module)+0x\(String(frame.offset, radix: 16))"
        let known = address.flatMap { names[$0] }
        if known == nil { rawCount += 1 }
        stack += known ?? [raw]
        continue
      }
      let shown = isSimulated ? ToolkitFrames.trimmed(stack) : stack[...]
      out += FoldedStack.lines(shown)
      stack.removeAll()
      out.append(paths.shown(line))
    }
    out[0] = Self.header(lines[0], without: missing.map(\.name), rawCount: rawCount)
    return .success(out.joined(separator: "\n"))
  }

  private static func header(_ line: Substring, without missing: [String], rawCount: Int) -> String {
    guard let at = line.firstRange(of: "symbols: ") else { return String(line) }
    var words = "full (demangled, file:line, inlined frames)"
    if !missing.isEmpty {
      words = "all but those of \(missing.joined(separator: ", ")), of which another build is installed here"
    } else if rawCount > 0 {
      words = "all but \(rawCount) frame\(rawCount == 1 ? "" : "s") of code without symbols"
    }
    return line[..<at.upperBound] + words
  }

  private static func listed(_ lines: [Substring]) -> [Listed] {
    var listed: [Listed] = []
    for line in lines.drop(while: { $0 != "IMAGES" }).dropFirst() {
      // A name may have blanks: of a file that was replaced while it ran the kernel says "chaos (deleted)".
      guard line.hasPrefix("  "), let mark = line.firstRange(of: "  build-id ") else { break }
      let words = line[mark.upperBound...].split(separator: " ")
      guard let buildId = words.first else { break }
      let isExecutable = words.count > 1 && words[1] == "executable"
      listed.append(
        Listed(
          name: String(line[..<mark.lowerBound].dropFirst(2)), buildId: String(buildId), isExecutable: isExecutable))
    }
    return listed
  }

  /// What the dump says, or in one that says nothing: the first image that has no library's name, as the executable is
  /// mapped below the libraries. Nil: only libraries are listed.
  private static func executable(_ listed: [Listed]) -> Listed? {
    listed.first { $0.isExecutable } ?? listed.first { !$0.name.contains(".so") && !$0.name.hasPrefix("[") }
  }

  /// The module of this process that is the very build of a listed one, whatever its file is called now.
  private func module(_ listed: Listed) -> Module? {
    if listed.buildId == "none" { return modules.first { $0.name == listed.name && $0.buildId.isEmpty } }
    return modules.first { $0.buildId == listed.buildId }
  }

  /// Functions by the symbol tables. The Runtime module also knows lines, but takes seconds for them, and traps at the debug
  /// information of some libraries.
  private mutating func resolve(_ addresses: [UInt64]) {
    guard !addresses.isEmpty else { return }
    let frames = addresses.map { RichFrame<UInt64>.programCounter($0) }
    let backtrace = Backtrace(architecture: "x86_64", frames: frames, images: images)
    guard let found = backtrace.symbolicated(with: images, options: .useSymbolCache) else { return }
    for frame in found.frames {
      guard let address = UInt64(frame.captured.originalProgramCounter), let symbol = frame.symbol else { continue }
      guard symbol.rawName != "<unknown>" else { continue }
      if frame.isSwiftThunk {
        names[address, default: []] += []
        continue
      }
      functions[address] = symbol.name
      names[address, default: []].append("\(symbol.name) + \(symbol.offset)  in \(symbol.imageName)")
    }
  }

  /// Puts lines in the place of offsets, and the functions that were inlined there before the one that has the symbol.
  private mutating func addLines(to addresses: Set<UInt64>, _ base: UInt64) {
    let found = SourceLines.find(Set(addresses.map { $0 &- base }))
    for address in addresses {
      guard names[address] != nil, let frames = found[address &- base] else { continue }
      names[address] = frames.compactMap { frame in
        let at = frame.place.map { "  at \($0)" } ?? ""
        if let function = frame.function { return "\(function)\(at)  [inlined]" }
        return functions[address].map { "\($0)\(at)" }
      }
    }
  }
}

private func hexByte(_ byte: UInt8) -> String {
  let text = String(byte, radix: 16)
  return text.count == 1 ? "0" + text : text
}

/// A line `  #k  module+0xoffset` of a raw dump.
private struct RawFrame {
  let module: String
  let offset: UInt64

  init?(_ line: Substring) {
    guard line.hasPrefix("  #") else { return nil }
    let number = line.dropFirst(3).prefix { $0.isNumber }
    let frame = line.dropFirst(3 + number.count)
    guard !number.isEmpty, frame.hasPrefix("  "), let plus = frame.lastIndex(of: "+") else { return nil }
    let digits = frame[frame.index(after: plus)...]
    guard digits.hasPrefix("0x"), let offset = UInt64(digits.dropFirst(2), radix: 16) else { return nil }
    module = String(frame[..<plus].dropFirst(2))
    self.offset = offset
  }
}

/// Frames of the simulated world itself: those that park a thread or report for it above the program's, and those that
/// started it below.
enum ToolkitFrames {
  static func trimmed(_ stack: [String]) -> ArraySlice<String> {
    let end = stack.firstIndex { $0.contains("World.live(") } ?? stack.count
    let start = stack[..<end].lastIndex { $0.contains("World.") || $0.contains("Carrier.") } ?? -1
    return stack[(start + 1)..<end]
  }
}
