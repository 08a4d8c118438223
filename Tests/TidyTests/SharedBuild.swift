/// A small program with mistakes of every form that a shared build has, and what it prints with each.
enum SharedBuild {
  /// A mistake, by declaration and text, and the last line of the program with it; none for one that does not compile.
  struct Mistake: Sendable {
    var id: String
    var place: String
    var text: String
    var becomes: String
    var also = ""
    var values: String?
  }

  /// `swift` that compiles the one module of the tree.
  static let swift = """
    #!/bin/sh
    mkdir -p .build/release
    swiftc -warnings-as-errors "$PWD"/Sources/Engine/*.swift -o .build/release/chaos || exit 1
    echo "Build of product 'chaos' complete!"
    """

  /// Ends with 0 without a mistake.
  static let main = #"""
    import Glibc

    let ledger = Ledger(5)
    ledger.add(2)
    let sum = try ledger.sum(1)
    ledger.twice = 20
    let values = "\(Ledger.limit) \(sum) \(ledger.twice) \(ledger.name) \(ledger[0]) \(ledger.line())"
    print(values)
    exit(values == "100 8 20 some 3 42" ? 0 : 1)
    """#

  static let source = """
    struct Full: Error {}

    final class Ledger {
      static let limit = 100  // at most
      private(set) var total: Int
      let first: Int

      init(_ start: Int) {
        first = start
        total = start
      }

      func add(_ amount: Int) {
        guard amount > 0 else { return }
        total += amount
      }

      func locked<R>(_ body: () throws(Full) -> R) throws(Full) -> R { try body() }

      func sum(_ more: Int) throws(Full) -> Int {
        // One expression, and a `return` that is not its own.
        try locked { () throws(Full) in
          guard more > 0 else { throw Full() }
          return total + more
        }
      }

      var twice: Int {
        get { total * 2 }
        set { total = newValue / 2 }
      }

      var name: String { "some" }

      subscript(_ index: Int) -> Int {
        switch index {
        case 0: 3
        default: 4
        }
      }

      func line() -> Int { here() }
    }

    func here(_ line: Int = #line) -> Int { line }
    """

  static let mistakes = [
    Mistake(
      id: "value", place: "", text: "let limit = 100", becomes: "let limit = 101", values: "101 8 20 some 3 42"),
    Mistake(
      id: "start", place: "init(", text: "total = start", becomes: "total = start + 1", values: "100 9 20 some 3 42"),
    Mistake(
      id: "less", place: "func add(", text: "total += amount", becomes: "total -= amount", values: "100 4 20 some 3 42"
    ),
    Mistake(
      id: "closure", place: "func sum(", text: "total + more", becomes: "total - more", values: "100 6 20 some 3 42"),
    Mistake(
      id: "same body", place: "func sum(", text: "return total + more", becomes: "return total",
      values: "100 7 20 some 3 42"),
    Mistake(
      id: "setter", place: "var twice", text: "newValue / 2", becomes: "newValue / 4", values: "100 8 10 some 3 42"),
    Mistake(
      id: "string", place: "var name", text: #""some""#, becomes: #""an" + "other""#, values: "100 8 20 another 3 42"),
    Mistake(
      id: "switch", place: "subscript(", text: "case 0: 3", becomes: "case 0: 5", values: "100 8 20 some 5 42"),
    Mistake(
      id: "two bodies", place: "var twice", text: "total * 2", becomes: "total * 3",
      also: "in = 'func add('\ntext = 'amount > 0'\nbecomes = 'amount < 0'", values: "100 6 30 some 3 42"),
    Mistake(id: "line", place: "func line(", text: "here()", becomes: "here() + 1", values: "100 8 20 some 3 100043"),
    Mistake(id: "no Swift", place: "func add(", text: "total += amount", becomes: #"total = "amount""#),
    Mistake(
      id: "signature", place: "func sum(", text: "_ more: Int", becomes: "_ less: Int, more: Int = 10",
      values: "100 17 20 some 3 42"),
  ]

  static let table = mistakes.map { mistake in
    """
    [[mistake]]
    id = '\(mistake.id)'
    category = 'sign'
    type = 'Ledger'
    in = '\(mistake.place)'
    text = '\(mistake.text)'
    becomes = '\(mistake.becomes)'
    costs = 'money'
    """ + (mistake.also.isEmpty ? "" : "\n[[mistake.also]]\ntype = 'Ledger'\n\(mistake.also)")
  }.joined(separator: "\n")
}
