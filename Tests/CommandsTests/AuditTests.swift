import APIContract
import Audit
import Commands
import Foundation
import Primitives
import ScriptedAgent
import Synchronization
import Testing

/// A log in memory, told as the agent tells it.
struct SampleLog: NodeReader {
    struct Absent: Error {}

    let leaves: [[UInt8]]
    let signer: NoteSigner
    private var nodes: [Int: [MerkleHash]] = [:]

    init(size: Int) throws {
        signer = try NoteSigner(name: "sample", seed: [UInt8](repeating: 3, count: 32))
        leaves = (0..<size).map { number in
            TraceDraft(.cardRead, .info, at: Timestamp(seconds: Int64(number)))
                .leaf(seq: UInt64(number), salt: [UInt8](repeating: 5, count: 16), workstation: "w")
        }
        var tree = MerkleFrontier()
        for leaf in leaves { tree.append(.leaf(leaf)) { nodes[$0.level, default: []].append($0.hash) } }
    }

    func node(level: Int, index: UInt64) throws(Absent) -> MerkleHash {
        guard let row = nodes[level], index < row.count else { throw Absent() }
        return row[Int(index)]
    }

    /// The agent's answers about this log.
    ///
    /// - Parameter change: what happens to each page of traces on its way.
    func agent(change: @escaping @Sendable ([[UInt8]]) -> [[UInt8]] = { $0 }) -> @Sendable (SeenRequest) -> ScriptedAgent.Step {
        { request in
            let parts = URLComponents(string: request.line.split(separator: " ").last.map(String.init) ?? "")
            func number(_ name: String) -> UInt64? { parts?.queryItems?.first { $0.name == name }?.value.flatMap { UInt64($0) } }
            switch parts?.path {
            case "/v1/audit/manifest":
                let range = (number("from") ?? 0)...(number("to") ?? UInt64(leaves.count - 1))
                guard let manifest = try? BundleManifest(range: range, size: UInt64(leaves.count), nodes: self),
                    let note = try? signer.note(Checkpoint(origin: signer.name, size: manifest.size, root: manifest.root)),
                    let document = try? JSONDecoder().decode(JSON.self, from: Data(manifest.bytes))
                else { return .problem(.invalidRequest) }
                return .json(["manifest": document, "checkpoint": .string(note), "key": .string(signer.verifier.vkey)])
            case "/v1/audit/traces":
                let isNewestFirst = parts?.queryItems?.contains { $0.name == "order" && $0.value == "newest" } ?? false
                let page: [[UInt8]]
                let next: UInt64?
                // Pages are smaller than asked for, as they may be.
                let limit = min(Int(number("limit") ?? 100), 250)
                if isNewestFirst {
                    let end = min(Int(number("from") ?? 1 << 40) + 1, leaves.count)
                    page = leaves[..<end].suffix(limit).reversed()
                    next = end > limit ? UInt64(end - limit - 1) : nil
                } else {
                    let start = Int(number("from") ?? 0)
                    page = Array(leaves.dropFirst(start).prefix(limit))
                    next = start + limit < leaves.count ? UInt64(start + limit) : nil
                }
                return .body(change(page).flatMap { $0 + [0x0A] }, type: "application/x-ndjson", next: next)
            default: return .problem(.notFound)
            }
        }
    }
}

/// A folder that goes when the test ends.
final class Folder {
    let path = FileManager.default.temporaryDirectory.appending(path: "commands-\(UUID().uuidString)").path()

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Suite(.timeLimit(.minutes(5)))
struct AuditTests {
    @Test(arguments: [("", 0, 599), ("--from 3 --to 7", 3, 7), ("--from 300", 300, 599)])
    func exportIsWrittenAndVerifies(_ options: String, _ first: Int64, _ last: Int64) throws {
        let (log, folder) = (try SampleLog(size: 600), try Folder())
        let bundle = "\(folder.path)/out"
        let run = try Run("audit export --json --out \(bundle) \(options)", RecordingConsole(), log.agent())
        #expect(run.exit == 0)
        #expect(run.console.document?["first"]?.int == first)
        #expect(run.console.document?["last"]?.int == last)
        let check = try Run("audit verify --json --bundle \(bundle) --key \(log.signer.verifier.vkey)")
        #expect(check.exit == 0)
        #expect(check.console.document?["valid"] == true)
        #expect(check.console.document?["self_asserted"] == false)
        #expect(check.console.document?["first"]?.int == first)
        #expect(check.agent.lines.isEmpty)
        let alone = try Run("audit verify --bundle \(bundle)")
        #expect(alone.exit == 0)
        #expect(alone.console.output.contains("self-asserted"))
    }

