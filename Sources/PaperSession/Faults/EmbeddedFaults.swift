/// The fault files that are built into the program, one line each; a test compares the list with the folder `faults`.
public enum EmbeddedFaults {
  /// Name without ending, and text, of each file.
  public static let files: [(name: String, text: String)] = [
    ("deadlock", text(PackageResources.deadlock_toml)),
    ("insufficient-balance", text(PackageResources.insufficient_balance_toml)),
    ("slow-budget-refresh", text(PackageResources.slow_budget_refresh_toml)),
    ("formatter-hang", text(PackageResources.formatter_hang_toml)),
    ("lock-contention", text(PackageResources.lock_contention_toml)),
    ("thread-dies", text(PackageResources.thread_dies_toml)),
    ("dropped-fills", text(PackageResources.dropped_fills_toml)),
    ("null-fee", text(PackageResources.null_fee_toml)),
    ("some-orders-refused", text(PackageResources.some_orders_refused_toml)),
    ("partial-fill", text(PackageResources.partial_fill_toml)),
    ("slow-fill", text(PackageResources.slow_fill_toml)),
    ("lost-reply", text(PackageResources.lost_reply_toml)),
    ("late-fill", text(PackageResources.late_fill_toml)),
    ("slow-tickers", text(PackageResources.slow_tickers_toml)),
    ("feed-dies", text(PackageResources.feed_dies_toml)),
    ("unanswered-orders", text(PackageResources.unanswered_orders_toml)),
    ("router-dies", text(PackageResources.router_dies_toml)),
    ("state-writer-dies", text(PackageResources.state_writer_dies_toml)),
    ("log-writer-dies", text(PackageResources.log_writer_dies_toml)),
    ("threads-die", text(PackageResources.threads_die_toml)),
    ("slow-state-disk", text(PackageResources.slow_state_disk_toml)),
    ("everyday", text(PackageResources.everyday_toml)),
    ("disk-full", text(PackageResources.disk_full_toml)),
    ("disk-read-only", text(PackageResources.disk_read_only_toml)),
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
