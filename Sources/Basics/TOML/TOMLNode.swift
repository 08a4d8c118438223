/// A table or value while its document is being read.
final class TOMLNode {
  enum Shape {
    /// Complete: a scalar, an array in brackets, an inline table. Nothing may be added.
    case value(TOMLValue)
    case table
    /// Made by `[[name]]`; the last element is open.
    case tables
  }

  let shape: Shape
  /// Where it was first named.
  let offset: Int
  /// Its header was written, or dotted keys of an earlier section made it: neither may happen again.
  var isExplicit = false
  var elements: [TOMLNode] = []
  private var children: [(key: String, offset: Int, node: TOMLNode)] = []
  private var positions: [[UInt8]: Int] = [:]

  init(_ shape: Shape, offset: Int) {
    self.shape = shape
    self.offset = offset
  }

  func child(_ key: TOMLKeyPart) -> TOMLNode? { positions[Array(key.text.utf8)].map { children[$0].node } }

  func add(_ shape: Shape, as key: TOMLKeyPart) -> TOMLNode {
    let node = TOMLNode(shape, offset: key.offset)
    positions[Array(key.text.utf8)] = children.count
    children.append((key.text, key.offset, node))
    return node
  }

  var table: TOMLTable {
    var table = TOMLTable()
    for child in children {
      table.append(TOMLTable.Entry(key: child.key, offset: child.offset, value: child.node.value))
    }
    return table
  }

  private var value: TOMLValue {
    switch shape {
    case .value(let value): value
    case .table: TOMLValue(kind: .table(table), offset: offset)
    case .tables: TOMLValue(kind: .array(elements.map(\.value)), offset: offset)
    }
  }
}

/// One part of a dotted key.
struct TOMLKeyPart {
  var text: String
  var offset: Int
}
