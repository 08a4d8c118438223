import TestSupport
import Testing

/// `chaos bench programs`: the table can be read.
@Suite(.timeLimit(.minutes(5))) struct ProgramBenchTests {
  /// Names and figures of any length leave a blank before the next column.
  @Test func `Every row has the columns of the header`() throws {
    for name in ["nested_staggered_4", "lazy01"] {
      let result = try Tool.chaos([
        "bench", "programs", "--only", name, "--campaigns", "3", "--schedules", "3",
      ])
      let lines = result.out.split(separator: "\n").map(columns)
      let header = try #require(lines.first { $0.first == "program" }, "\(result.out)\(result.error)")
      let row = try #require(lines.first { $0.first == name })
      #expect(row.count == header.count, "\(header) \(row)")
    }
  }

  /// Texts that stand at least two blanks apart.
  private func columns(_ line: Substring) -> [String] {
    var columns: [String] = []
    var isOpen = false
    for word in line.split(separator: " ", omittingEmptySubsequences: false) {
      if word.isEmpty {
        isOpen = false
      } else if isOpen {
        columns[columns.count - 1] += " \(word)"
      } else {
        columns.append(String(word))
        isOpen = true
      }
    }
    return columns
  }
}
