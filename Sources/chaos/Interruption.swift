import Glibc

/// Ctrl-C and SIGTERM: nothing half-written is left, because directories appear by rename only; the exit code says why.
enum Interruption {
  static func install() {
    signal(SIGINT) { _ in _exit(130) }
    signal(SIGTERM) { _ in _exit(143) }
    signal(SIGPIPE, SIG_IGN)
  }
}
