import Foundation

/// A fault file that makes a gauntlet's case red, whatever the engine does.
public enum NeverNoticed {
  private static let text = """
    schema = 1
    id     = "never-noticed"
    title  = "A balance query fails, and the engine is to log what it never logs"
    severity = "money"

    [[inject]]
    site = "exchange.fetch_balance"
    plan = "1*return(503)"

    [expect]
    detected_by = ["NO_SUCH_EVENT"]
    detect_ms   = 1000
    """

  /// Makes a folder `faults` with it; its path.
  public static func folder(in scratch: Scratch) throws -> String {
    let folder = scratch.path + "/faults"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    scratch.write(text, to: "faults/never-noticed.toml")
    return folder
  }
}
