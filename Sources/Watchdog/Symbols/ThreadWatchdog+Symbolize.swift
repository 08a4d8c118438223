import Basics
import ChaosRuntime
import Glibc

/// Why a dump cannot get its symbols.
public enum SymbolizeError: Error, Equatable, CustomStringConvertible {
  /// The file is no regular one, too large, or cannot be read.
  case refused(InputError)
  /// There is no such file.
  case unreadable(file: String, errno: Int32)
  /// It does not begin as a stack dump does, or lacks its last line.
  case notADump(file: String)
  /// It was written by another executable than this one; `needed` is its name and build id.
  case otherProgram(file: String, needed: String)
  /// This is the executable that wrote it, and it has no symbols: it was stripped.
  case withoutSymbols(file: String, executable: String)
  /// The finished text cannot be put in place of the raw one, which is left as it is.
  case unwritable(file: String, errno: Int32)

  /// The file, what is wrong with it, and what to symbolize it with where another program is needed.
  public var description: String {
    switch self {
    case .refused(let error): error.description
    case .unreadable(let file, let errno): "\(file): cannot be read: \(String(cString: strerror(errno)))"
    case .notADump(let file):
      "\(file): not a complete stack dump (it begins with STACKDUMP v1 and ends with END complete)"
    case .otherProgram(let file, let needed):
      "\(file): written by another executable; it is left as it is, symbolize it with \(needed)"
    case .withoutSymbols(let file, let executable):
      "\(file): \(executable) has no symbols, so the file is left as it is; symbolize it with the same build, not stripped"
    case .unwritable(let file, let errno): "\(file): cannot be replaced: \(String(cString: strerror(errno)))"
    }
  }
}

extension ThreadWatchdog {
  /// Call it first thing in main: allows the watchdog to finish dumps in a child process of this executable, and in that
  /// child does the work and ends the process.
  public static func symbolizeIfRequested() {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == SymbolizerChild.argument {
      switch symbolize(file: arguments[2]) {
      case .success: exit(0)
      case .failure(.withoutSymbols): exit(SymbolizerChild.withoutSymbols)
      case .failure: exit(1)
      }
    }
    SymbolizerChild.isOffered.store(true, ordering: .relaxed)
  }

  /// Puts the symbols of this program into a raw dump that this very build wrote; a finished one stays as it is, and so
  /// does one that this program cannot finish.
  ///
  /// With `keepsRaw` the file as it was stays beside it, named `FILE.raw`.
  public static func symbolize(file: String, keepsRaw: Bool = false) -> Result<Void, SymbolizeError> {
    let bytes: [UInt8]
    do throws(InputError) { bytes = try InputFile.bytes(file, .dump) } catch {
      return .failure(error.isMissing ? .unreadable(file: file, errno: ENOENT) : .refused(error))
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("\(DumpText.magic)"), text.hasSuffix("\n\(DumpText.endLine)\n") else {
      return .failure(.notADump(file: file))
    }
    let header = text.prefix { $0 != "\n" }
    if !header.contains("symbols: raw") { return .success(()) }
    var symbolizer = Symbolizer()
    var full: String
    switch symbolizer.rewrite(text) {
    case .success(let text): full = text
    case .failure(.otherProgram(let needed)): return .failure(.otherProgram(file: file, needed: needed))
    case .failure(.withoutSymbols(let name)): return .failure(.withoutSymbols(file: file, executable: name))
    }
    // The first raw one is the one to keep.
    if keepsRaw, access("\(file).raw", F_OK) != 0 {
      let error = bytes.withUnsafeBytes { DumpTarget(path: "\(file).raw", number: 1).replace(with: $0) }
      if error != 0 { return .failure(.unwritable(file: "\(file).raw", errno: error)) }
    }
    let error = full.withUTF8 { DumpTarget(path: file, number: 1).replace(with: UnsafeRawBufferPointer($0)) }
    return error == 0 ? .success(()) : .failure(.unwritable(file: file, errno: error))
  }
}
