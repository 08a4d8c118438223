import Foundation
import TestSupport
import Testing

/// `chaos bench readers`: the short form, and that a reader that fails is named.
@Suite(.timeLimit(.minutes(5))) struct ReaderBenchTests {
  @Test func `No spoiled document ends a reader`() throws {
    let scratch = Scratch()
    let words = [
      "bench", "readers", "--documents", "600", "--seed", "5", "--out", scratch.path, "--jobs", "2", "--json",
    ]
    let result = try Tool.chaos(words)
    #expect(result.code == 0, "\(result.out)\(result.error)")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(result.out.utf8)) as? [String: Any])
    #expect(json["documents"] as? Int == 600 && json["lost"] as? Int == 0)
    let readers = try #require(json["readers"] as? [String: [String: Int]])
    #expect(readers.count >= 15)
    #expect(
      readers.values.allSatisfy { ($0["accepted"] ?? 0) + ($0["refused"] ?? 0) > 0 }, "every reader had its share")
    #expect(Folder.names(scratch.path) == [])
  }

  @Test(arguments: [("trap", "60", "trapped (signal "), ("loop", "2", "was ended by its guard")])
  func `The document that a reader dies of is named and kept`(_ item: (drill: String, limit: String, says: String))
    throws
  {
    let scratch = Scratch()
    let result = try Tool.chaos([
      "bench", "readers", "--documents", "200", "--drill", item.drill, "--guard", item.limit, "--out", scratch.path,
    ])
    #expect(result.code == 1)
    #expect(result.out.contains(item.says), "\(result.out)")
    #expect(result.out.contains(", document 100, "), "\(result.out)")
    #expect(Folder.names(scratch.path).count == 1, "the document is there")
    #expect(result.out.contains(scratch.path + "/reader-"))
  }
}
