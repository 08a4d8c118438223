import Basics
import ChaosRuntime
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import ChaosRuntime

private func failure<T>(_ result: Result<T, DiskError>) -> DiskError? {
  if case .failure(let error) = result { error } else { nil }
}

@Suite struct FileDiskTests {
  @Test func `What is written is read`() throws {
    let scratch = Scratch()
    let disk = FileDisk(directory: scratch.path)
    #expect(failure(try disk.write([1, 2], to: "a/b/file", for: "a/b/file")) == nil)
    #expect(failure(try disk.append([3], to: "a/b/file")) == nil)
    #expect(try disk.read("a/b/file").get() == [1, 2, 3])
    #expect(failure(try disk.write([9], to: "a/b/file", for: "a/b/file")) == nil)
    #expect(try disk.read("a/b/file").get() == [9])
    #expect(failure(try disk.sync("a/b/file", for: "a/b/file")) == nil)
    #expect(failure(try disk.remove("a/b/file")) == nil)
    #expect(failure(try disk.read("a/b/file")) == .notFound)
  }

  @Test func `A replace is whole and leaves no temporary file`() throws {
    let scratch = Scratch()
    let disk = FileDisk(directory: scratch.path)
    let large = [UInt8](repeating: 7, count: 300_000)
    for bytes in [[1, 2, 3], large, []] {
      #expect(failure(try disk.replace(bytes, at: "state")) == nil)
      #expect(try disk.read("state").get() == bytes)
      #expect(!scratch.exists("state.tmp"))
    }
  }

  @Test func `A replaced file is durable by its name too`() throws {
    let scratch = Scratch()
    let synced = Mutex<[String]>([])
    let disk = FileDisk(directory: scratch.path) { directory in
      synced.withLock { $0.append(directory) }
      return 0
    }
    #expect(failure(try disk.replace([1], at: "state")) == nil)
    #expect(failure(try disk.replace([1], at: "a/b/state")) == nil)
    #expect(synced.withLock { $0 } == [scratch.path, scratch.path + "/a/b"])
    let sick = FileDisk(directory: scratch.path) { _ in
      errno = EIO
      return -1
    }
    #expect(failure(try sick.replace([2], at: "state")) == .io(EIO))
    #expect(failure(try FileDisk(directory: scratch.path).replace([3], at: "state")) == nil)
  }

  @Test(arguments: ["../up", "a/../../up", "..", "/etc/passwd", ""])
  func `Paths that leave the directory are refused`(path: String) throws {
    let scratch = Scratch()
    let disk = FileDisk(directory: scratch.path)
    #expect(failure(try disk.write([1], to: path, for: path)) == .io(EINVAL))
    #expect(failure(try disk.append([1], to: path)) == .io(EINVAL))
    #expect(failure(try disk.read(path)) == .io(EINVAL))
    #expect(failure(try disk.sync(path, for: path)) == .io(EINVAL))
    #expect(failure(try disk.remove(path)) == .io(EINVAL))
    #expect(failure(try disk.rename("x", to: path)) == .io(EINVAL))
    #expect(failure(try disk.rename(path, to: "x")) == .io(EINVAL))
  }

  @Test func `Names with two dots inside are fine`() throws {
    let scratch = Scratch()
    #expect(failure(try FileDisk(directory: scratch.path).write([1], to: "a..b", for: "a..b")) == nil)
  }

  @Test func `What is not there is not found`() throws {
    let scratch = Scratch()
    let disk = FileDisk(directory: scratch.path)
    #expect(failure(try disk.read("none")) == .notFound)
    #expect(failure(try disk.sync("none", for: "none")) == .notFound)
    #expect(failure(try disk.remove("none")) == .notFound)
    #expect(failure(try disk.rename("none", to: "some")) == .notFound)
  }

  @Test func `Contents are bounded`() throws {
    let scratch = Scratch()
    _ = try FileDisk(directory: scratch.path).write([UInt8](repeating: 1, count: 100), to: "file", for: "file")
    #expect(try FileDisk.contents(of: "\(scratch.path)/file", max: 100).get().count == 100)
    #expect(failure(FileDisk.contents(of: "\(scratch.path)/file", max: 99)) == .io(EFBIG))
  }
}

