import Basics
import ChaosRuntime
import Glibc
import TestSupport
import Testing

/// Files and values from outside: each reading has a range, and an error has a place.
@Suite struct InputTests {
  private func error(_ body: () throws(InputError) -> Void) -> String {
    do throws(InputError) {
      try body()
      return "none"
    } catch { return error.description }
  }

  @Test func `Only regular files are read`() throws {
    let scratch = Scratch()
    scratch.write("text", to: "file")
    let path = scratch.path
    mkfifo(path + "/pipe", 0o644)
    symlink("loop", path + "/loop")
    symlink("file", path + "/link")
    #expect(try InputFile.bytes(path + "/link", max: 4) == Array("text".utf8))
    func said(_ name: String) -> String {
      error { () throws(InputError) in _ = try InputFile.bytes("\(path)/\(name)", max: 3) }
    }
    #expect(said("pipe") == "\(path)/pipe: this is a pipe, and only regular files are read")
    #expect(said("loop") == "\(path)/loop: cannot be opened: Too many levels of symbolic links")
    #expect(said("none") == "\(path)/none: there is no such file")
    #expect(said("") == "\(path)/: this is a directory, and only regular files are read")
    #expect(said("file") == "\(path)/file: the file has 4 bytes, and at most 3 are read of its kind")
    #expect(said("file/below").hasSuffix("/file/below: cannot be opened: Not a directory"))
    let device = error { () throws(InputError) in _ = try InputFile.bytes("/dev/zero", .log) }
    #expect(device == "/dev/zero: this is a device, and only regular files are read")
    let nothing = error { () throws(InputError) in _ = try InputFile.bytes("", .log) }
    #expect(nothing == "'': an empty name is not a file")
  }

  @Test func `Text is UTF 8 and its mark is left out`() throws {
    #expect(try InputFile.text(of: [0xEF, 0xBB, 0xBF, 0x61], file: "x") == "a")
    let wrong = error { () throws(InputError) in _ = try InputFile.text(of: [0x61, 0x0A, 0x62, 0xFF], file: "x") }
    #expect(wrong == "x:2:2: this byte is not UTF-8; save the file as UTF-8 text")
  }

  @Test(arguments: [
    (#"{"a":1e999}"#, "x.json:a: expects a number from 0 to 10, not 1e999"),
    (#"{"a":11}"#, "x.json:a: expects a number from 0 to 10, not 11"),
    (#"{"a":"1"}"#, "x.json:a: expects a number from 0 to 10, not '1'"), (#"{"a":null}"#, "none"), ("{}", "none"),
    (#"{"a":5.5}"#, "none"), ("{", "x.json:1:2: no JSON: a member name in quotes should stand here"),
  ])
  func `A number has a range and a place`(_ item: (text: String, message: String)) {
    let said = error { () throws(InputError) in
      _ = try InputValue(parsing: Array(item.text.utf8), file: "x.json")["a"]?.number(in: 0...10)
    }
    #expect(said == item.message)
  }

  @Test func `Every kind of value is checked`() throws {
    let text = #"{"a":{"b":[1,{"c":123456789012345678901234}]},"t":"9999-01-01T00:00:00Z","s":"x","n":-1}"#
    let value = try InputValue(parsing: Array(text.utf8), file: "f")
    let items = try #require(try value["a"]?["b"]?.items())
    let said = [
      error { () throws(InputError) in _ = try items[1]["c"]?.seed() },
      error { () throws(InputError) in _ = try value["t"]?.time() },
      error { () throws(InputError) in _ = try value["n"]?.integer(in: 0...5) },
      error { () throws(InputError) in _ = try value["s"]?.flag() },
      error { () throws(InputError) in _ = try value["s"]?.items() },
      error { () throws(InputError) in _ = try value.required("z") },
      error { () throws(InputError) in _ = try value["a"]?["b"]?.items(max: 1) },
    ]
    let expected = [
      "f:a.b[1].c: expects a seed, a whole number from 0 to 18446744073709551615, not 123456789012345678901234",
      "f:t: expects a time from 1970 to 2199 such as 2025-01-01T00:00:00.000000Z, not '9999-01-01T00:00:00Z'",
      "f:n: expects a whole number from 0 to 5, not -1", "f:s: expects true or false, not 'x'",
      "f:s: expects an array, not 'x'", "f: 'z' is missing", "f:a.b: the array has more than 1 items",
    ]
    #expect(said == expected)
  }

  @Test(arguments: [
    ("stall | a | b | 0 | 9223372036854775807", "a stall lasts 1 to"), ("stall | a | b | 0 | 0", "a stall lasts 1 to"),
    ("run | a | b | 4294967296 | c", "an occurrence is at most"), ("latency | a | b | 0 | -1", "a latency has 0 to"),
    ("fault | a | b | 0 | 2", "the value of a fault is 1"), ("run | a | b | 0 |", "a thread is missing"),
  ])
  func `A choice beyond its range is named`(_ item: (line: String, message: String)) {
    let thrown = #expect(throws: RecordingError.self) { try Recording(parsing: "# x: y\r\n\(item.line)\r\n") }
    let said = thrown?.description ?? "none"
    #expect(said.hasPrefix("line 2: \(item.message)"), "\(said)")
  }
}
