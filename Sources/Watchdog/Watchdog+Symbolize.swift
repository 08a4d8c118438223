public import ChaosRuntime
import Glibc

/// Why a dump cannot get its symbols.
public enum SymbolizeError: Error, Equatable, CustomStringConvertible {
  /// The file is no regular one, too large, or cannot be read.
  case refused(InputError)
  /// There is no such file.
  case unreadable(file: String, errno: Int32)
  /// It does not begin as a stack dump does, or lacks its last line.
  case notADump(file: String)
  /// None of its frames belongs to this program: it was written by another build.
  case otherProgram(file: String)
  case unwritable(file: String, errno: Int32)

  public var description: String {
    switch self {
    case .refused(let error): error.description
    case .unreadable(let file, let errno): "\(file): cannot be read: \(String(cString: strerror(errno)))"
    case .notADump(let file):
      "\(file): not a complete stack dump (it begins with STACKDUMP v1 and ends with END complete)"
    case .otherProgram(let file):
      "\(file): written by another build of the program; symbolize it with the executable that wrote it"
    case .unwritable(let file, let errno): "\(file): cannot be replaced: \(String(cString: strerror(errno)))"
    }
  }
}

extension Watchdog {
  /// Call it first thing in main: allows the watchdog to finish dumps in a child process of this executable, and in that
  /// child does the work and ends the process.
  public static func symbolizeIfRequested() {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == SymbolizerChild.argument {
      switch symbolize(file: arguments[2]) {
      case .success: exit(0)
      case .failure: exit(1)
      }
    }
    SymbolizerChild.isOffered.store(true, ordering: .relaxed)
  }

  /// Puts the symbols of this program into a raw dump; a finished one stays as it is.
  public static func symbolize(file: String) -> Result<Void, SymbolizeError> {
    let bytes: [UInt8]
    do throws(InputError) { bytes = try InputFile.bytes(file, .dump) } catch {
      return .failure(error.isMissing ? .unreadable(file: file, errno: ENOENT) : .refused(error))
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix("\(DumpText.magic)"), text.hasSuffix("\n\(DumpText.endLine)\n") else {
      return .failure(.notADump(file: file))
    }
    let header = text.prefix { $0 != "\n" }
    if header.contains("symbols: full") { return .success(()) }
    var symbolizer = Symbolizer()
    guard var full = symbolizer.rewrite(text) else { return .failure(.otherProgram(file: file)) }
    let error = full.withUTF8 { DumpTarget(path: file, number: 1).replace(with: UnsafeRawBufferPointer($0)) }
    return error == 0 ? .success(()) : .failure(.unwritable(file: file, errno: error))
  }
}
