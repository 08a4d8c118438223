import Basics
import ChaosRuntime
import Trading
import TradingEngine

/// What a crash would have left, as the lines of `logs/disk.jsonl`.
enum DiskLines {
  static func text(_ images: [CrashImage]) -> [UInt8] {
    var text = ByteWriter(capacity: images.count * 256)
    for image in images {
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
        let isJSON = (try? JSON.parse(bytes)) != nil
        text.quoted(isJSON ? "whole" : "torn")
        if isJSON, image.path == StateDocument.path {
          text.key(.content)
          text.append(bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes)
        }
      }
      text.text("}\n")
    }
    return text.bytes()
  }
}
