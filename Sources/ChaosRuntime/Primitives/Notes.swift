import CPlatform
import Synchronization

/// A fixed table of named numbers and short texts that a dump prints without knowing what they mean (armed faults, pending
/// intents, the last log line).
///
/// Setting a note takes no lock; adding one does. At most 64; more are ignored, counted, and the dump says how many.
public final class Notes: @unchecked Sendable {
  private let values: UnsafeMutablePointer<Int64>
  private let names: Mutex<[String]>
  /// The same names for the watchdog, which reads them without the lock: addresses, 0 for none.
  private let liveNames: UnsafeMutablePointer<Int64>
  /// Addresses of the texts; 0: the note is a number.
  private let texts: UnsafeMutablePointer<Int64>
  private let ignored = Atomic<Int>(0)

  /// Bytes of a text; what is longer is cut.
  public static let textMax = Int(CP_NOTE_TEXT_MAX)

  init() {
    func table() -> UnsafeMutablePointer<Int64> {
      let made = UnsafeMutablePointer<Int64>.allocate(capacity: Int(CP_NOTES_MAX))
      made.initialize(repeating: 0, count: Int(CP_NOTES_MAX))
      return made
    }
    (values, liveNames, texts) = (table(), table(), table())
    names = Mutex([])
  }

  deinit {
    for i in 0..<Int(CP_NOTES_MAX) { text(i)?.deallocate() }
    values.deallocate()
    liveNames.deallocate()
    texts.deallocate()
  }

  /// How often `add` found the table full.
  public var ignoredCount: Int { ignored.load(ordering: .relaxed) }

  /// A handle for `set`; nil when the table is full.
  ///
  /// - Parameter isText: it is set to texts, not to numbers.
  public func add(_ name: String, isText: Bool = false) -> Int? {
    names.withLock { names in
      if let index = names.firstIndex(of: name) { return index }
      guard names.count < Int(CP_NOTES_MAX) else {
        ignored.add(1, ordering: .relaxed)
        return nil
      }
      if isText {
        let text = UnsafeMutablePointer<cp_note_text>.allocate(capacity: 1)
        text.initialize(to: cp_note_text())
        cp_publish_64(texts + names.count, Int64(Int(bitPattern: text)))
      }
      cp_publish_64(liveNames + names.count, Int64(Int(bitPattern: cp_name_keep(name))))
      names.append(name)
      return names.count - 1
    }
  }

  /// Writes a note without a lock, visible to a dump at once; nil, the handle of a full table, does nothing.
  public func set(_ handle: Int?, to value: Int) {
    guard let handle else { return }
    cp_store_64(values + handle, Int64(value))
  }

  /// The same for one that was added as a text; of two threads that write at once one is not heard.
  public func set(_ handle: Int?, to text: String) {
    guard let handle, let place = self.text(handle) else { return }
    var text = text
    text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { _ = cp_note_write(place, $0.baseAddress, $0.count) }
    }
  }

  private func text(_ handle: Int) -> UnsafeMutablePointer<cp_note_text>? {
    UnsafeMutablePointer(bitPattern: Int(cp_acquire_64(texts + handle)))
  }

  /// One note without lock or allocation; nil: no such note yet. The name is readable as long as the process lives.
  public func live(_ handle: Int) -> (name: UnsafePointer<CChar>, value: Int64)? {
    guard handle >= 0, handle < Int(CP_NOTES_MAX),
      let name = UnsafePointer<CChar>(bitPattern: Int(cp_acquire_64(liveNames + handle)))
    else { return nil }
    return (name, cp_load_64(values + handle))
  }

  /// Copies a note's text without lock or allocation.
  ///
  /// - Parameter out: has room for `textMax` bytes.
  /// - Returns: the length; nil: the note is a number, or its text was being written all the time.
  public func liveText(_ handle: Int, _ out: UnsafeMutablePointer<CChar>) -> Int? {
    guard handle >= 0, handle < Int(CP_NOTES_MAX), let place = text(handle) else { return nil }
    let length = cp_note_read(place, out)
    return length < 0 ? nil : length
  }

  /// All notes in the order of their adding, as a dump shows them; each value is read by itself, so that two of them may be of
  /// different moments.
  public var all: [(name: String, value: String)] {
    names.withLock { names in
      names.enumerated().map { index, name in
        guard text(index) != nil else { return (name, String(cp_load_64(values + index))) }
        return (name, shown(index))
      }
    }
  }

  private func shown(_ handle: Int) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Self.textMax) { buffer in
      guard let start = buffer.baseAddress, let count = liveText(handle, start) else { return "" }
      return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}
