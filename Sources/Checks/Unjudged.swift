import Basics
import Trading

/// Why a check cannot judge a record at all: a setting that it derives its limit from is not there, or an amount in a file is
/// beyond what can be counted.
struct Unjudged: Error {
  var reason: String
}

extension Decimal {
  /// The sum of two amounts from files.
  func plus(_ other: Decimal, at place: @autoclosure () -> String) throws(Unjudged) -> Decimal {
    do throws(ArithmeticError) { return try adding(other) } catch {
      throw Unjudged(reason: "amounts are too large to be added up, at \(place())")
    }
  }

  /// The difference of two amounts from files.
  func minus(_ other: Decimal, at place: @autoclosure () -> String) throws(Unjudged) -> Decimal {
    do throws(ArithmeticError) { return try subtracting(other) } catch {
      throw Unjudged(reason: "amounts are too large to be added up, at \(place())")
    }
  }
}

extension RecordLine {
  /// Where a line of the venue's truth stands, for evidence.
  var venuePlace: String { "logs/exchange.jsonl:\(line)" }
}

extension FieldLookup {
  /// An amount that a verdict rests on; nil when there is none. One that cannot be counted leaves the check open.
  func amount(_ key: FieldName, at place: @autoclosure () -> String) throws(Unjudged) -> Decimal? {
    guard let raw = raw(key), !raw.elementsEqual("null".utf8) else { return nil }
    if let amount = RecordLimits.decimal(raw) { return amount }
    throw Unjudged(reason: "\(key.rawValue) is not an amount that can be counted, at \(place())")
  }
}

extension JSON {
  /// The same of a nested value.
  func amount(_ key: FieldName, at place: @autoclosure () -> String) throws(Unjudged) -> Decimal? {
    guard let value = self[key.rawValue], value != .null else { return nil }
    if let amount = value.decimal { return amount }
    throw Unjudged(reason: "\(key.rawValue) is not an amount that can be counted, at \(place())")
  }
}
