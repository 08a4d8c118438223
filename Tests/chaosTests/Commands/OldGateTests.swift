import Foundation
import TestSupport
import Testing

/// An exhibit: the regression gate that the bot had, its defects told again in a script of our own, beside what ours says.
///
/// Source: HISTORY 1.9. The script counts with `((n++))` under `set -e`, looks for files where they no longer are, and
/// tests a pattern that is never expanded.
@Suite struct OldGateTests {
  private static let script = """
    set -euo pipefail
    errors=0
    warnings=0
    session=$(ls -d sessions/session_* | tail -n 1)
    echo "TEST 1: orders are filled"
    orders="$session/logs/jsonl/orders.jsonl"
    if [[ ! -f $orders ]]; then
      echo "FAIL: orders.jsonl not found"
      ((errors++))
    else
      sent=$(grep -c '"ORDER_SENT"' "$orders" || true)
      filled=$(grep -c '"ORDER_FILLED"' "$orders" || true)
      echo "sent $sent, filled $filled"
      if [[ $sent -gt 0 && $filled -eq 0 ]]; then
        echo "FAIL: no order was filled"
        ((errors++))
      fi
    fi
    echo "TEST 2: intents are cleared"
    pending=$( (grep -o '"intent_id"' "$session/state/engine_transient.json" || true) | wc -l)
    if [[ $pending -gt 50 ]]; then
      echo "FAIL: $pending intents are pending"
      ((errors++))
    fi
    echo "TEST 3: failures are logged"
    events="$session/logs/events_*.jsonl"
    if [[ ! -f $events ]]; then
      echo "SKIP: no event log"
    elif ! grep -q '"level":"ERROR"' "$events"; then
      echo "FAIL: orders fail silently"
      ((errors++))
    fi
    echo "TEST 4: no deadlock"
    if [[ -f "$session/stackdump.txt" ]]; then
      echo "FAIL: stackdump found"
      ((errors++))
    fi
    echo "$errors errors, $warnings warnings"
    if [[ $errors -le 2 && $warnings -le 3 ]]; then exit 0; fi
    exit 1
    """

  /// What the gate of old says of a folder.
  private func oldGate(_ folder: String) throws -> Tool.Result {
    try Tool.run("/bin/bash", ["-c", Self.script], in: folder)
  }

  private func move(_ from: String, _ to: String) throws {
    let folder = URL(fileURLWithPath: to).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: from, toPath: to)
  }

  @Test func `It passes an engine whose orders fail silently`() throws {
    let scratch = Scratch()
    let ours = try Tool.chaos(
      ["paper", "--duration", "120", "--revision", "9.1=original", "--out", scratch.path + "/sessions"])
    #expect(ours.code == 1)
    #expect(ours.out.contains("✗ FAIL: Orders failing silently"))
    let theirs = try oldGate(scratch.path)
    #expect(theirs.code == 0, "\(theirs.out)")
    #expect(theirs.out.contains("SKIP: no event log"), "the pattern is not expanded, so TEST 3 never runs")
  }

  @Test func `It passes an engine that never clears intents and a dump beside the session`() throws {
    let scratch = Scratch()
    let ours = try Tool.chaos(
      ["paper", "--duration", "120", "--revision", "9.2=original", "--out", scratch.path + "/sessions"])
    #expect(ours.code == 1)
    #expect(ours.out.contains("✗ FAIL: Intents of finished orders never cleared"))
    // From ec5460e on the dump was written to the folder in which the bot was started.
    #expect(FileManager.default.createFile(atPath: scratch.path + "/stackdump.txt", contents: Data("Timeout!".utf8)))
    let theirs = try oldGate(scratch.path)
    #expect(theirs.code == 0, "\(theirs.out)")
  }

  @Test func `It fails a healthy engine and dies at its first finding`() throws {
    let scratch = Scratch()
    let ours = try Tool.chaos(["paper", "--duration", "120", "--out", scratch.path + "/sessions"])
    #expect(ours.code == 0)
    #expect(!FileManager.default.fileExists(atPath: scratch.path + "/sessions/latest/stackdump.txt"))
    // From 158ca11 on the order log stood in the folder in which the bot was started.
    let session = try #require(
      try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/sessions").first { $0.hasPrefix("session_") }
    )
    try move(scratch.path + "/sessions/\(session)/logs/jsonl", scratch.path + "/logs/jsonl")
    let theirs = try oldGate(scratch.path)
    #expect(theirs.code == 1)
    #expect(theirs.out.hasSuffix("FAIL: orders.jsonl not found\n"), "the summary is never reached: \(theirs.out)")
  }
}
