import Basics
import ChaosRuntime

/// Reads the tick files of a folder with plain system calls.
public enum TickFiles {
  /// Most files in a folder.
  public static let filesMax = 256
  /// Bytes of all files together; one of them has `InputFile.Kind.ticks` at most.
  public static let bytesMax = 256 << 20

  /// The `.jsonl` files of a folder, by name.
  ///
  /// - Throws: `MarketDataError` for a folder that is missing or has no such files, too many of them, or more bytes
  ///   than are read.
  public static func read(folder: String) throws(MarketDataError) -> [(name: String, bytes: [UInt8])] {
    guard let all = Files.list(folder) else { throw .noFolder(folder) }
    let names = all.filter { $0.hasSuffix(".jsonl") && !$0.hasPrefix(".") }
    guard !names.isEmpty else { throw .noFiles(folder) }
    guard names.count <= filesMax else { throw .tooManyFiles(folder) }
    var files: [(name: String, bytes: [UInt8])] = []
    var total = 0
    for name in names {
      do throws(InputError) { files.append((name, try InputFile.bytes("\(folder)/\(name)", .ticks))) } catch {
        throw .unreadable(file: name, reason: error.message)
      }
      total += files[files.count - 1].bytes.count
      guard total <= bytesMax else { throw .tooLarge(folder) }
    }
    return files
  }
}