    @Test func changedTraceIsFoundAndNamed() throws {
        let (log, folder) = (try SampleLog(size: 20), try Folder())
        let bundle = "\(folder.path)/out"
        _ = try Run("audit export --json --out \(bundle)", RecordingConsole(), log.agent())
        let entries = "\(bundle)/entries.jsonl"
        let text = try String(contentsOfFile: entries, encoding: .utf8)
        try text.replacing(#""seq":7,"#, with: #""seq":8,"#).write(toFile: entries, atomically: false, encoding: .utf8)
        let run = try Run("audit verify --json --bundle \(bundle)")
        #expect(run.exit == 7)
        #expect(run.console.document?["code"] == "trace_invalid")
        #expect(run.console.document?["first_bad"] == 7)
    }

    @Test func exportOfAChangedLogIsNotCalledGood() throws {
        let (log, folder) = (try SampleLog(size: 20), try Folder())
        let forged = TraceDraft(.cardRead, .granted, at: Timestamp(seconds: 5))
            .leaf(seq: 5, salt: [UInt8](repeating: 5, count: 16), workstation: "w")
        let agent = log.agent { page in page.enumerated().map { $0.offset == 5 ? forged : $0.element } }
        let run = try Run("audit export --json --out \(folder.path)/out", RecordingConsole(), agent)
        #expect(run.exit == 7)
    }

    @Test func exportThatBreaksOffHasNoManifest() throws {
        let (log, folder) = (try SampleLog(size: 600), try Folder())
        let agent = log.agent()
        let run = try Run("audit export --json --out \(folder.path)/out", RecordingConsole()) { request in
            request.line.contains("from=250") ? .problem(.traceUnavailable) : agent(request)
        }
        #expect(run.exit == 8)
        #expect(run.console.document?["code"] == "trace_unavailable")
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/out/manifest.json"))
    }

    @Test func folderThatHoldsSomethingIsLeftAlone() throws {
        let (log, folder) = (try SampleLog(size: 3), try Folder())
        try "mine".write(toFile: "\(folder.path)/mine", atomically: false, encoding: .utf8)
        let run = try Run("audit export --json --out \(folder.path)", RecordingConsole(), log.agent())
        #expect(run.exit == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["mine"])
    }

    @Test func folderThatCannotBeMadeIsAnError() throws {
        let run = try Run("audit export --json --out /nonexistent/a/b", RecordingConsole(), try SampleLog(size: 3).agent())
        #expect(run.exit == 8)
        #expect(run.console.document?["title"] == "The export could not be written")
    }

    @Test(arguments: [("--bundle /nonexistent", Int32(7)), ("--bundle /nonexistent --key nonsense", 2)])
    func exportThatIsNoneIsRefused(_ options: String, _ exit: Int32) throws {
        #expect(try Run("audit verify --json \(options)").exit == exit)
    }

    @Test func verificationByTheAgentIsWatched() throws {
        let steps = Mutex(0)
        let sound = try Run("audit verify", RecordingConsole(isWatched: true)) { request in
            let step = steps.withLock { step in
                step += 1
                return step
            }
            let check: JSON = ["id": "v1", "done": .int(Int64(step) * 20_000), "of": 60_000, "state": step < 3 ? "running" : "done"]
            let result: JSON = ["valid": true, "size": 60_000, "root": "00", "checkpoint": .null]
            return .json(step < 3 ? check : check.with("result", result), status: request.line.hasPrefix("POST") ? 202 : 200)
        }
        #expect(sound.exit == 0)
        #expect(
            sound.agent.lines == ["POST /v1/audit/verifications?wait=false"] + Array(repeating: "GET /v1/audit/verifications/v1", count: 2))
        #expect(sound.console.errors.hasPrefix("\r20000 of 60000, "))
        #expect(sound.console.errors.contains("\r40000 of 60000, "))
        #expect(sound.console.errors.hasSuffix("\n"))
        #expect(sound.console.output.contains("60000"))
    }

    @Test(
        arguments: [
            (["state": "done", "result": ["valid": true, "size": 3]], Int32(0), nil),
            (["state": "done", "result": ["valid": false, "first_bad": 2, "detail": "d"]], 7, 2),
            (["state": "failed"], 8, nil), (["state": "cancelled"], 8, nil), (["state": "done"], 8, nil),
        ] as [(JSON, Int32, Int64?)])
    func verificationByTheAgentIsPassedOn(_ state: JSON, _ exit: Int32, _ first: Int64?) throws {
        let run = try Run("audit verify --json") { _ in .json(state.with("id", "v1").with("done", 3).with("of", 3)) }
        #expect(run.exit == exit)
        #expect(run.console.document?["first_bad"]?.int == first)
    }

    @Test func agentThatAnswersAtOnceIsUnderstood() throws {
        let sound = try Run("audit verify --json") { _ in .json(["valid": true, "size": 3, "root": "00", "checkpoint": .null]) }
        #expect(sound.exit == 0)
        #expect(sound.console.document?["valid"] == true)
        let broken = try Run("audit verify --json") { _ in .problem(.traceInvalid, ["first_bad": 2]) }
        #expect(broken.exit == 7)
        #expect(broken.console.document?["first_bad"] == 2)
    }

