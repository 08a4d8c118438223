import Foundation

/// What tests need of this machine.
public enum Machine {
  public static func program(_ name: String) -> String? {
    ["/usr/bin/", "/usr/sbin/", "/bin/", "/usr/local/bin/"].map { $0 + name }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  public static func has(_ names: String...) -> Bool { names.allSatisfy { program($0) != nil } }

  public static func eventually(seconds: Double, _ isTrue: () -> Bool) -> Bool {
    let end = ProcessInfo.processInfo.systemUptime + seconds
    while !isTrue() {
      if ProcessInfo.processInfo.systemUptime > end { return false }
      usleep(50_000)
    }
    return true
  }

  /// A port of the loopback interface that nobody has at the moment.
  public static func freePort(_ type: __socket_type = SOCK_STREAM) -> UInt16 {
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
  public static func page(_ url: String, _ options: [String] = []) -> String? {
    guard let curl = program("curl") else { return nil }
    let result = try? Tool.run(curl, ["-sS", "--fail", "--max-time", "20"] + options + [url])
    return result?.code == 0 ? result?.out : nil
  }

  public static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
