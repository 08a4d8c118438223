import ChaosRuntime
import Foundation
import TestSupport
import Testing

/// What real disks do when they are full or may not be written.
@Suite struct SickDiskTests {
  private func failure<T>(_ result: Result<T, DiskError>) -> DiskError? {
    if case .failure(let error) = result { error } else { nil }
  }

  @Test func `A device that is full says so and stays there`() throws {
    let disk = FileDisk(directory: "/dev")
    #expect(failure(try disk.append([1], to: "full")) == .full)
    #expect(failure(try disk.write([1], to: "full", for: "full")) == .full)
    #expect(FileManager.default.fileExists(atPath: "/dev/full"), "only regular files are taken back")
  }

  @Test(.enabled(if: SmallFileSystem.isAvailable, "this process may not mount a tmpfs"))
  func `A full disk tears nothing`() throws {
    let system = try #require(SmallFileSystem(bytes: 65_536))
    let disk = FileDisk(directory: system.folder.path)
    let line = Array("{\"a\":\"whole line\"}\n".utf8)
    #expect(failure(try disk.replace(line, at: "state")) == nil)
    // A batch of 1,000 lines at a time until one does not fit; then single ones until none does.
    let batch = Array([[UInt8]](repeating: line, count: 1000).joined())
    var written = 0
    while failure(try disk.append(batch, to: "log")) == nil {
      written += batch.count
      try #require(written < 1 << 20)
    }
    #expect(try disk.read("log").get().count == written, "the batch that did not fit is not in the file in part")
    #expect(failure(try disk.append(batch, to: "log")) == .full)
    #expect(failure(try disk.append(batch, to: "new")) == .full)
    #expect(!system.folder.exists("new"))
    let large = [UInt8](repeating: 7, count: 65_536)
    #expect(failure(try disk.replace(large, at: "state")) == .full)
    #expect(try disk.read("state").get() == line)
    #expect(!system.folder.exists("state.tmp"))
    // Room again: the same bytes go in, once.
    #expect(failure(try disk.remove("log")) == nil)
    #expect(failure(try disk.append(batch, to: "log")) == nil)
    #expect(try disk.read("log").get() == batch)
  }

  @Test(.enabled(if: SmallFileSystem.isAvailable, "this process may not mount a tmpfs"))
  func `A read only file system keeps what it has`() throws {
    let system = try #require(SmallFileSystem(bytes: 65_536))
    let disk = FileDisk(directory: system.folder.path)
    #expect(failure(try disk.replace([1], at: "state")) == nil)
    #expect(failure(try disk.append([2], to: "log")) == nil)
    try #require(system.makeReadOnly())
    #expect(failure(try disk.replace([3], at: "state")) == .readOnly)
    #expect(failure(try disk.append([3], to: "log")) == .readOnly)
    #expect(failure(try disk.rename("log", to: "state")) == .readOnly)
    #expect(failure(try disk.append([3], to: "new/file")) == .readOnly)
    #expect(try disk.read("state").get() == [1])
    #expect(try disk.read("log").get() == [2])
  }

  /// Rights do not bind the superuser; a file where a folder should be stops everybody.
  @Test func `A file in place of the folder is named`() throws {
    let scratch = Scratch()
    scratch.write("x", to: "state")
    let disk = FileDisk(directory: scratch.path)
    #expect(failure(try disk.replace([1], at: "state/file")) == .io(ENOTDIR))
    #expect(failure(try disk.append([1], to: "state/file")) == .io(ENOTDIR))
    #expect(DiskError.io(ENOTDIR).text == "Not a directory (errno 20)")
    #expect(try disk.read("state").get() == Array("x".utf8))
  }
}
