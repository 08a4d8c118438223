import ChaosRuntime
import CPlatform
import Glibc

/// The private directory that the bootstrap lies in, and the socket that it calls.
final class BootstrapServer: Polled {
  let folder: String
  let descriptor: Int32
  private(set) var processes: [PythonProcess] = []
  private static let processesMax = 64

  var events: Int16 { processes.count < Self.processesMax ? Int16(POLLIN) : 0 }

  /// Why there is no bootstrap.
  struct Refusal: Error {
    var text: String
  }

  /// Makes the directory in the first of some places that takes it.
  init(in places: [String]) throws(Refusal) {
    var reason = "no directory for temporary files"
    for place in places where !place.isEmpty {
      var template = Array("\(place)/chaos-watch-XXXXXX".utf8CString)
      guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) != nil else {
        reason = "\(place): \(String(cString: strerror(errno)))"
        continue
      }
      let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let code = PackageResources.sitecustomize_py
      if let error = Files.write([("sitecustomize.py", code)], to: "\(folder)/python") {
        reason = error
      } else {
        let listening = cp_messages_listen("\(folder)/socket")
        if listening >= 0 {
          (self.folder, descriptor) = (folder, listening)
          return
        }
        reason = "\(folder)/socket: \(String(cString: strerror(errno)))"
      }
      Files.removeTree(folder)
    }
    throw Refusal(text: reason)
  }

  deinit {
    close(descriptor)
    Files.removeTree(folder)
  }

  /// The program's variables, with the bootstrap in front of its import path.
  func environment(_ own: [String]) -> [String] {
    let path = own.last { $0.hasPrefix("PYTHONPATH=") }?.dropFirst(11) ?? ""
    return own.filter { !$0.hasPrefix("PYTHONPATH=") && !$0.hasPrefix("CHAOS_WATCH=") } + [
      "PYTHONPATH=\(folder)/python\(path.isEmpty ? "" : ":\(path)")", "CHAOS_WATCH=\(folder)",
    ]
  }

  func ready(_ now: UInt64) {
    while processes.count < Self.processesMax {
      let caller = cp_messages_accept(descriptor)
      if caller < 0 { return }
      processes.append(PythonProcess(descriptor: caller))
    }
  }

  func forgetClosed() { processes.removeAll { !$0.isOpen } }
}

extension PythonProcess: Polled {
  var events: Int16 { isOpen ? Int16(POLLIN) : 0 }
  func ready(_ now: UInt64) { read(at: now) }
}
