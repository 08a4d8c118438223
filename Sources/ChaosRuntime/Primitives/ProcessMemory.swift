import CPlatform

/// How the process holds its memory; for programs that run many sessions, called once at their start.
public enum ProcessMemory {
  /// Keeps what is freed: simulated sessions build and drop megabytes of log, and faulting those pages in anew cost 9 % of
  /// the reference session (2 shared cores, release).
  public static func keep() { cp_keep_memory() }
}
