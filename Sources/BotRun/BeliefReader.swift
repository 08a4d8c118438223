import Basics
import ChaosRuntime
import Glibc
import HTTP

/// Asks a bot what it has, without ever waiting: whoever asks goes on serving the exchange, which the bot may need to answer.
final class BeliefReader {
  /// How long an answer may take.
  static let answerLimit = Duration.seconds(2)
  /// Bytes of an answer at most.
  static let bytesMax = 1 << 20
  private static let chunkBytes = 65_536

  /// What a question has come to.
  enum Result: Equatable {
    case answer([UInt8])
    /// Nothing that can be read; the text says why.
    case trouble(String)
  }

  private let source: BeliefSource
  private let environment: [String]
  /// A file that is older is of another run.
  private let notBefore: Int64
  private let deadline: Instant
  /// The socket or the pipe; negative: none.
  private var descriptor: Int32 = -1
  private var child: pid_t?
  private var request: ArraySlice<UInt8> = []
  private var parser = HTTPResponseParser(limits: HTTPLimits(bodyBytesMax: BeliefReader.bytesMax))
  private var bytes: [UInt8] = []
  private var last = "nothing came"

  /// Begins to ask.
  ///
  /// - Parameters:
  ///   - environment: `NAME=VALUE` of a command.
  ///   - notBefore: when the run began, in nanoseconds since 1970 by the system's clock.
  init(
    _ source: BeliefSource, environment: [String], notBefore: Int64, at now: Instant,
    limit: Duration = BeliefReader.answerLimit
  ) {
    (self.source, self.environment, self.notBefore) = (source, environment, notBefore)
    deadline = now + limit
    begin()
  }

  deinit { end() }

  /// Looks for the answer; nil: it may still come.
  func look(at now: Instant) -> Result? {
    let found =
      switch source {
      case .url: lookAtSocket()
      case .file(let path): lookAtFile(path)
      case .command: lookAtCommand()
      }
    if let found { return finished(found) }
    if now < deadline { return nil }
    return finished(.trouble("\(last) within \(JSON.double(Self.answerLimit.seconds).text) s"))
  }

  private func finished(_ result: Result) -> Result {
    end()
    return result
  }

  private func end() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
    guard let child else { return }
    Glibc.kill(-child, SIGKILL)
    Glibc.kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    self.child = nil
  }

  // MARK: Beginning

  private var beginning: String?

  private func begin() {
    switch source {
    case .file: break
    case .url(let host, let port, let path):
      var fields = HTTPFields()
      fields.add("Host", "\(host):\(port)")
      fields.add("Accept", "application/json")
      request = HTTPRequest(path: path, fields: fields, isPersistent: false).bytes[...]
      parser.expect(method: "GET")
      connect(EndpointAddress(host: host, port: port))
    case .command(let command): start(command)
    }
  }

  private func connect(_ address: EndpointAddress) {
    do throws(EndpointError) {
      let resolved = try address.resolved(for: "belief")
      descriptor = Socket.make(.stream)
      if descriptor >= 0, Socket.connect(descriptor, resolved) || errno == EINPROGRESS { return }
      beginning = Socket.errorText
    } catch { beginning = error.text }
  }

  private func start(_ command: String) {
    guard let pipe = ChildProgram.pipe() else {
      beginning = Socket.errorText
      return
    }
    var program = ChildProgram("/bin/sh", words: ["sh", "-c", command], environment: environment)
    program.hasOwnGroup = true
    program.descriptors.output = pipe.writing
    defer { close(pipe.writing) }
    do throws(ChildProgram.Refusal) {
      child = try program.start()
      descriptor = pipe.reading
      _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    } catch {
      close(pipe.reading)
      beginning = error.text
    }
  }

  // MARK: Looking

  private func lookAtSocket() -> Result? {
    if let beginning { return .trouble(beginning) }
    while !request.isEmpty {
      let count = Socket.send(descriptor, request)
      if count > 0 {
        request = request.dropFirst(count)
      } else if errno == EAGAIN {
        return nil
      } else if errno != EINTR {
        return .trouble(Socket.errorText)
      }
    }
    while true {
      guard let chunk = next() else { return nil }
      let event: HTTPResponseParser.Event?
      switch chunk {
      case .trouble(let text): return .trouble(text)
      case .answer(let bytes) where bytes.isEmpty:
        event = parser.end()
        if event == nil { return .trouble("the connection was closed without an answer") }
      case .answer(let bytes):
        parser.append(bytes[...])
        event = parser.next()
      }
      switch event {
      case nil: continue
      case .failure(.bodyTooLarge)?: return .trouble(Self.tooLarge)
      case .failure(let failure)?: return .trouble("what came is no answer of HTTP: \(failure)")
      case .response(let response, _)?:
        return response.status == 200 ? .answer(response.body) : .trouble("status \(response.status)")
      }
    }
  }

  private func lookAtCommand() -> Result? {
    if let beginning { return .trouble(beginning) }
    while let chunk = next() {
      switch chunk {
      case .trouble(let text): return .trouble(text)
      case .answer(let part) where part.isEmpty: return status()
      case .answer(let part):
        bytes += part
        if bytes.count > Self.bytesMax { return .trouble(Self.tooLarge) }
      }
    }
    return nil
  }

  /// Its output has ended; nil: it still runs.
  private func status() -> Result? {
    guard let child else { return .trouble("it has ended") }
    var status: Int32 = 0
    guard waitpid(child, &status, WNOHANG) == child else { return nil }
    self.child = nil
    if status & 0x7F != 0 { return .trouble("the command was ended by signal \(status & 0x7F)") }
    let code = status >> 8 & 0xFF
    return code == 0 ? .answer(bytes) : .trouble("the command ended with code \(code)")
  }

  /// A file that is being written is read again until it is whole.
  private func lookAtFile(_ path: String) -> Result? {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      last = "\(path): \(Socket.errorText)"
      return nil
    }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0, info.st_mode & S_IFMT == S_IFREG else { return .trouble("\(path) is no plain file") }
    guard info.st_size <= Self.bytesMax else { return .trouble(Self.tooLarge) }
    let written = Int64(info.st_mtim.tv_sec) * 1_000_000_000 + Int64(info.st_mtim.tv_nsec)
    guard written >= notBefore else {
      last = "\(path) is of another run, and was not written"
      return nil
    }
    var whole: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    while whole.count <= Self.bytesMax {
      let count = read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      whole += chunk[..<count]
    }
    do throws(JSONError) { _ = try JSON.parse(whole) } catch {
      last = "\(path) is no JSON (\(error)), and did not become one"
      return nil
    }
    return .answer(whole)
  }

  private static let tooLarge = "the answer has more than \(bytesMax >> 20) MiB"

  /// Bytes that are there; empty: the end; nil: none now.
  private func next() -> Result? {
    var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      if count >= 0 { return .answer(Array(chunk[..<count])) }
      if errno == EAGAIN { return nil }
      if errno != EINTR { return .trouble(Socket.errorText) }
    }
  }
}
