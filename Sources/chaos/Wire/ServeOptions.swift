import Basics
import ChaosRuntime
import ExchangeServer
import FakeExchange
import FaultInjection
import Glibc
import HTTP
import Trading

/// What `serve` and `run --engine` have in common: venue, address, accounts, market, faults.
enum ServeOptions {
  static let options = [
    Option("listen", "HOST:PORT", "where the exchange listens (default 127.0.0.1:8899; port 0: any free one)"),
    Option("venue", "V", "binance (default) or mexc: which venue's words are spoken"),
    Option(
      "account", "NAME:A=N,...", "an account and what it has, as in bot:USDT=10000,BTC=0.5; the first is the bot's",
      isRepeatable: true),
    Option("symbols", "A,B", "symbols of the generated market, as in BTCUSDT,ETHUSDT"),
    CommonOptions.market, CommonOptions.seed,
    Option("key", "KEY", "API key of the first account (default: CHAOS_API_KEY, or generated)"),
    Option("secret", "SECRET", "secret of the first account (default: CHAOS_API_SECRET, or generated)"),
    Option("key-file", "FILE", "two lines: API key and secret of the first account"),
    Option("listen-key-life", "S", "seconds that a listen key is good without being renewed (default 3600)"),
    Option("no-limits", nil, "no request weights and no order rates"),
  ]

  /// The settings that the words ask for; `port` where no address is given.
  static func settings(
    _ arguments: Arguments, port: UInt16, faults: [Fault]
  ) throws(UsageError) -> ServerSettings {
    let seed = try CommonOptions.seed(arguments)
    let venue = arguments["venue"] ?? "binance"
    guard WireProfiles.names.contains(venue) else {
      let near = Suggestion.closest(to: venue, in: WireProfiles.names).map { "; did you mean '\($0)'?" } ?? ""
      throw UsageError(
        text: "--venue expects \(WireProfiles.names.joined(separator: " or ")), not '\(InputError.shown(venue))'\(near)"
      )
    }
    let address = try address(arguments, port: port)
    let recorded = try recorded(arguments)
    let named = try symbols(arguments["symbols"])
    let symbols = recorded?.symbols ?? named
    var settings = ServerSettings(
      venue: venue, address: address, accounts: try accounts(arguments, symbols, address), symbols: symbols, seed: seed)
    settings.recorded = recorded
    settings.faults = faults
    settings.hasLimits = !arguments.has("no-limits")
    if let seconds = try arguments.seconds("listen-key-life", in: 1...86_400) {
      settings.listenKeyLife = Duration(nanoseconds: Int64(seconds * 1e9))
    }
    settings.controlToken = getenv("CHAOS_CONTROL_TOKEN").map { String(cString: $0) }
    if !address.isLoopback, settings.controlToken?.isEmpty ?? true {
      throw UsageError(
        text: "--listen \(address): others could control the exchange; set CHAOS_CONTROL_TOKEN, or listen on 127.0.0.1")
    }
    return settings
  }

  private static func address(_ arguments: Arguments, port: UInt16) throws(UsageError) -> EndpointAddress {
    guard let text = arguments["listen"] else { return EndpointAddress(host: "127.0.0.1", port: port) }
    if text.hasSuffix(":0") { return EndpointAddress(host: String(text.dropLast(2)), port: 0) }
    guard let address = EndpointAddress(text, host: "127.0.0.1") else {
      throw UsageError(text: "--listen expects HOST:PORT, not '\(InputError.shown(text))'")
    }
    return address
  }

  private static func recorded(_ arguments: Arguments) throws(UsageError) -> TickReplayer? {
    guard let folder = arguments["market"] else { return nil }
    if arguments.has("symbols") { throw UsageError(text: "--market has its own symbols; leave --symbols out") }
    do throws(MarketDataError) { return try TickReplayer(folder: folder, startingAt: WallClock.now) } catch {
      throw UsageError(text: "--market: \(error)")
    }
  }

  /// `BTCUSDT` or `BTC/USDT`.
  static func symbols(_ text: String?) throws(UsageError) -> [Symbol] {
    guard let text else { return ServerSettings.standardSymbols }
    var found: [Symbol] = []
    for word in text.split(separator: ",") {
      guard let symbol = symbol(String(word)) else {
        throw UsageError(
          text: "--symbols expects names such as BTCUSDT or BTC/USDT, not '\(InputError.shown(String(word)))'")
      }
      if !found.contains(symbol) { found.append(symbol) }
    }
    guard !found.isEmpty, found.count <= 200 else { throw UsageError(text: "--symbols expects 1 to 200 symbols") }
    return found
  }

