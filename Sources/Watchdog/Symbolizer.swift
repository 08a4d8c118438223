@_spi(Internal) import Runtime

/// Turns frame lines `#k  module+0xoffset` into names, files and lines, with the symbols of this process's own images.
struct Symbolizer {
  private struct Module {
    var base: UInt64
    var buildId: String
  }

  private let images: ImageMap
  private var modules: [String: Module] = [:]
  /// Addresses to their frames, innermost inlined one first.
  private var names: [UInt64: [String]] = [:]

  init() {
    images = ImageMap.capture()
    for image in images {
      guard let name = image.name, let base = UInt64(image.baseAddress) else { continue }
      let id = (image.uniqueID ?? []).map { hexByte($0) }.joined()
      modules[name] = Module(base: base, buildId: id)
    }
  }

  /// The dump with names in it; nil: no frame of it belongs to this program.
  mutating func rewrite(_ text: String) -> String? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let isSimulated = lines.first?.contains("  simulated") ?? false
    let usable = usableModules(lines)
    let frames = lines.map { RawFrame($0) }
    var addresses: [UInt64] = []
    for case let frame? in frames {
      if let module = usable[frame.module] { addresses.append(module.base &+ frame.offset) }
    }
    resolve(Array(Set(addresses)).sorted())
    guard !names.isEmpty else { return nil }
    var out: [String] = []
    out.reserveCapacity(lines.count * 2)
    var stack: [String] = []
    for (line, frame) in zip(lines, frames) {
      if let frame {
        let address = usable[frame.module].map { $0.base &+ frame.offset }
        let raw = "\(frame.module)+0x\(String(frame.offset, radix: 16))"
        stack += address.flatMap { names[$0] } ?? [raw]
        continue
      }
      let shown = isSimulated ? ToolkitFrames.trimmed(stack) : stack[...]
      for (depth, name) in shown.enumerated() { out.append("  #\(depth)  \(name)") }
      stack.removeAll()
      out.append(out.isEmpty ? Self.header(line) : String(line))
    }
    return out.joined(separator: "\n")
  }

  private static func header(_ line: Substring) -> String {
    guard let at = line.firstRange(of: "symbols: raw") else { return String(line) }
    return line[..<at.lowerBound] + "symbols: full (demangled, file:line, inlined frames)"
  }

  /// The modules of the dump that are this very build: path and build id agree.
  private func usableModules(_ lines: [Substring]) -> [String: Module] {
    var usable: [String: Module] = [:]
    for line in lines.drop(while: { $0 != "IMAGES" }).dropFirst() {
      let words = line.split(separator: " ")
      guard words.count >= 3, words[1] == "build-id" else { break }
      guard let own = modules[String(words[0])] else { continue }
      if own.buildId == words[2] || (own.buildId.isEmpty && words[2] == "none") { usable[String(words[0])] = own }
    }
    return usable
  }

  private mutating func resolve(_ addresses: [UInt64]) {
    guard !addresses.isEmpty else { return }
    let frames = addresses.map { RichFrame<UInt64>.programCounter($0) }
    let backtrace = Backtrace(architecture: "x86_64", frames: frames, images: images)
    guard let found = backtrace.symbolicated(with: images, options: .default) else { return }
    for frame in found.frames {
      guard let address = UInt64(frame.captured.originalProgramCounter), let symbol = frame.symbol else { continue }
      guard symbol.rawName != "<unknown>" else { continue }
      if frame.isSwiftThunk {
        names[address, default: []] += []
        continue
      }
      var text = symbol.name
      if let location = symbol.sourceLocation {
        text += "  at \(Self.shortPath(location.path)):\(location.line)"
      } else {
        text += " + \(symbol.offset)  in \(symbol.imageName)"
      }
      if frame.inlined { text += "  [inlined]" }
      names[address, default: []].append(text)
    }
  }

  /// The folder and the file, as `#fileID` has them.
  private static func shortPath(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
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
    let words = line.split(separator: " ")
    guard words.count == 2, let plus = words[1].lastIndex(of: "+") else { return nil }
    let digits = words[1][words[1].index(after: plus)...]
    guard digits.hasPrefix("0x"), let offset = UInt64(digits.dropFirst(2), radix: 16) else { return nil }
    module = String(words[1][..<plus])
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
