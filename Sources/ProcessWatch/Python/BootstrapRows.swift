/// The words of the bootstrap: lines of fields between tabs, as `sitecustomize.py` writes them.
enum BootstrapRows {
  static func fields(_ line: Substring) -> [String] {
    line.split(separator: "\t", omittingEmptySubsequences: false).map { unescaped($0) }
  }

  private static func unescaped(_ field: Substring) -> String {
    guard field.contains("\\") else { return String(field) }
    var out = ""
    var isEscape = false
    for character in field {
      if isEscape {
        out.append(character == "t" ? "\t" : character == "n" || character == "r" ? " " : character)
        isEscape = false
      } else if character == "\\" {
        isEscape = true
      } else {
        out.append(character)
      }
    }
    return out
  }

  static func name(_ name: String, _ id: String) -> ForeignDump.ThreadName {
    ForeignDump.ThreadName(name: name, id: Int32(id) ?? 0)
  }

  /// A wait of a circle with the number that its bootstrap gave it; nil: not such a row.
  static func edge(_ fields: [String]) -> (number: Int, edge: ForeignDump.Edge)? {
    guard fields.count == 10, fields[0] == "edge", let number = Int(fields[1]) else { return nil }
    return (
      number,
      ForeignDump.Edge(
        thread: name(fields[2], fields[3]), lock: fields[4].isEmpty ? "a lock" : fields[4], waits: fields[5],
        holder: name(fields[6], fields[7]), taken: fields[8], seconds: Double(fields[9]) ?? 0)
    )
  }

  /// Circles among rows: each is a row `circle` and its edges.
  static func circles(_ rows: [[String]]) -> [[(number: Int, edge: ForeignDump.Edge)]] {
    var circles: [[(number: Int, edge: ForeignDump.Edge)]] = []
    for row in rows {
      if row.first == "circle" { circles.append([]) }
      if let edge = edge(row), !circles.isEmpty { circles[circles.count - 1].append(edge) }
    }
    return circles.filter { !$0.isEmpty }
  }

  /// All stacks, tasks and held locks of a dump.
  static func process(_ id: Int32, _ rows: [[String]]) -> ForeignDump.Process {
    var process = ForeignDump.Process(id: id)
    process.isSymbolized = true
    var isTask = false
    for row in rows {
      switch (row.first, row.count) {
      case ("stack", 5):
        isTask = false
        process.threads.append(thread(row))
      case ("waits", 7) where !process.threads.isEmpty: waits(row, &process.threads[process.threads.count - 1])
      case ("frame", 4):
        let frame = ForeignDump.Frame(function: row[1], place: "\(row[2]):\(row[3])", isSource: true)
        if isTask {
          process.tasks[process.tasks.count - 1].frames.append(frame)
        } else if !process.threads.isEmpty {
          process.threads[process.threads.count - 1].frames.append(frame)
        }
      case ("task", 3):
        isTask = true
        process.tasks.append(ForeignDump.AsyncTask(name: row[1], loop: row[2]))
      case ("lock", 6):
        process.locks.append(
          ForeignDump.Lock(name: row[1], holder: name(row[2], row[3]), taken: row[4], waiterCount: Int(row[5]) ?? 0))
      default: break
      }
    }
    for index in process.threads.indices {
      let label = process.threads[index].label
      process.threads[index].held = process.locks.filter { $0.holder == label }.map {
        "\"\($0.name)\" taken at \($0.taken)"
      }
    }
    return process
  }

  private static func thread(_ row: [String]) -> ForeignDump.Thread {
    var thread = ForeignDump.Thread(label: name(row[3], row[2]))
    if row[4] == "service" {
      thread.label.name = "chaos-watch"
      thread.verdict = "the watcher's own"
      thread.rank = 4
    }
    return thread
  }

  private static func waits(_ row: [String], _ thread: inout ForeignDump.Thread) {
    let seconds = Double(row[2]) ?? 0
    let holder = name(row[4], row[5])
    thread.verdict =
      "BLOCKED, waits for \"\(row[1])\" for \(ForeignDumpText.duration(seconds)) at \(row[3]), held by \(holder.text)"
      + (row[6] == "1" ? ", with a time limit" : "")
    thread.rank = 0
  }
}
