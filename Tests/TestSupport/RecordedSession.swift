import ChaosRuntime
import Testing

/// A session of the historical bot, which lies beside the repository where it is there at all.
public enum RecordedSession {
  /// Its directory, beside the repository or one folder further up; nil: it is not here.
  public static let directory: String? = [1, 2].map { levels in
    Folder.root.split(separator: "/").dropLast(levels).map { "/\($0)" }.joined() + "/shared/field-1"
  }.first { Files.isDirectory($0) }

  /// Why a test that needs it is left out.
  public static let absence: Comment = "the recorded session lies beside the repository, not in it"
}
