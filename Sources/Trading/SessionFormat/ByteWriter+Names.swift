public import Basics

extension ByteWriter {
  /// `,"name":`; no name needs an escape.
  public mutating func key(_ name: FieldName) {
    text(",\"")
    text(name.rawValue)
    text("\":")
  }
}
