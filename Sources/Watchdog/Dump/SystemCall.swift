/// Names of the system calls in which threads wait.
public enum SystemCall {
  /// `syscall` for one in which threads seldom wait. Source: arch/x86/entry/syscalls/syscall_64.tbl of Linux.
  public static func name(_ number: Int32) -> StaticString {
    switch number {
    case 0: "read"
    case 1: "write"
    case 7: "poll"
    case 23: "select"
    case 34: "pause"
    case 35: "nanosleep"
    case 42: "connect"
    case 43: "accept"
    case 45: "recvfrom"
    case 47: "recvmsg"
    case 61: "wait4"
    case 74: "fsync"
    case 75: "fdatasync"
    case 128: "rt_sigtimedwait"
    case 130: "rt_sigsuspend"
    case 202: "futex"
    case 230: "clock_nanosleep"
    case 232: "epoll_wait"
    case 247: "waitid"
    case 270: "pselect6"
    case 271: "ppoll"
    case 281: "epoll_pwait"
    case 288: "accept4"
    default: "syscall"
    }
  }
}
