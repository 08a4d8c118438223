import Foundation
import TestSupport
import Testing

/// `chaos bench determinism`: the command that compares processes, with few runs.
@Suite struct DeterminismBenchTests {
  @Test func `Two processes and both carriers agree on every program`() throws {
    let bench = try Tool.chaos(["bench", "determinism", "--runs", "9"])
    #expect(bench.code == 0, "\(bench.out)\(bench.error)")
    #expect(bench.out.contains("C-PORT-02 original, C-PORT-02 fixed"))
    #expect(bench.out.contains("\nbench: determinism 9 double runs and 1 on OS threads, 0 differences, "))
  }

  /// A second process that prints something else: `edit` is a sed command on its digests, `blockEdit` on its steps.
  private func against(_ edit: String, block blockEdit: String = "") throws -> Tool.Result {
    let scratch = Scratch()
    let chaos = try #require(Tool.folder) + "/chaos"
    scratch.write(
      """
      #!/bin/bash
      case "$*" in
        *--witness*) exec '\(chaos)' "$@" | sed '\(edit)' ;;
        *) exec '\(chaos)' "$@" | sed '\(blockEdit)' ;;
      esac
      """, to: "other")
    _ = chmod("\(scratch.path)/other", 0o755)
    return try Tool.chaos(["bench", "determinism", "--runs", "3", "--against", "\(scratch.path)/other"])
  }

  @Test func `Another step is shown beside its twin`() throws {
    // The second run's hash, its second checkpoint and one step of the block after the first.
    let bench = try against("2s/^./g/;2s/^g/0/", block: "1s/ [0-9a-f]*/ 0/;/^step 1030 /s/ ns /0 ns /")
    #expect(bench.code == 70)
    let lines = bench.out.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(lines.first?.hasPrefix("DIVERGED run 1 (") == true)
    #expect(lines.first?.contains("in another process: the schedule differs in steps 1025 to 2048, line 6") == true)
    #expect(lines.dropFirst().first?.hasPrefix("    first   step 1030  ") == true)
    #expect(lines.last?.hasPrefix("    second  step 1030  ") == true)
    #expect(lines.last?.contains("0 ns  ") == true)
  }

  @Test func `Other files are a difference too`() throws {
    let bench = try against("3s/[0-9a-f]*$/1/")
    #expect(bench.code == 70)
    #expect(bench.out.hasPrefix("DIVERGED run 2 ("))
    #expect(bench.out.contains("the files differ, the steps do not"))
  }

  @Test func `A second process that ends is an error`() throws {
    let bench = try against("2,$d")
    #expect(bench.code == 70)
    #expect(bench.error.contains("the second process ended or hung before it printed run 1"))
    #expect(try Tool.chaos(["bench", "determinism", "--against", "/none"]).code == 2)
    #expect(try Tool.chaos(["bench", "determinism", "locks"]).code == 2)
    #expect(try Tool.chaos(["bench", "determinism", "--block", "1:2"]).code == 2)
  }
}
