import Basics

/// A run in four numbers: what two processes compare.
public struct RunDigest: Sendable, Equatable {
  /// The rolling hash over the steps; 0 when they were not traced.
  public var steps: UInt64
  /// Scheduling points.
  public var stepCount: Int
  /// Hash of the recording's text.
  public var recording: UInt64
  /// Paths and bytes of all files.
  public var files: UInt64

  /// The digest of a run; O(bytes of its files).
  public init(_ report: RunReport) {
    steps = report.trace?.hash ?? 0
    stepCount = report.steps
    recording = Mixing.hash(report.recording.text)
    var hash: UInt64 = 0
    for (path, bytes) in report.judgement.files { hash = Mixing.mix(hash, Mixing.hash(path), Self.hash(bytes)) }
    files = hash
  }

  /// Reads `text`; nil when it is none.
  public init?(_ text: some StringProtocol) {
    let words = text.split(separator: " ")
    guard words.count == 4, let steps = UInt64(words[0], radix: 16), let count = Int(words[1]),
      let recording = UInt64(words[2], radix: 16), let files = UInt64(words[3], radix: 16)
    else { return nil }
    self.steps = steps
    stepCount = count
    self.recording = recording
    self.files = files
  }

  /// Four words with a blank between them, hashes in hexadecimal.
  public var text: String {
    "\(String(steps, radix: 16)) \(stepCount) \(String(recording, radix: 16)) \(String(files, radix: 16))"
  }

  /// Eight bytes at a time: sessions have hundreds of kilobytes.
  private static func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var hash = UInt64(raw.count)
      var at = 0
      while at + 8 <= raw.count {
        hash = Mixing.mix(hash ^ UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
        at += 8
      }
      while at < raw.count {
        hash = Mixing.mix(hash ^ UInt64(raw[at]))
        at += 1
      }
      return hash
    }
  }
}
