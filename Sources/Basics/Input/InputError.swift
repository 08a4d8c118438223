/// What is wrong with something that came from outside: the file, the place in it, and what to do.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
  /// As the user knows it.
  public var file: String
  /// `line:column`, or the path of a key such as `inputs.settings.TP`; empty: the file as a whole.
  public var place: String
  /// What is wrong and what is expected, without the place.
  public var message: String
  /// There is no such file.
  public var isMissing = false

  /// An error of a file; without `place` it concerns the file as a whole.
  public init(file: String, place: String = "", _ message: String) {
    self.file = file
    self.place = place
    self.message = message
  }

  /// Position and message on one line, as it follows `the name of the command` on a terminal.
  public var description: String { "\(position): \(message)" }

  /// File and place.
  public var position: String { place.isEmpty ? file : "\(file):\(place)" }

  /// Text from outside as a message may show it: short, and without control characters, which would act on a terminal.
  public static func shown(_ text: some StringProtocol, max: Int = 60) -> String {
    var out = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      if count == max { return String(out) + "..." }
      let isControl = scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
      out.append(isControl ? "?" : scalar)
      count += 1
    }
    return String(out)
  }
}
