import Foundation

/// A file system in memory of its own, so small that it fills up; unmounted at its end.
public final class SmallFileSystem {
  public let folder = Scratch()

  /// Nil where this process may not mount.
  public init?(bytes: Int) {
    guard Self.run("mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", folder.path]) else { return nil }
  }

  /// False: refused.
  public func makeReadOnly() -> Bool { Self.run("mount", ["-o", "remount,ro", folder.path]) }

  deinit { _ = Self.run("umount", ["-l", folder.path]) }

  /// Whether this process may mount at all.
  public static let isAvailable = SmallFileSystem(bytes: 65_536) != nil

  private static func run(_ program: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
