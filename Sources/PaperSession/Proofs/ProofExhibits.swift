public import Exploration
public import Proof

/// Writes what a proof found: the original's first failing session and the last session of the fix.
public struct ProofExhibits {
  let store: RunStore
  /// Points a link at a name beside it.
  let link: (_ path: String, _ target: String) -> Void

  /// Writes by the store and links beside it.
  public init(_ store: RunStore, link: @escaping (_ path: String, _ target: String) -> Void) {
    self.store = store
    self.link = link
  }

  /// What stands on the disk.
  public struct Written {
    /// Of the original's session, else the fix's; nil: neither is there.
    public var directory: String?
    /// What the screen points at.
    public var shown: String?
    /// The command that runs it again.
    public var replay: String?
    /// Reduces the schedule that keeps the proof from holding, or the original's failure.
    public var shrink: String?
    /// Signals per symbol, for recorded data.
    public var signals: String?
    /// Why a session is not on the disk; nil: all are.
    public var error: String?
  }

  /// Below `base`, in a directory of the bug; the original's failure is run again for its stacks.
  public func write(_ result: ProofResult, plan: ProofPlan, executor: Executor, base: String) -> Written {
    var written = Written()
    let directory = "\(base)/\(plan.bug.id)"
    if let exhibit = result[.originalOn].exhibit {
      var request = exhibit.request
      request.wantsStacks = true
      let system = plan.system(.originalOn)
      let report = executor.run(system, request, epoch: system.epoch)
      let path = "\(directory)/original"
      written.error = put(report, to: path, plan: plan, replay: "chaos replay \(path)")
      let parts = base.split(separator: "/").map(String.init)
      if let last = parts.last, written.error == nil {
        let above = parts.dropLast().joined(separator: "/")
        let runs = base.hasPrefix("/") ? "/" + above : above
        link("\(runs)/latest", "\(last)/\(plan.bug.id)/original")
        written.shown = "\(runs)/latest/" + (report.dump == nil ? "logs" : "stackdump.txt")
        written.replay = "chaos replay \(path)"
        written.shrink = "chaos shrink \(path)"
      }
      if written.error == nil { written.directory = path }
    }
    if let exhibit = result[.fixedOn].exhibit {
      let error = put(exhibit, to: "\(directory)/fixed", plan: plan, replay: "chaos replay \(directory)/fixed")
      written.error = written.error ?? error
      if error == nil, !result[.fixedOn].failures.isEmpty { written.shrink = "chaos shrink \(directory)/fixed" }
      if plan.inputs.market != nil { written.signals = Signals.text(exhibit.judgement.files) }
      if error == nil, written.directory == nil { written.directory = "\(directory)/fixed" }
    }
    return written
  }

  /// Why the session could not be written; nil: it is there.
  private func put(_ report: RunReport, to path: String, plan: ProofPlan, replay: String) -> String? {
    store.write(
      report, RunStore.About(seed: plan.spec.seed, judgedBy: plan.spec.checks, replay: replay), to: path)
  }
}
