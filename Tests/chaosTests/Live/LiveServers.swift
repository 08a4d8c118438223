import Foundation
import TestSupport
import Testing

extension Tag {
  @Tag static var live: Self
}

/// A program that runs beside a test, ended when the test ends, however it does.
final class Companion {
  private let process = Process()

  init(_ program: String, _ arguments: [String], in directory: String, log: String) throws {
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    let output = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: directory)
    process.standardOutput = output
    process.standardError = output
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  var isRunning: Bool { process.isRunning }
  var id: Int32 { process.processIdentifier }

  func send(_ signal: Int32) { Foundation.kill(process.processIdentifier, signal) }

  /// Waits for its own end; its exit code, nil: it had not ended in time.
  func wait(seconds: Double) -> Int32? {
    guard Machine.eventually(seconds: seconds, { !process.isRunning }) else { return nil }
    return process.terminationStatus
  }

  func end() {
    guard process.isRunning else { return }
    process.terminate()
    if !Machine.eventually(seconds: 10, { !process.isRunning }) { self.kill() }
  }

  /// As the kernel ends a program that crashes: nothing is tidied up.
  func kill() {
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  deinit { end() }
}

/// What the tests with servers need of this machine.
enum Machine {
  static func program(_ name: String) -> String? {
    ["/usr/bin/", "/usr/sbin/", "/bin/", "/usr/local/bin/"].map { $0 + name }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  static func has(_ names: String...) -> Bool { names.allSatisfy { program($0) != nil } }

  static func eventually(seconds: Double, _ isTrue: () -> Bool) -> Bool {
    let end = ProcessInfo.processInfo.systemUptime + seconds
    while !isTrue() {
      if ProcessInfo.processInfo.systemUptime > end { return false }
      usleep(50_000)
    }
    return true
  }

  /// A port of the loopback interface that nobody has at the moment.
  static func freePort(_ type: __socket_type = SOCK_STREAM) -> UInt16 {
    let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = bind(descriptor, $0, length)
        getsockname(descriptor, $0, &length)
      }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// The body of a page; nil when it is not served.
  static func page(_ url: String, _ options: [String] = []) -> String? {
    guard let curl = program("curl") else { return nil }
    let result = try? Tool.run(curl, ["-sS", "--fail", "--max-time", "20"] + options + [url])
    return result?.code == 0 ? result?.out : nil
  }

  static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

  static func summary(_ session: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(fileURLWithPath: session + "/metrics/summary.json"))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }
}
