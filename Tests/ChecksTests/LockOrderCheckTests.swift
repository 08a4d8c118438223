import Basics
import Testing

@testable import Checks

@Suite struct LockOrderCheckTests {
  static func order(_ findings: [String]) -> JSON {
    .object([
      ("edges", .int(7)),
      (
        "cycles",
        .array(findings.map { .object([("text", .string("a -> b")), ("finding", .string($0))]) })
      ),
    ])
  }

  @Test func `Only a confirmed cycle fails`() throws {
    var b = RecordBuilder()
    #expect(try b.judge("lock-order").outcome == .notApplicable)
    b.set("lock_order", .object([("edges", .int(0)), ("cycles", .array([]))]))
    #expect(try b.judge("lock-order").outcome == .notApplicable, "nothing was judged")
    b.set("lock_order", Self.order([]))
    #expect(try b.judge("lock-order").outcome == .pass)
    b.set("lock_order", Self.order(["guarded", "unconfirmed"]))
    let open = try b.judge("lock-order")
    #expect(open.outcome == .pass && open.evidence == ["guarded: a -> b", "unconfirmed: a -> b"])
    #expect(open.reason == "7 orders of two locks, 2 cycles predicted, none confirmed")
    b.set("lock_order", Self.order(["guarded", "confirmed"]))
    let failed = try b.judge("lock-order")
    #expect(failed.outcome == .fail && failed.evidence == ["confirmed: a -> b"])
  }
}
