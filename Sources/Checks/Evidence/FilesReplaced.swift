import Basics
import Trading

extension Check {
  /// Reads `logs/disk.jsonl`, where a simulated disk says what a crash would have left of each file that is replaced: one that is
  /// written in its own place is torn meanwhile, and one that gets its name before it is synced is gone. The state's is judged by
  /// `state-survives-crash`.
  public static let filesReplaced = Check(
    .filesReplaced,
    "a crash at any moment leaves every file that is replaced whole: the one before, or the new one"
  ) { record in
    let name = CheckName.filesReplaced
    guard let images = record.fileImages else {
      return .notApplicable(name, "only a simulated disk knows what a crash would leave")
    }
    if images.isEmpty { return .notApplicable(name, "no file but the state's was replaced") }
    var lasting: Set<String> = []
    var wrong: [String] = []
    for image in images {
      switch image.left {
      case .whole: lasting.insert(image.path)
      // Before the first whole one there was nothing to lose.
      case .missing where !lasting.contains(image.path): continue
      case .missing, .torn:
        wrong.append(
          "logs/disk.jsonl:\(image.line): from \(image.time.iso8601()) on a crash leaves \(image.path) \(image.left.rawValue)"
        )
      }
    }
    if wrong.isEmpty { return .pass(name, "\(counted(images.count, "moment")), every file was whole at each") }
    return .fail(name, "a crash at \(counted(wrong.count, "moment")) leaves a file that cannot be read", wrong)
  }
}
