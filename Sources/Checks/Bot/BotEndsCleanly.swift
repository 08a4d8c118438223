import Basics

extension BotCheck {
  /// Codes of a program that ends because of SIGTERM or SIGINT.
  private static let polite: Set = [0, 130, 143]
  private static let sigterm = 15

  /// Reads the process's end in run.json.
  static let botEndsCleanly = BotCheck(
    "bot-ends-cleanly", "asked to end by SIGTERM, the bot ends by itself, with code 0 or as the signal says"
  ) { record in
    let process = record.process
    if record.isUnfinished { return unfinished }
    guard let asked = process.askedToEnd else { return skip("it had ended before it was asked") }
    if process.wasKilled { return fail("it ignored SIGTERM and had to be killed") }
    let took = process.ended.map { ", \(seconds($0 - asked)) after it was asked" } ?? ""
    if let code = process.exitCode, polite.contains(code) { return pass("it ended with code \(code)\(took)") }
    if process.signal == sigterm { return pass("SIGTERM ended it\(took)") }
    let how = process.signal.map { "by signal \($0)" } ?? "with code \(process.exitCode ?? -1)"
    return fail("it ended \(how)\(took)")
  }
}
