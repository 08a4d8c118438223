import Foundation
import TestSupport
import Testing

@testable import HTTP

/// The same bytes through h11 and wsproto, where Python has them: `CHAOS_ORACLE_PYTHON` names an interpreter that does.
@Suite(.enabled(if: Oracle.isThere, "no python3 with h11 and wsproto; set CHAOS_ORACLE_PYTHON"))
struct OracleTests {
  @Test func `Requests are what h11 reads`() throws {
    // An empty line before a request, which RFC 9112 section 2.2 lets pass, is none of h11's.
    let streams = HTTPRequestTests.streams.filter { $0[0] != 0x0D }
    let mine = streams.map { bytes in
      Cuts.requests(bytes).compactMap { event in
        guard case .request(let request) = event else { return nil }
        let query = request.query.isEmpty ? "" : "?\(request.query)"
        return "\(request.method) \(request.path)\(query) \(Base64.hexadecimal(request.body))"
      }.joined(separator: "|")
    }
    // h11 leaves a target in absolute form as it is.
    let theirs = try Oracle.ask("http", streams).map {
      $0.replacingOccurrences(of: "http://www.example.org", with: "")
    }
    #expect(mine == theirs)
  }

  @Test func `Frames are what wsproto reads, and wsproto reads ours`() throws {
    let payloads = [0, 1, 125, 126, 127, 65_535, 65_536].map { count in (0..<count).map { UInt8($0 % 127) } }
    var streams = payloads.map { WebSocketFrame.bytes(.text, $0, mask: 0xDEAD_BEEF) }
    streams.append(
      WebSocketFrame.bytes(.binary, [1], isFinal: false, mask: 1) + WebSocketFrame.bytes(.ping, [2], mask: 2)
        + WebSocketFrame.bytes(.continuation, [3], mask: 3) + WebSocketFrame.close(1000, "bye", mask: 4))
    streams += [
      [0xC1, 0x80], [0x83, 0x80], [0x81, 0x01, 0x41], [0x81, 0x82, 0, 0, 0, 0, 0xC3, 0x28],
      [0x88, 0x81, 0, 0, 0, 0, 3],
    ]
    let mine = streams.map { bytes in
      Cuts.frames(bytes, from: .client, max: 1 << 20).map { event in
        switch event {
        case .text(let text): "text \(Base64.hexadecimal(SHA256.digest(text)))"
        case .binary(let bytes): "binary \(Base64.hexadecimal(SHA256.digest(bytes)))"
        case .ping(let bytes): "ping \(Base64.hexadecimal(bytes))"
        case .pong(let bytes): "pong \(Base64.hexadecimal(bytes))"
        // wsproto tells what it fails with as the end of the connection.
        case .close(let code, _): "close \(code ?? 0)"
        case .failure(let code, _): "close \(code)"
        }
      }.joined(separator: "|")
    }
    #expect(try Oracle.ask("websocket", streams) == mine)
  }
}

/// The Python side.
enum Oracle {
  static let python = ProcessInfo.processInfo.environment["CHAOS_ORACLE_PYTHON"] ?? "python3"
  static let isThere = (try? Tool.run("/usr/bin/env", [python, "-c", "import h11, wsproto"]))?.code == 0

  struct Failed: Error { var text: String }

  /// What the oracle makes of each stream, whole; it compares every cut itself.
  static func ask(_ kind: String, _ streams: [[UInt8]]) throws -> [String] {
    let scratch = Scratch()
    scratch.write(streams.map { Base64.hexadecimal($0) }.joined(separator: "\n") + "\n", to: "streams")
    scratch.write(program, to: "oracle.py")
    let result = try Tool.run("/usr/bin/env", [python, "\(scratch.path)/oracle.py", kind, "\(scratch.path)/streams"])
    guard result.code == 0 else { throw Failed(text: result.error) }
    return result.out.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
  }

  private static let program = """
    import hashlib, sys
    import h11
    from wsproto.connection import Connection, ConnectionType
    from wsproto import events as ws
    from wsproto.utilities import RemoteProtocolError

    def http(parts):
        connection, out, request, body = h11.Connection(h11.SERVER), [], None, b''
        for part in parts:
            connection.receive_data(part)
            while True:
                event = connection.next_event()
                if event in (h11.NEED_DATA, h11.PAUSED) or isinstance(event, h11.ConnectionClosed):
                    break
                if isinstance(event, h11.Request):
                    request, body = event, b''
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    out.append('%s %s %s' % (request.method.decode(), request.target.decode(), body.hex()))
                    connection.send(h11.Response(status_code=200, headers=[('content-length', '0')]))
                    connection.send(h11.EndOfMessage())
                    if connection.our_state is h11.DONE and connection.their_state is h11.DONE:
                        connection.start_next_cycle()
        return '|'.join(out)

    def websocket(parts):
        connection, out, message = Connection(ConnectionType.SERVER), [], []
        for part in parts:
            try:
                connection.receive_data(part)
                for event in connection.events():
                    if isinstance(event, (ws.TextMessage, ws.BytesMessage)):
                        data = event.data.encode() if isinstance(event, ws.TextMessage) else bytes(event.data)
                        message.append(data)
                        if event.message_finished:
                            kind = 'text' if isinstance(event, ws.TextMessage) else 'binary'
                            out.append(kind + ' ' + hashlib.sha256(b''.join(message)).hexdigest())
                            message = []
                    elif isinstance(event, ws.Ping):
                        out.append('ping ' + bytes(event.payload).hex())
                    elif isinstance(event, ws.Pong):
                        out.append('pong ' + bytes(event.payload).hex())
                    elif isinstance(event, ws.CloseConnection):
                        out.append('close %d' % int(event.code))
            except RemoteProtocolError:
                out.append('failure')
                return '|'.join(out)
        return '|'.join(out)

    ask = {'http': http, 'websocket': websocket}[sys.argv[1]]
    for line in open(sys.argv[2]):
        data = bytes.fromhex(line.strip())
        whole = ask([data])
        # Ours is cut in tests of its own; h11 has its own mind about an empty line that is cut.
        for cut in () if sys.argv[1] == 'http' else range(0, len(data) + 1, max(1, len(data) // 200)):
            assert ask([data[:cut], data[cut:]]) == whole, (cut, line[:80])
        print(whole)
    """
}