  private static func symbol(_ word: String) -> Symbol? {
    if let symbol = Symbol(word) { return symbol }
    for quote in ["USDT", "USDC", "FDUSD", "BTC", "ETH", "BNB", "EUR", "TRY"]
    where word.hasSuffix(quote) && word != quote {
      return Symbol(base: String(word.dropLast(quote.count)), quote: quote)
    }
    return nil
  }

  // MARK: Accounts

  private static func accounts(
    _ arguments: Arguments, _ symbols: [Symbol], _ address: EndpointAddress
  ) throws(UsageError) -> [WireAccount] {
    let (key, secret) = try credentials(arguments, address)
    let words = arguments.all("account")
    let quote = symbols.first?.quote ?? "USDT"
    if words.isEmpty {
      return [
        WireAccount(name: "bot", key: key, secret: secret, balances: [Balance(asset: quote, free: Decimal(10_000))])
      ]
    }
    var accounts: [WireAccount] = []
    for word in words {
      let isFirst = accounts.isEmpty
      accounts.append(
        try account(
          word, key: isFirst ? key : CommonOptions.secret(), secret: isFirst ? secret : CommonOptions.secret()))
    }
    return accounts
  }

  private static func account(_ word: String, key: String, secret: String) throws(UsageError) -> WireAccount {
    func fail() -> UsageError {
      UsageError(
        text: "--account expects NAME:ASSET=AMOUNT,..., as in bot:USDT=10000,BTC=0.5, not '\(InputError.shown(word))'")
    }
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else { throw fail() }
    var balances: [Balance] = []
    for part in parts[1].split(separator: ",") {
      let pair = part.split(separator: "=", omittingEmptySubsequences: false)
      guard pair.count == 2, let amount = Decimal(String(pair[1])), !amount.isNegative, !pair[0].isEmpty else {
        throw fail()
      }
      balances.append(Balance(asset: String(pair[0]), free: amount))
    }
    return WireAccount(name: String(parts[0]), key: key, secret: secret, balances: balances)
  }

  private static func keyFile(_ path: String) throws(UsageError) -> (key: String, secret: String) {
    let lines = String(decoding: try CommonOptions.file("key-file", path, .toml), as: UTF8.self)
      .split(separator: "\n").map(String.init)
    guard lines.count == 2 else { throw UsageError(text: "--key-file: \(path) has two lines, key and secret") }
    return (lines[0], lines[1])
  }

  /// The venue of `paper --exchange URL`; nil without that option. Key and secret by file or environment: other users of the
  /// machine see the words of a command.
  static func remoteVenue(_ arguments: Arguments) throws(UsageError) -> RemoteVenue? {
    guard let url = arguments["exchange"] else {
      if arguments.has("key-file") { throw UsageError(text: "paper: --key-file is for --exchange") }
      return nil
    }
    guard arguments.has("live") else { throw UsageError(text: "paper: --exchange requires --live") }
    for name in ["market", "market-fill"] where arguments.has(name) {
      throw UsageError(text: "paper: the market is the exchange's; leave --\(name) or --exchange out")
    }
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    var pair: (key: String, secret: String)?
    if let path = arguments["key-file"] {
      pair = try keyFile(path)
    } else if let key = variable("CHAOS_API_KEY"), let secret = variable("CHAOS_API_SECRET") {
      pair = (key, secret)
    }
    guard let pair else {
      throw UsageError(
        text: "paper: --exchange needs the key that the exchange was started with, by --key-file FILE or by "
          + "CHAOS_API_KEY and CHAOS_API_SECRET")
    }
    return try RemoteVenue(url, key: pair.key, secret: pair.secret, token: variable("CHAOS_CONTROL_TOKEN"))
  }

  private static func credentials(
    _ arguments: Arguments, _ address: EndpointAddress
  ) throws(UsageError) -> (key: String, secret: String) {
    func checked(_ text: String, _ what: String) throws(UsageError) -> String {
      guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw UsageError(text: "\(what) expects 1 to 200 letters without blanks")
      }
      return text
    }
    if let path = arguments["key-file"] {
      let (key, secret) = try keyFile(path)
      return (try checked(key, "the key"), try checked(secret, "the secret"))
    }
    if !address.isLoopback, arguments.has("key") || arguments.has("secret") {
      throw UsageError(
        text: "--key and --secret show in the list of processes; off loopback use --key-file or the environment")
    }
    func value(_ option: String, _ variable: String) throws(UsageError) -> String {
      if let text = arguments[option] { return try checked(text, "--\(option)") }
      if let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty { return try checked(text, variable) }
      if !address.isLoopback {
        throw UsageError(
          text: "--listen \(address): give the key by --key-file, or by CHAOS_API_KEY and CHAOS_API_SECRET")
      }
      return CommonOptions.secret()
    }
    return (try value("key", "CHAOS_API_KEY"), try value("secret", "CHAOS_API_SECRET"))
  }
}
