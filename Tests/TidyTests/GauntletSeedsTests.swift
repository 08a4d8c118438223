import Foundation
import TestSupport
import Testing

private let hasPython = (try? Tool.run("/usr/bin/env", ["python3", "-c", "import argparse"]))?.code == 0

/// `scripts/gauntlet-seeds`, over a program that passes with every seed but one.
@Suite(.enabled(if: hasPython, "no python3 was found"))
struct GauntletSeedsTests {
  @Test func `A case that does not end the same with every seed is a flip, and what is done is not done again`() throws
  {
    let scratch = try Self.programs()
    let good = try Self.sweep(in: scratch, seeds: "1-2")
    #expect(good.code == 0 && good.out.contains("0 of 1 cases do not end the same"), "\(good.out)\(good.error)")
    let bad = try Self.sweep(in: scratch, seeds: "1-4")
    #expect(bad.code == 1 && bad.out.contains("1 of 1 cases do not end the same with every seed"), "\(bad.out)")
    #expect(bad.out.contains("flip  fault/some   3: failed"), "\(bad.out)")
    #expect(try Self.calls(scratch) == ["1", "2", "3", "4"])
    #expect(try Self.sweep(in: scratch, seeds: "1-4", "--report").out.contains("3 RED"))
    #expect(try Self.sweep(in: scratch, seeds: "7", "--report").code == 5)
  }

  @Test func `A gauntlet without a report, or cut off, is no result`() throws {
    let scratch = try Self.programs()
    let none = try Self.sweep(in: scratch, seeds: "5")
    #expect(none.code == 1 && none.error.contains("seed 5, fault: exit code 1 and no report: out of order"))
    let cut = try Self.sweep(in: scratch, seeds: "6")
    #expect(cut.code == 130 && cut.error.contains("seed 6, fault: interrupted"), "\(cut.error)")
    #expect(try Self.sweep(in: scratch, seeds: "6").code == 130)
    #expect(try Self.calls(scratch) == ["5", "6", "6"])
  }

  @Test(arguments: ["0", "2-1", "x", "", "1-2000"])
  func `Seeds that are none are a usage error`(seeds: String) throws {
    let result = try Self.sweep(in: try Self.programs(), seeds: seeds)
    #expect(result.code == 2 && result.error.contains("--seeds"))
  }

  /// The seeds that the program was asked for.
  private static func calls(_ scratch: Scratch) throws -> [String] {
    try String(contentsOfFile: "\(scratch.path)/calls", encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// A `chaos` that fails with seed 3, has no report with 5 and is interrupted with 6.
  private static func programs() throws -> Scratch {
    let scratch = Scratch()
    scratch.write(
      """
      #!/bin/sh
      while [ $# -gt 0 ]; do
        case $1 in --json) file=$2 ;; --seed) seed=$2 ;; esac
        shift
      done
      echo "$seed" >> "$(dirname "$0")/calls"
      outcome=passed word=GREEN code=0 cut=false
      case $seed in
        3) outcome=failed word=RED code=1 ;;
        5) echo 'out of order'; exit 1 ;;
        6) cut=true code=130 ;;
      esac
      echo '{"statement": "'$word'", "exit_code": '$code', "interrupted": '$cut', "seconds": 1, "schedules": 9,' > "$file"
      echo '"peak_memory_bytes": 9000000, "cases": [{"id": "fault/some", "outcome": "'$outcome'"}]}' >> "$file"
      exit $code
      """, to: "chaos")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(scratch.path)/chaos")
    return scratch
  }

  private static func sweep(in scratch: Scratch, seeds: String, _ more: String...) throws -> Tool.Result {
    try Tool.run(
      "/usr/bin/env",
      [
        "python3", "\(Folder.root)/scripts/gauntlet-seeds", "--chaos", "\(scratch.path)/chaos", "--groups", "fault",
        "--seeds", seeds, "--out", "\(scratch.path)/out",
      ] + more)
  }
}