@Suite struct MemoryDiskTests {
  @Test func `A full disk refuses and keeps what it has`() throws {
    let disk = MemoryDisk(capacity: 10)
    #expect(failure(try disk.write([1, 2, 3, 4, 5, 6], to: "a", for: "a")) == nil)
    #expect(failure(try disk.write([1, 2, 3, 4, 5], to: "b", for: "b")) == .full)
    #expect(failure(try disk.append([1, 2, 3, 4, 5], to: "a")) == .full)
    #expect(try disk.read("a").get() == [1, 2, 3, 4, 5, 6])
    #expect(failure(try disk.read("b")) == .notFound)
    // What replaces a file needs room for the difference only; what is removed or renamed over gives its room back.
    #expect(failure(try disk.write([UInt8](repeating: 0, count: 10), to: "a", for: "a")) == nil)
    #expect(failure(try disk.remove("a")) == nil)
    #expect(failure(try disk.write([1, 2, 3, 4, 5], to: "b", for: "b")) == nil)
    #expect(failure(try disk.write([1, 2, 3, 4, 5], to: "c", for: "c")) == nil)
    #expect(failure(try disk.rename("c", to: "b")) == nil)
    #expect(failure(try disk.append([6, 7, 8, 9, 10], to: "b")) == nil)
    #expect(disk.files.map(\.path) == ["b"])
  }

  @Test func `A power cut loses what was not synced`() throws {
    let disk = MemoryDisk()
    _ = try disk.write([1, 2], to: "synced", for: "synced")
    _ = try disk.sync("synced", for: "synced")
    _ = try disk.append([3, 4, 5], to: "synced")
    _ = try disk.write([1], to: "never-synced", for: "never-synced")
    disk.losePower()
    #expect(disk.files.map(\.path) == ["synced"])
    #expect(disk.files.map(\.bytes) == [[1, 2]])
  }

  @Test(arguments: [1, 2, 3, 10])
  func `A power cut may tear the unsynced tail`(torn: Int) throws {
    let disk = MemoryDisk()
    _ = try disk.append([1, 2], to: "log")
    _ = try disk.sync("log", for: "log")
    _ = try disk.append([3, 4, 5], to: "log")
    disk.losePower(torn: torn)
    #expect(disk.files.map(\.bytes) == [Array([1, 2, 3, 4, 5].prefix(2 + torn))])
    // What the cut left is on the platter now.
    disk.losePower()
    #expect(disk.files.map(\.bytes) == [Array([1, 2, 3, 4, 5].prefix(2 + torn))])
  }

  @Test func `A replace survives a power cut`() throws {
    let disk = MemoryDisk()
    #expect(failure(try disk.replace([1], at: "state")) == nil)
    #expect(failure(try disk.replace([2], at: "state")) == nil)
    disk.losePower()
    #expect(disk.files.map(\.path) == ["state"])
    #expect(disk.files.map(\.bytes) == [[2]])
  }

  @Test func `Room is counted again after a power cut`() throws {
    let disk = MemoryDisk(capacity: 4)
    _ = try disk.write([1, 2, 3, 4], to: "a", for: "a")
    disk.losePower()
    #expect(failure(try disk.write([1, 2, 3, 4], to: "b", for: "b")) == nil)
  }
}

@Suite struct RuntimeDiskTests {
  @Test(arguments: [DiskError.full, .readOnly, .io(5)])
  func `An error of the interposer reaches the caller and not the disk`(error: DiskError) throws {
    let disk = MemoryDisk()
    let seen = Mutex<[DiskError?]>([])
    let result = Simulation().run(disk: disk) { runtime throws(Stopped) in
      runtime.install(Witness(diskError: error))
      let failures = [
        failure(try runtime.disk.replace([1], at: "state")), failure(try runtime.disk.append([1], to: "log")),
        failure(try runtime.disk.read("log")),
      ]
      seen.withLock { $0 = failures }
    }
    #expect(seen.withLock { $0 } == [error, error, error])
    #expect(result.incidents.isEmpty)
    #expect(disk.files.isEmpty)
  }

  @Test(arguments: [DiskError.full, .readOnly, .notFound, .io(EACCES), .io(ENOTDIR), .io(5)])
  func `Every error says what to do`(error: DiskError) {
    #expect(error.advice.count > 20)
    #expect(error.advice != error.text)
  }

  @Test func `Errors have texts for people`() {
    #expect(DiskError.full.text == "no space left on device")
    #expect(DiskError.readOnly.text == "read-only file system")
    #expect(DiskError.notFound.text == "no such file")
    #expect(DiskError.io(5).text == "Input/output error (errno 5)")
  }
}
