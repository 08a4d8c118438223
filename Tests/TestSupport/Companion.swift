import Foundation

/// A program that runs beside a test, ended when the test ends, however it does.
public final class Companion {
  private let process = Process()

  public convenience init(_ program: String, _ arguments: [String], in directory: String, log: String) throws {
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try self.init(program, arguments, in: directory, output: output)
  }

  /// What it prints and says of errors goes to `output`.
  public init(_ program: String, _ arguments: [String], in directory: String, output: FileHandle) throws {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  public var isRunning: Bool { process.isRunning }
  public var id: Int32 { process.processIdentifier }

  public func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// Waits for its own end; its exit code, nil: it had not ended in time.
  public func wait(seconds: Double) -> Int32? {
    guard Machine.eventually(seconds: seconds, { !process.isRunning }) else { return nil }
    return process.terminationStatus
  }

  public func end() {
    guard process.isRunning else { return }
    process.terminate()
    if !Machine.eventually(seconds: 10, { !process.isRunning }) { self.kill() }
  }

  /// As the kernel ends a program that crashes: nothing is tidied up.
  public func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { end() }
}
