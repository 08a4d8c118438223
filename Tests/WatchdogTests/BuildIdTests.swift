import CPlatform
import Glibc
import Testing

/// The list of images is older than the memory that it names: what is gone since must not end the process.
@Suite struct BuildIdTests {
  private static func buildId(_ base: UnsafeMutableRawPointer, _ size: Int) -> Int {
    var id = [UInt8](repeating: 0, count: Int(CP_BUILD_ID_MAX))
    return cp_build_id(UInt(bitPattern: base), UInt(bitPattern: base) + UInt(size), &id)
  }

  private static func map(_ path: String, _ size: Int) throws -> UnsafeMutableRawPointer {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    let base = try #require(mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0))
    try #require(base != MAP_FAILED)
    return base
  }

  @Test func `A file that another thread has unmapped has no build id`() throws {
    let size = 65_536
    let base = try Self.map("/proc/self/exe", size)
    #expect(Self.buildId(base, size) > 0)
    munmap(base, size)
    #expect(Self.buildId(base, size) == 0)
  }

  @Test func `A mapped file that was cut short has no build id`() throws {
    let size = 65_536
    var template = Array("/tmp/chaos-image-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      close(descriptor)
      unlink(path)
    }
    var bytes = [CChar](repeating: 0, count: size)
    let count = cp_file_read("/proc/self/exe", &bytes, size)
    try #require(write(descriptor, bytes, count) == count)
    let base = try Self.map(path, size)
    defer { munmap(base, size) }
    #expect(Self.buildId(base, size) > 0)
    ftruncate(descriptor, 0)
    #expect(Self.buildId(base, size) == 0)
  }
}
