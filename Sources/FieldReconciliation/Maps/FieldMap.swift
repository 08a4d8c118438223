import Basics
public import Trading

/// What the files of a session mean: which file is a log or the venue's truth, and which of its events and fields say what.
public struct FieldMap: Sendable {
  /// Whose word a file is.
  public enum Side: String, Sendable, CaseIterable {
    /// What the bot believed.
    case log
    /// What the venue did.
    case truth
  }

  /// What one line says. The first row is of logs, the second of either side, the third of truths.
  public enum Kind: String, Sendable, CaseIterable {
    /// The bot says of an order of its own that it was sent, taken, filled, filled in part, canceled, or that it failed.
    case sent, acknowledged, filled, partly, canceled, failed
    /// The bot says what it holds, that something went wrong, that a poll was late, that a signal was found, that it starts.
    case position, error, latePoll = "late_poll", signal, start
    /// An amount of an asset that is there.
    case balance
    /// The venue says that an order was taken or how it stands, that it traded, refused it, or that a call took so long.
    case placed, order, trade, refused, call
    /// The venue ended an order, with what had been filled of it.
    case ended
    /// Neither: it is kept for the diagnosis.
    case noted
  }

  /// What a field of a line holds.
  public enum Field: String, Sendable, CaseIterable {
    /// When it happened; where a line has two, the first is the order's beginning.
    case time
    /// The names of an order: the bot's, and the venue's; and of one trade.
    case clientId = "client_id", orderId = "order_id", tradeId = "trade_id"
    /// The pair; and which way.
    case symbol, side
    /// Ordered quantity of the base asset, and the limit.
    case amount, price
    /// Traded quantity of the base asset, what it cost in the quote asset, and its average price.
    case filled, cost, average
    /// What the venue took, and in which asset.
    case fee, feeAsset = "fee_asset"
    /// How an order stands, in the venue's word.
    case status
    /// Why it went wrong: a code, and words.
    case code, text
    /// An asset and how much of it is there: free and locked; or all assets at once, as an object or a list of objects.
    case asset, free, locked, balances
    /// The decision that an order follows from; the run of the program that wrote the line.
    case signal, session
    /// A call's name, how long it took in milliseconds, and whether it went well.
    case method, latency, success
    /// Number of open positions.
    case positions
    /// `INFO`, `ERROR` and so on.
    case level
    /// The number that matters in a line that is kept for the diagnosis, and what it is compared with.
    case figure, limit
    /// The bot's name for what it intends with an order.
    case intent
  }

  /// How a file is cut into fields.
  public enum Format: String, Sendable, CaseIterable {
    /// One JSON object or array a line.
    case json
    /// A table with a header.
    case csv
  }

  /// Files of one meaning.
  public struct Source: Sendable {
    /// Name of the preset that it comes from, or of its place in the map.
    public var name = ""
    /// Whose word it is.
    public var side = Side.log
    /// Patterns of file names, or of paths below the directory.
    public var files: [String] = []
    /// How it is cut.
    public var format = Format.json
    /// Paths of the fields whose texts, joined by points, tell the kind of a line; empty: every line is of `always`.
    public var event: [String] = []
    /// Texts of the event and the kinds they mean.
    public var kinds: [(event: String, kind: Kind)] = []
    /// The kind of every line, where there is no event.
    public var always: Kind?
    /// Where each field stands; of several paths the first that is there counts. Columns of a table by header.
    public var fields: [Field: [String]] = [:]
    /// A pattern of `FieldTime`; nil: recognised.
    public var timePattern: String?
    /// Nanoseconds of a plain number's unit; nil: by its size.
    public var timeUnit: Int64?
    /// Seconds that local times are ahead of UTC; nil: as the texts, the header or the file's name say.
    public var zone: Int?
    /// Whether the decimal sign is a comma.
    public var isDecimalComma = false
    /// What a number of a field has to be multiplied by, where the source counts in other units, such as cents.
    public var units: [Field: Decimal] = [:]
    /// Whether what a log's fill says is the order's total; false: of this fill alone.
    public var isCumulative = false
    /// Whether the file is the bot's own record of its calls: what stands in it was not placed by hand.
    public var isOwnCalls = false
    /// Events that are kept for the diagnosis, besides what they mean.
    public var noted: Set<String> = []
    /// What is not known where the file is missing; empty: nothing is missed.
    public var cost = ""

    /// A log without files.
    public init() {}
  }

  /// For screens.
  public var name: String
  /// In the order in which a file looks for its source: the first that matches counts.
  public var sources: [Source]
  /// Share of lines that may be broken, in percent.
  public var brokenMax: Double = 1

  /// A map as given.
  public init(name: String, sources: [Source]) {
    self.name = name
    self.sources = sources
  }

  /// The source of a file by its path below the directory; nil: nothing is said of it. Rotated and packed files are those of
  /// the name that they extend, as `orders.jsonl.1.gz` extends `orders.jsonl`.
  public func source(of path: String) -> Int? {
    let plain = Self.unrotated(path)
    let name = plain.split(separator: "/").last.map(String.init) ?? plain
    return sources.firstIndex { source in
      source.files.contains { pattern in
        pattern.contains("/")
          ? Glob.matches(pattern, plain) || Glob.matches("*/" + pattern, plain) : Glob.matches(pattern, name)
      }
    }
  }

  /// Without `.gz` and the number of a rotation.
  static func unrotated(_ path: String) -> String {
    var path = path
    if path.hasSuffix(".gz") { path.removeLast(3) }
    if let dot = path.lastIndex(of: "."), path[path.index(after: dot)...].allSatisfy({ $0.isASCII && $0.isNumber }),
      path.index(after: dot) < path.endIndex, path[..<dot].contains(".")
    {
      path = String(path[..<dot])
    }
    return path
  }
}
