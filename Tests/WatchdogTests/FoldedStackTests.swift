import Testing

@testable import Watchdog

/// How the frames of a finished dump are shown.
@Suite struct FoldedStackTests {
  @Test func `The frames of the program stand first and the others in one line`() {
    let stack = [
      "syscall + 23  in libc.so.6", "cp_futex_wait  at Sources/CPlatform/system.c:12",
      "Lock.lock(_:_:)  at Sources/ChaosRuntime/Primitives/Lock.swift:69",
      "specialized Lock.withLock<A>(_:_:_:)  at <compiler-generated>:0  [inlined]",
      "Book.write()  at Sources/Bot/Orders/Book.swift:79",
      "closure #1 in Book.save()  at Sources/Bot/Orders/Book.swift:58",
      "specialized Runtime.activity<A>(_:limit:_:)  at <compiler-generated>:0  [inlined]",
      "Book.run() + 12  in bot", "ThreadHandle.runLive(_:)  at Sources/ChaosRuntime/Primitives/ThreadHandle.swift:102",
      "start_thread + 772  in libc.so.6",
    ]
    #expect(
      FoldedStack.lines(stack[...]) == [
        "  #4  Book.write()  at Sources/Bot/Orders/Book.swift:79",
        "  #5  closure #1 in Book.save()  at Sources/Bot/Orders/Book.swift:58", "  #7  Book.run() + 12  in bot",
        "  folded: #0-#3 Lock.withLock<A>(_:_:_:), #6 Runtime.activity<A>(_:limit:_:),",
        "          #8-#9 ThreadHandle.runLive(_:)",
      ])
  }

  @Test func `A stack without a frame of the program is left as it is`() {
    let stack = ["poll + 9  in libc.so.6", "libc.so.6+0x1000"]
    #expect(FoldedStack.lines(stack[...]) == ["  #0  poll + 9  in libc.so.6", "  #1  libc.so.6+0x1000"])
    #expect(FoldedStack.lines([][...]) == [])
  }

  @Test func `The runtime of a program that has it as a package is folded too`() {
    #expect(!FoldedStack.isOwn("Lock.lock()  at .build/checkouts/chaos/Sources/ChaosRuntime/Primitives/Lock.swift:6"))
    #expect(!FoldedStack.isOwn("syscall + 23  in ac61ec5a8eb1.debug"))
    #expect(FoldedStack.isOwn("Bot.run()  at Sources/Bot/ChaosRuntimeUser.swift:6"))
  }

  @Test func `Places are shown as an editor opens them`() {
    var paths = EditorPaths()
    paths.learn("Book.write()  at Sources/Bot/Orders/Book.swift:79  [inlined]")
    paths.learn("Book.write()  at Sources/Bot/Orders/Book.swift:79")
    paths.learn("poll + 9  in libc.so.6")
    #expect(
      paths.shown("      held by a, taken at Bot/Book.swift:3, held 1.000 ms")
        == "      held by a, taken at Sources/Bot/Orders/Book.swift:3, held 1.000 ms")
    #expect(paths.shown("  waits at Bot/Other.swift:3") == "  waits at Bot/Other.swift:3")
  }
}
