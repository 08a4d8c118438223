import Glibc
import TestSupport
import Testing

@testable import Watchdog

/// Dumps of other executables keep what they have.
@Suite struct SymbolizeTests {
  /// A raw dump of this program, with a frame of the C library.
  static func raw() throws -> String {
    var text = try SimulatedDumpTests.abba().render(symbolized: false)
    let (name, digits, offset) = try Self.libc()
    text.replace(
      "\nIMAGES\n", with: "\nTHREAD in the library\n  #0  \(name)+0x\(String(offset, radix: 16))\n\nIMAGES\n")
    text.replace("\n\nEND complete", with: "\n  \(name)  build-id \(digits)\n\nEND complete")
    return text
  }

  /// Name and build id of the C library of this process, and the offset of a function in it.
  private static func libc() throws -> (name: String, id: String, offset: UInt) {
    let arena = DumpArena()
    return try withExtendedLifetime(arena) {
      let function = UInt(bitPattern: dlsym(nil, "gnu_get_libc_version"))
      // Another test may have a second one mapped for a moment.
      let found = ProcessImages.read(into: arena).filter {
        String(text: $0.name).hasPrefix("libc.so") && $0.base <= function
      }
      let libc = try #require(found.max { $0.base < $1.base })
      let id = withUnsafeBytes(of: libc.buildId) { Array($0.prefix(libc.buildIdCount)) }
      let digits = id.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      return (String(text: libc.name), digits, function - libc.base)
    }
  }

  /// Name and build id of the executable that a dump lists.
  static func executable(of text: String) throws -> (name: String, id: String) {
    let line = try #require(text.split(separator: "\n").first { $0.contains("  build-id ") && !$0.contains(".so") })
    let words = line.split(separator: " ")
    return (String(words[0]), String(words[2]))
  }

  @Test func `A dump of another executable is refused and stays as it is`() throws {
    let own = try Self.raw()
    let (name, id) = try Self.executable(of: own)
    let other = String(repeating: "ab", count: id.count / 2)
    let foreign = [
      own.replacing(id, with: other), own.replacing(id, with: "none"),
      own.replacing(name, with: "other").replacing(id, with: other),
      // As dumps were before they said which image is the executable.
      own.replacing(id, with: other).replacing("  executable", with: ""),
    ]
    for text in foreign {
      let scratch = TestSupport.Scratch()
      scratch.write(text, to: "stackdump.txt")
      let file = "\(scratch.path)/stackdump.txt"
      guard case .failure(let error) = ThreadWatchdog.symbolize(file: file) else {
        Issue.record("symbolized: \(text.prefix(200))")
        continue
      }
      let needed = try Self.executable(of: text)
      #expect(error.description.contains("symbolize it with \(needed.name)"))
      if needed.id != "none" { #expect(error.description.contains("build id \(needed.id)")) }
      #expect(contents(file) == text)
      #expect(Folder.names(scratch.path) == ["stackdump.txt"])
    }
  }

  /// The kernel says "bot (deleted)" of a file that was replaced while it ran.
  @Test func `An executable with blanks in its name is symbolized`() throws {
    let own = try Self.raw()
    let name = try Self.executable(of: own).name
    let scratch = TestSupport.Scratch()
    let text = own.replacing("  \(name)+0x", with: "  my bot (deleted)+0x").replacing(
      "  \(name)  build-id", with: "  my bot (deleted)  build-id")
    #expect(text.contains("#0  my bot (deleted)+0x"))
    scratch.write(text, to: "stackdump.txt")
    #expect(throws: Never.self) { try ThreadWatchdog.symbolize(file: "\(scratch.path)/stackdump.txt").get() }
    let finished = contents("\(scratch.path)/stackdump.txt")
    #expect(finished.contains("symbols: full"))
    #expect(!finished.contains("#0  my bot (deleted)+0x"))
  }

  @Test func `A library of another build is said and stays raw`() throws {
    var text = try Self.raw()
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("  libc.so") && $0.contains("build-id") })
    let id = line.split(separator: " ")[2]
    text.replace(id, with: String(repeating: "cd", count: id.count / 2))
    let scratch = TestSupport.Scratch()
    scratch.write(text, to: "stackdump.txt")
    let file = "\(scratch.path)/stackdump.txt"
    #expect(throws: Never.self) { try ThreadWatchdog.symbolize(file: file).get() }
    let done = contents(file)
    #expect(done.contains("symbols: all but those of libc.so.6, of which another build is installed here\n"))
    #expect(done.contains("SimulatedDumpTests.swift:"))
    #expect(done.contains("libc.so.6+0x"))
  }

  @Test func `The raw file is kept on request and a finished one is left alone`() throws {
    let text = try Self.raw()
    let scratch = TestSupport.Scratch()
    scratch.write(text, to: "stackdump.txt")
    let file = "\(scratch.path)/stackdump.txt"
    #expect(throws: Never.self) { try ThreadWatchdog.symbolize(file: file, keepsRaw: true).get() }
    let done = contents(file)
    #expect(done.contains("symbols: full (demangled, file:line, inlined frames)\n"))
    #expect(contents("\(file).raw") == text)
    #expect(throws: Never.self) { try ThreadWatchdog.symbolize(file: file, keepsRaw: true).get() }
    #expect(contents(file) == done)
    #expect(contents("\(file).raw") == text)
    #expect(Folder.names(scratch.path) == ["stackdump.txt", "stackdump.txt.raw"])
  }

  @Test func `A dump says which image is the executable`() throws {
    let text = try SimulatedDumpTests.abba().render(symbolized: false)
    let images = text.split(separator: "\n").filter { $0.contains("  build-id ") }
    #expect(images.count { $0.contains("  executable") } == 1)
  }
}

extension String {
  fileprivate init(text: Text) {
    self = String(decoding: UnsafeBufferPointer(start: text.start, count: text.count), as: UTF8.self)
  }
}
