import Basics
import ChaosRuntime
import Checks
import Exploration
import FakeExchange
import FaultInjection
import PaperSession
import Proof
import Trading
import TradingEngine

/// A reader of files from outside, with valid documents of its kind.
struct DocumentReader {
  let name: String
  /// Parts of all documents that are its own.
  let share: Int
  let samples: [[UInt8]]
  /// Whether it takes the document; it must not trap, whatever the document is.
  let read: ([UInt8]) -> Bool

  /// Every reader there is. The documents of sessions come from two of them, made here from the seed.
  static func all(seed: UInt64) throws(UsageError) -> [DocumentReader] {
    let everyday = try FaultSelection(directory: nil).source("everyday").source
    let good = try Made(PaperInputs(kind: .paper, faults: [everyday], durationSeconds: 20), seed: seed)
    let revision = PaperInputs.Revision(bug: "9.1", revision: "original")
    let red = try Made(
      PaperInputs(kind: .paper, revisions: [revision], faults: [everyday], durationSeconds: 30), seed: seed)
    let ofSessions = sessions(good, red) + [recording(good, red), replay(good), json(good)]
    return ofSessions + texts() + [ticks(), report(), words()] + wire()
  }

  /// One session in memory.
  struct Made {
    let system: PaperSystem
    let files: SessionFiles
    let request: RunRequest

    init(_ inputs: PaperInputs, seed: UInt64) throws(UsageError) {
      do throws(PaperError) { system = try PaperSystem(inputs) } catch { throw UsageError(text: error.description) }
      request = PaperSystem.paperRequest(seed: seed)
      let report = Executor().run(system, request, epoch: system.epoch)
      let about = RunStore.About(seed: seed, judgedBy: Check.all.map(\.name), replay: "chaos replay x")
      files = SessionFiles(Outputs.store.files(report, about))
    }
  }

  // MARK: Sessions

  /// Each file of a session is spoiled in turn, and the whole is checked, reported on and diagnosed.
  private static func sessions(_ good: Made, _ red: Made) -> [DocumentReader] {
    good.files.files.map(\.path).filter { $0 != "recording.txt" }.map { path in
      let samples = [good, red].compactMap { $0.files[path] }
      return DocumentReader(name: path, share: path == "run.json" ? 16 : 8, samples: samples) { bytes in
        var files = bytes.count % 2 == 0 ? good.files : red.files
        files.set(path, bytes)
        let isSession = judge(files)
        return path == "run.json" ? inputs(bytes) && isSession : isSession
      }
    } + [
      DocumentReader(
        name: "stackdump.txt", share: 1, samples: [Array("STACKDUMP v1\nREASON a cycle\nEND complete\n".utf8)]
      ) {
        var files = good.files
        files.set("stackdump.txt", $0)
        return judge(files)
      }
    ]
  }

  private static func judge(_ files: SessionFiles) -> Bool {
    do throws(RecordError) {
      let record = try SessionRecord(files: files)
      var text = PaperReport(record, directory: "x").text
      text += JSON.array(Check.judge(record).map(\.json)).text
      text += Diagnosis(record).json.text
      return !text.isEmpty
    } catch {
      return error.description.isEmpty
    }
  }

  /// What a replay reads of run.json.
  private static func inputs(_ bytes: [UInt8]) -> Bool {
    do throws(InputError) {
      let run = try InputValue(parsing: bytes, file: "run.json")
      let inputs = try PaperInputs(run.required("inputs"))
      _ = try run["seed"]?.seed()
      _ = try run["scenario_seed"]?.seed()
      do throws(PaperError) { return try PaperSystem(inputs).virtualSeconds >= 0 } catch {
        return error.description.isEmpty
      }
    } catch {
      return error.description.isEmpty
    }
  }

  // MARK: Recordings

  private static func recording(_ good: Made, _ red: Made) -> DocumentReader {
    let samples = [good, red].compactMap { $0.files["recording.txt"] }
    return DocumentReader(name: "recording.txt", share: 12, samples: samples) { parsed($0) != nil }
  }

  /// One in so many is also run again; it takes as long as a hundred readings.
  private static func replay(_ made: Made) -> DocumentReader {
    let executor = Executor()
    return DocumentReader(name: "replay", share: 1, samples: [made.files["recording.txt"] ?? []]) { bytes in
      guard Mixing.mix(UInt64(bytes.count), UInt64(bytes.last ?? 0)) % 16 == 0, let recording = parsed(bytes) else {
        return false
      }
      var request = made.request
      request.schedule = .replay(recording)
      return !executor.run(made.system, request, epoch: made.system.epoch).judgement.verdicts.isEmpty
    }
  }

  private static func parsed(_ bytes: [UInt8]) -> Recording? {
    do throws(RecordingError) {
      let recording = try Recording(parsing: bytes)
      _ = Recording.format(of: recording.text)
      return recording
    } catch {
      return error.description.isEmpty ? Recording() : nil
    }
  }

  // MARK: JSON

  /// What is read is written and read again.
  private static func json(_ made: Made) -> DocumentReader {
    let samples = made.files.files.filter { $0.path.hasSuffix(".json") }.map(\.bytes)
    return DocumentReader(name: "json", share: 8, samples: samples) { bytes in
      guard let value = try? JSON.parse(bytes) else { return false }
      precondition((try? JSON.parse(value.text)) == value, "a document does not read back")
      return (try? JSON.parse(value.pretty())) == value
    }
  }

  private static func report() -> DocumentReader {
    let sample = """
      {"format":1,"statement":"GREEN","exit_code":0,"seed":1,"jobs":2,"shard":"1/2","build":"b","interrupted":false,
      "seconds":1.5,"cases":[{"id":"proof/9.1/x","group":"proof","title":"t","replay":"chaos run","outcome":"passed",
      "arms":[{"name":"original, fault on","outcome":"passed","text":"found"}],"figures":{"mean":1.25,"no stalls":null},
      "note":"","schedules":440,"seconds":1.25,"cpu_seconds":1.5,"directory":null,"details":{"a":[1,2]}}]}
      """
    return DocumentReader(name: "gauntlet report", share: 8, samples: [Array(sample.utf8)]) { bytes in
      do throws(InputError) {
        let json = try InputValue(parsing: bytes, file: "g.json").json
        do throws(GauntletMerge.Problem) {
          let report = try GauntletMerge.merge([("g.json", json)], command: "chaos merge").report
          var text = GauntletScreen.summary(report) + JUnit.text(report) + GauntletMarkdown.text(report)
          text += report.json.pretty()
          return !text.isEmpty
        } catch {
          return error.description.isEmpty
        }
      } catch {
        return error.description.isEmpty
      }
    }
  }
}
