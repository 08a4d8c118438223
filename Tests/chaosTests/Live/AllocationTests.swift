import Foundation
import TestSupport
import Testing

/// Recording a metric allocates nothing: counted from outside, by a library that stands before malloc.
@Suite struct AllocationTests {
  static let compiler = Machine.program("cc") ?? Machine.program("clang")
  static let shim = """
    #define _GNU_SOURCE
    #include <dlfcn.h>
    #include <stdatomic.h>
    #include <stdio.h>
    #include <stdlib.h>
    static atomic_long count;
    static void *(*next)(size_t);
    void *malloc(size_t size) {
      if (!next) next = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
      atomic_fetch_add(&count, 1);
      return next(size);
    }
    static void __attribute__((destructor)) tell(void) {
      const char *file = getenv("MALLOC_COUNT_FILE");
      FILE *out = file ? fopen(file, "w") : 0;
      if (out) { fprintf(out, "%ld", (long)count); fclose(out); }
    }
    """

  /// Calls of malloc in a whole run of the program.
  private func allocations(_ words: [String], _ scratch: Scratch) throws -> Int {
    let file = scratch.path + "/count"
    let result = try Tool.run(
      try #require(Tool.folder) + "/chaos", words, in: scratch.path,
      environment: ["LD_PRELOAD": scratch.path + "/count.so", "MALLOC_COUNT_FILE": file, "PATH": "/usr/bin:/bin"])
    #expect(result.code == 0, "\(result.error)")
    return try #require(Int(Machine.text(file)), "the library was not loaded")
  }

  @Test(.enabled(if: compiler != nil, "a C compiler builds the library that counts"))
  func `Millions of recordings allocate nothing`() throws {
    let scratch = Scratch()
    scratch.write(Self.shim, to: "count.c")
    let built = try Tool.run(
      try #require(Self.compiler), ["-shared", "-fPIC", "-O1", "-o", "count.so", "count.c", "-ldl"], in: scratch.path)
    try #require(built.code == 0, "\(built.error)")
    // 20 million counters and as many histogram values, and 1,000 scrapes, which do allocate.
    let metrics = try allocations(["bench", "metrics", "--rounds", "1"], scratch)
    let session = try allocations(["paper", "--duration", "60"], scratch)
    #expect(session > 20_000, "the library counts what allocates: \(session)")
    #expect(metrics < 5_000_000, "\(metrics): one for each counter or value would be 20 million more")
  }
}