    @Test func tracesAreListedAsTheirExactBytes() throws {
        let log = try SampleLog(size: 600)
        let run = try Run("audit list --json --from 3 --limit 260", RecordingConsole(), log.agent())
        #expect(run.exit == 0)
        #expect(run.console.output == log.leaves[3..<263].map { String(decoding: $0, as: UTF8.self) + "\n" }.joined())
        #expect(run.agent.lines == ["GET /v1/audit/traces?from=3&limit=260", "GET /v1/audit/traces?from=253&limit=10"])
        #expect(run.console.errors.contains("--from 263"))
    }

    @Test func newestTracesComeFirstWhenAskedFor() throws {
        let log = try SampleLog(size: 600)
        let run = try Run("audit list --json --newest --limit 300", RecordingConsole(), log.agent())
        #expect(run.exit == 0)
        #expect(run.console.output == log.leaves[300...].reversed().map { String(decoding: $0, as: UTF8.self) + "\n" }.joined())
        #expect(run.agent.lines == ["GET /v1/audit/traces?order=newest&limit=300", "GET /v1/audit/traces?order=newest&from=349&limit=50"])
        let all = try Run("audit list --json --newest --limit 1000", RecordingConsole(), log.agent())
        #expect(all.console.output.split(separator: "\n").count == 600)
        #expect(!all.console.errors.contains("--from"))
    }

    @Test func filtersReachTheAgent() throws {
        let options =
            "--since 2026-01-31 --until 2026-02-01T08:00:00Z --event login.* --outcome refused --person 8 --card 80 --session s "
            + "--workstation ws --patient p"
        let run = try Run("audit list --json \(options)", RecordingConsole()) { _ in .body([], type: "application/x-ndjson") }
        #expect(run.exit == 0)
        let query =
            "since=2026-01-31T00%3A00%3A00.000Z&until=2026-02-01T08%3A00%3A00.000Z&event=login.%2A&outcome=refused&person=8&card=80"
            + "&session=s&workstation=ws&patient=p"
        #expect(run.agent.lines == ["GET /v1/audit/traces?\(query)&limit=100"])
    }

    @Test(arguments: ["--since yesterday", "--until 2026-02-30", "--person="])
    func filterThatIsNoneIsRefused(_ option: String) throws {
        #expect(try Run("audit list --json \(option)").exit == 2)
    }

    /// Pages without a match say where the search goes on; an agent that does not move on must not be asked for ever.
    @Test func emptyPagesAreFollowed() throws {
        let leaf = try SampleLog(size: 60).leaves[50]
        let run = try Run("audit list --json", RecordingConsole()) { request in
            request.line.contains("from=40")
                ? .body(leaf + [0x0A], type: "application/x-ndjson") : .body([], type: "application/x-ndjson", next: 40)
        }
        #expect(run.console.output == String(decoding: leaf, as: UTF8.self) + "\n")
        let backwards = try Run("audit list --json", RecordingConsole()) { request in
            .body([], type: "application/x-ndjson", next: request.line.contains("from=40") ? 39 : 40)
        }
        #expect(backwards.exit == 8)
        let stuck = try Run("audit list --json", RecordingConsole()) { _ in .body([], type: "application/x-ndjson", next: 40) }
        #expect(stuck.exit == 8)
    }

    @Test func tracesArePrintedForPeople() throws {
        let agent = try SampleLog(size: 2).agent()
        let english = try Run("audit list --lang en --limit 1", RecordingConsole(), agent)
        #expect(
            english.console.output == """
                No.  Time (UTC)                Event      Outcome  Person  Details
                0    1970-01-01T00:00:00.000Z  card.read  noted    -       -

                """)
        #expect(try Run("audit list --lang fr", RecordingConsole(), agent).console.output.hasPrefix("N°  Heure (UTC)"))
    }

    @Test func oneTraceIsShown() throws {
        let log = try SampleLog(size: 5)
        let run = try Run("audit show --json 3", RecordingConsole(), log.agent())
        #expect(run.console.output == String(decoding: log.leaves[3], as: UTF8.self) + "\n")
        #expect(try Run("audit show 3", RecordingConsole(), log.agent()).console.output.contains("event        card.read\n"))
        #expect(try Run("audit show --json 7", RecordingConsole(), log.agent()).console.document?["code"] == "not_found")
    }

    @Test(arguments: [true, false])
    func tracesOutOfOrderEndTheList(_ isRepeated: Bool) throws {
        // An agent that repeats itself must not be asked for ever; nor may it give more than was asked for.
        let leaves = try SampleLog(size: 3).leaves
        let run = try Run("audit list --json --limit 2", RecordingConsole()) { _ in
            .body((isRepeated ? [leaves[0], leaves[0]] : leaves).flatMap { $0 + [0x0A] }, type: "application/x-ndjson")
        }
        #expect(run.exit == 8)
    }

    @Test func headAndKeyArePrinted() throws {
        let head = try Run("audit checkpoint") { _ in .body(Array("w\n3\nAA==\n\n— w x\n".utf8), type: "text/plain; charset=utf-8") }
        #expect(head.console.output == "w\n3\nAA==\n\n— w x\n")
        let key = try Run("audit key --json") { _ in .body(Array("w+00000000+AA==\n".utf8), type: "text/plain") }
        #expect(key.console.document == ["key": "w+00000000+AA=="])
    }
}
