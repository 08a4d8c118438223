import Basics
import HTTP

/// Where a bot tells what it has, as `--belief` names it.
public enum BeliefSource: Sendable, Equatable {
  /// `http://HOST[:PORT][/PATH]`: the answer to a GET.
  case url(host: String, port: UInt16, path: String)
  /// A file that the bot writes again and again.
  case file(String)
  /// A command of the shell that prints it.
  case command(String)

  /// What is wrong with a text that names no source.
  public struct Problem: Error, Sendable, Equatable {
    /// For people.
    public var text: String
  }

  /// Reads what the user wrote: a text that begins with `http://` is a URL, one that ends in `.json` and has no blank is a
  /// file, everything else a command.
  ///
  /// - Throws: `Problem` for an empty text and for a URL that is not read here.
  public init(_ text: String) throws(Problem) {
    if text.isEmpty { throw Problem(text: "it expects a URL, a file or a command") }
    let scheme = "http://"
    if text.hasPrefix("https://") { throw Problem(text: "it expects plain http://, not '\(InputError.shown(text))'") }
    guard text.hasPrefix(scheme) else {
      let isFile = text.hasSuffix(".json") && !text.contains { $0 == " " || $0 == "\n" || $0 == "|" || $0 == ";" }
      self = isFile ? .file(text) : .command(text)
      return
    }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    var path = String(rest.dropFirst(authority.count))
    if !path.hasPrefix("/") { path = "/" + path }
    let isPlain = path.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    let address = authority.contains(":") ? EndpointAddress(String(authority)) : nil
    guard isPlain, !authority.isEmpty, !authority.contains(":") || address != nil else {
      throw Problem(text: "it expects http://HOST:PORT/PATH, not '\(InputError.shown(text))'")
    }
    self = .url(host: address?.host ?? String(authority), port: address?.port ?? 80, path: path)
  }
}
