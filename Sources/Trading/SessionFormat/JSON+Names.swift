public import Basics

extension JSON {
  /// The member of that name; nil when there is none, or this is no object.
  public subscript(_ name: StateFieldName) -> JSON? { self[name.rawValue] }
}
