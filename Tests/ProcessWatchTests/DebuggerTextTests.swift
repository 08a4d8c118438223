import Testing

@testable import ProcessWatch

/// What tools print, read as threads.
@Suite struct DebuggerTextTests {
  @Test func `Stacks of gdb lose their arguments, which are values of the program`() {
    let threads = DebuggerText.machineCode(
      """
      Thread 2 (Thread 0x7f (LWP 41) "saver"):
      #0  0x00007f00 in __futex_wait (word=0x1) from /lib/libc.so.6
      #1  save (key="secret") at bot.c:12

      Thread 1 (Thread 0x7f (LWP 40) "bot"):
      #0  0x00007f00 in poll () from /lib/libc.so.6
      """)
    #expect(threads.map(\.label.id) == [41, 40])
    #expect(threads[0].frames.map(\.text) == ["__futex_wait  in /lib/libc.so.6", "save  at bot.c:12"])
  }

  @Test func `Stacks of eu-stack`() {
    let threads = DebuggerText.machineCode(
      "PID 7 - process\nTID 7:\n#0  0x00007f poll - /lib/libc.so.6\n#1  0x01 main\n")
    #expect(threads.map(\.label.id) == [7])
    #expect(threads[0].frames.map(\.text) == ["poll  in /lib/libc.so.6", "main"])
  }

  @Test func `Stacks of py-spy`() {
    let threads = DebuggerText.pySpy(
      "Process 9: python bot.py\n\nThread 9 (idle): \"MainThread\"\n    wait (threading.py:320)\n    <module> (bot.py:4)\n"
    )
    #expect(threads.map(\.label.name) == ["MainThread"])
    #expect(threads[0].frames.map(\.text) == ["wait  at threading.py:320", "<module>  at bot.py:4"])
  }

  @Test func `Goroutines that wait for a lock come first`() {
    let threads = DebuggerText.goroutines(
      """
      SIGQUIT: quit
      goroutine 1 [chan receive, 2 minutes]:
      main.main()
      \t/src/bot.go:9 +0x1d

      goroutine 7 [sync.Mutex.Lock]:
      main.save(0x1, "secret")
      \t/src/bot.go:20 +0x1d
      created by main.main in goroutine 1
      \t/src/bot.go:8 +0x1d
      """)
    #expect(threads.map(\.label.name) == ["goroutine 1", "goroutine 7"])
    #expect(threads.map(\.rank) == [2, 0])
    #expect(threads[1].frames[0].text == "main.save  at /src/bot.go:20")
  }

  @Test func `The circle that a JVM has found`() {
    let text = JavaText(
      """
      "saver" #11 prio=5 tid=0x1 nid=0x2a waiting for monitor entry
         java.lang.Thread.State: BLOCKED (on object monitor)
      \tat Bot.save(Bot.java:9)
      \t- waiting to lock <0xa> (a java.lang.Object)
      \tat Bot.run(Bot.java:7)
      \t- locked <0xb> (a java.lang.String)

      "engine" #12 prio=5 tid=0x1 nid=43 waiting for monitor entry
         java.lang.Thread.State: BLOCKED (on object monitor)
      \tat Bot.trade(Bot.java:19)
      \t- waiting to lock <0xb> (a java.lang.String)
      \t- locked <0xa> (a java.lang.Object)

      Found one Java-level deadlock:
      =============================
      "saver":
        waiting to lock monitor 0x1 (object 0xa, a java.lang.Object),
        which is held by "engine"

      "engine":
        waiting to lock monitor 0x2 (object 0xb, a java.lang.String),
        which is held by "saver"

      Java stack information for the threads listed above:
      """)
    #expect(text.threads.map(\.label.id) == [42, 43])
    #expect(text.circle.map(\.thread.name) == ["saver", "engine"])
    #expect(text.circle.map(\.taken) == ["Bot.java:19", "Bot.java:7"])
    #expect(text.threads[0].verdict.hasPrefix("BLOCKED, waits for \"java.lang.Object 0xa\" at Bot.java:9"))
  }

  @Test func `Stacks of faulthandler get the names that the bootstrap told`() {
    let threads = FaultHandlerText.threads(
      "Thread 0x0a (most recent call first):\n  File \"bot.py\", line 12 in spin\n",
      names: [
        "10": ForeignDump.ThreadName(name: "engine", id: 44)
      ])
    #expect(threads.map(\.label.text) == ["engine (tid 44)"])
    #expect(threads[0].frames.map(\.text) == ["spin  at bot.py:12"])
  }
}
