import ChaosRuntime
import Glibc

/// A folder of its own for one test, removed with all that is in it at its end.
public final class Scratch {
  public let path: String

  public init() {
    var template = Array("/tmp/chaos-test-XXXXXX".utf8CString)
    let made = template.withUnsafeMutableBufferPointer { buffer in buffer.baseAddress.flatMap { mkdtemp($0) } }
    guard let made else { fatalError("no folder can be made in /tmp: errno \(errno)") }
    path = String(cString: made)
  }

  public func write(_ text: String, to name: String) {
    guard let file = fopen("\(path)/\(name)", "w") else { fatalError("\(path)/\(name): errno \(errno)") }
    fputs(text, file)
    fclose(file)
  }

  public func exists(_ name: String) -> Bool { access("\(path)/\(name)", F_OK) == 0 }

  deinit { Files.removeTree(path) }
}
