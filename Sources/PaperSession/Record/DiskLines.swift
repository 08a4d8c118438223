import Basics
import ChaosRuntime
import Trading
import TradingEngine

/// What a crash would have left, and when lines of the event log came to the disk, as the lines of `logs/disk.jsonl`.
enum DiskLines {
  static func text(_ images: [CrashImage], _ appends: [AppendNote]) -> [UInt8] {
    var text = ByteWriter(capacity: images.count * 256 + appends.count * 128)
    var appends = appends[...]
    for image in images {
      while let append = appends.first, append.time <= image.time {
        add(append, to: &text)
        appends.removeFirst()
      }
      text.text("{\"timestamp\":\"")
      text.time(image.time)
      text.text("\",\"kind\":\"crash_image\"")
      text.key(.path)
      text.quoted(image.path)
      text.key(.left)
      switch image.content {
      case .missing: text.quoted("missing")
      case .torn: text.quoted("torn")
      case .whole(let bytes):
        let isJSON = !image.path.hasSuffix(".json") || (try? JSON.parse(bytes)) != nil
        text.quoted(isJSON ? "whole" : "torn")
        if isJSON, image.path == StateDocument.path {
          text.key(.content)
          text.append(bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes)
        }
      }
      text.text("}\n")
    }
    for append in appends { add(append, to: &text) }
    return text.bytes()
  }

  private static func add(_ append: AppendNote, to text: inout ByteWriter) {
    text.text("{\"timestamp\":\"")
    text.time(append.time)
    text.text("\",\"kind\":\"append\"")
    text.key(.path)
    text.quoted(append.path)
    text.key(.lines)
    text.integer(append.lines)
    text.text("}\n")
  }
}
