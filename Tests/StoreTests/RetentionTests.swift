import Audit
import Foundation
import GRDB
import Primitives
import Store
import Testing

struct RetentionTests {
    private let folder: Folder
    private let store: StateStore
    private let log: TraceLog
    private let verifier: NoteVerifier

    private static let old = Timestamp(seconds: 1_000_000)
    private static let recent = Timestamp(seconds: 2_000_000)
    private static let date = Timestamp(seconds: 1_500_000)

    init() throws {
        folder = try Folder()
        store = try openStore(folder)
        log = try openLog(store, random: SystemRandom())
        verifier = try NoteSigner(name: "test/log", seed: [UInt8](repeating: 1, count: 32)).verifier
    }

    private func trace(_ event: TraceEvent = .cardRead, at time: Timestamp = old, _ set: (inout TraceDraft) -> Void = { _ in })
        -> TraceDraft
    {
        var draft = TraceDraft(event, .granted, at: time)
        set(&draft)
        return draft
    }

    private var act: TraceDraft { TraceDraft(.auditRetained, .granted, at: Self.recent) }

    private func drop(upTo: UInt64 = .max) async throws -> RetentionReport {
        try await log.dropBodies(before: Self.date, upTo: upTo, act)
    }

    private func left() async throws -> [UInt64] { try await log.traces().map(\.seq) }

    @Test func oldBodiesGoAndTheLogStaysSound() async throws {
        try await log.commit((0..<6).map { _ in trace() } + [trace(at: Self.recent)])
        let before = try await log.signCheckpoint()
        let proof = try await log.inclusion(of: 3, size: 7)
        #expect(try await drop() == RetentionReport(count: 6, kept: 0))
        #expect(try await left() == [6, 7])
        let told = try #require(try await log.search(TraceQuery(limit: 10)).leaves.last)
        let json = try JSONDecoder().decode(JSON.self, from: Data(told))
        #expect(json["detail"]?["ranges"] == [[0, 5]])
        #expect(json["detail"]?["count"] == 6)
        // Proofs are made of hashes, and those stay.
        #expect(try await log.inclusion(of: 3, size: 7) == proof)
        let checkpoint = try Checkpoint(note: Array(before.utf8), verifiedBy: [verifier])
        #expect(try await log.root(size: 7) == checkpoint.root)
        #expect(try await log.check().head.size == 8)
    }

    @Test func bodiesAreGoneFromTheFiles() async throws {
        let secret = "patient-of-long-ago-\(UUID().uuidString)"
        try await log.commit([trace()])
        // What was dropped before changes nothing.
        #expect(try await drop().count == 1)
        try await log.commit((0..<200).map { _ in trace { $0.reason = secret } })
        _ = try await drop()
        for name in ["agent.sqlite", "agent.sqlite-wal"] {
            let bytes = try Data(contentsOf: URL(filePath: "\(folder.state)/\(name)"))
            #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)")
        }
    }

    @Test func twiceIsNoMoreThanOnce() async throws {
        try await log.commit([trace()])
        #expect(try await drop().count == 1)
        let size = log.head.size
        #expect(try await drop() == RetentionReport(count: 0, kept: 0))
        #expect(log.head.size == size)
    }

    @Test func whatIsNotHandedOnStays() async throws {
        try await log.commit((0..<4).map { _ in trace() })
        #expect(try await drop(upTo: 2).count == 2)
        #expect(try await left() == [2, 3, 4])
    }

    @Test func exportWithDroppedBodiesVerifiesAndSaysSo() async throws {
        try await log.commit((0..<3000).map { trace(at: $0 % 3 == 0 ? Self.recent : Self.old) })
        #expect(try await drop().count == 2000)
        let whole = try await log.export(to: folder.path + "/whole")
        let report = try BundleVerifier(folder: folder.path + "/whole", key: verifier).verify()
        #expect(report.dropped == 2000)
        #expect(report.range == whole.range)
        _ = try await log.export(10...20, to: folder.path + "/part")
        #expect(try BundleVerifier(folder: folder.path + "/part", key: verifier).verify().dropped == 8)
        #expect(try await log.check().head.size == log.head.size)
    }

    @Test func bodyThatNobodyDroppedIsMissed() async throws {
        try await log.commit((0..<10).map { _ in trace() })
        _ = try await drop(upTo: 5)
        try await store.pool.write { try $0.execute(sql: "DELETE FROM traces WHERE seq = 7") }
        await #expect(throws: LogDamage.missing(sequence: 7)) { try await log.check() }
        await #expect(throws: StoreError.self) { try await log.export(to: folder.path + "/out") }
    }

    /// Whoever hands on an export cannot take a body out and call it dropped.
    @Test func exportThatHidesABodyIsRefused() async throws {
        try await log.commit((0..<4).map { _ in trace(at: Self.recent) })
        try await log.export(to: folder.path + "/out")
        let path = folder.path + "/out/entries.jsonl"
        var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
        lines[1] = String(decoding: DroppedBody(seq: 1, hash: .leaf(Array(lines[1].utf8))).line, as: UTF8.self)
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: false, encoding: .utf8)
        #expect(throws: BundleError.missing(sequence: 1)) { try BundleVerifier(folder: folder.path + "/out", key: verifier).verify() }
    }

    @Test func unreviewedEmergenciesStay() async throws {
        func emergency(_ declaration: String?, session: String) -> TraceDraft {
            trace(.sessionOpened) {
                $0.session = session
                $0.mode = declaration == nil ? "degraded" : "card"
                $0.detail = declaration.map { ["break_glass": .string($0)] }
            }
        }
        try await log.commit([emergency("b-1", session: "s"), emergency(nil, session: "d-1"), trace()])
        #expect(try await drop() == RetentionReport(count: 1, kept: 2))
        #expect(try await left().prefix(2) == [0, 1])
    }

    @Test func eachBatchIsACommitOfItsOwn() async throws {
        for _ in 0..<12 { try await log.commit((0..<1000).map { _ in trace() }) }
        #expect(try await drop().count == 12_000)
        #expect(try await log.all(.auditRetained).count == 3)
        #expect(try await log.check().head.size == 12_003)
    }

    @Test func pagesStandInForDroppedBodiesWhenAsked() async throws {
        try await log.commit((0..<5).map { trace(at: $0 == 2 ? Self.recent : Self.old) })
        _ = try await drop()
        var query = TraceQuery(limit: 100)
        query.includesDropped = true
        let lines = try await log.search(query).leaves
        #expect(lines.count == 6)
        let bodies = lines.map { line in line.withUnsafeBytes { DroppedBody($0)?.seq } }
        #expect(bodies == [0, 1, nil, 3, 4, nil])
        query.limit = 2
        #expect(try await log.search(query).next == 2)
    }
}

struct RetentionRuleTests {
    private static func leaf(
        _ event: String, outcome: String = "granted", mode: String = "card", session: String = "s", detail: String = "{}"
    )
        -> [UInt8]
    {
        Array(
            (#"{"detail":\#(detail),"event":"\#(event)","mode":"\#(mode)","outcome":"\#(outcome)","salt":"AA","seq":7,"#
                + #""session":"\#(session)","time":"2016-01-01T00:00:00.000Z","v":1,"workstation":"w"}"#).utf8)
    }

    private func drops(_ leaf: [UInt8], reviews: [[UInt8]] = [], before: String = "2020-01-01T00:00:00.000Z") throws -> Bool {
        var rule = RetentionRule(before: try #require(Timestamp(before)))
        for review in reviews { rule.note(review) }
        return rule.drops(leaf)
    }

    @Test(arguments: ["login.refused", "session.ended", "audit.read", "audit.exported", "agent.started", "breakglass.refused"])
    func ordinaryTracesGo(_ event: String) throws { #expect(try drops(Self.leaf(event))) }

    @Test(arguments: [
        "audit.retained", "audit.retention_requested", "audit.forward_failed", "audit.key_rotated", "breakglass.declared",
        "degraded.enrolled",
    ])
    func whatTheLogNeedsAndEmergenciesStay(_ event: String) throws { #expect(try !drops(Self.leaf(event))) }

    @Test func youngTracesStay() throws { #expect(try !drops(Self.leaf("login.refused"), before: "2016-01-01T00:00:00.000Z")) }

    @Test func reviewNamesWhatMayGo() throws {
        let declared = Self.leaf("breakglass.declared", detail: #"{"break_glass":"b-1"}"#)
        let review = Self.leaf("breakglass.reviewed", session: "reviewer", detail: #"{"break_glass":"b-1"}"#)
        #expect(try drops(declared, reviews: [review]))
        #expect(try !drops(declared, reviews: [Self.leaf("breakglass.reviewed", detail: #"{"break_glass":"b-2"}"#)]))
        #expect(try !drops(declared, reviews: [Self.leaf("breakglass.reviewed", outcome: "refused", detail: #"{"break_glass":"b-1"}"#)]))
        // The session of a declaration is not the declaration: another one in it may be unreviewed.
        #expect(try !drops(declared, reviews: [Self.leaf("breakglass.reviewed", session: "s")]))
    }

    @Test func degradedSessionGoesOnceReviewed() throws {
        let issued = Self.leaf("token.issued", mode: "degraded", session: "d-1")
        #expect(try !drops(issued))
        #expect(try drops(issued, reviews: [Self.leaf("degraded.reviewed", session: "reviewer", detail: #"{"session":"d-1"}"#)]))
    }

    @Test(arguments: ["", "{}", "no"])
    func bytesThatAreNoTraceStay(_ text: String) throws { #expect(try !drops(Array(text.utf8))) }

    @Test(arguments: [
        #"{"dropped":"AAAA","seq":1,"v":1}"#, #"{"seq":1,"v":1}"#, #"{"dropped":1}"#, "", "{",
        #"{"dropped":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","seq":-1,"v":1}"#,
        #"{"dropped":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "seq":1,"v":1}"#,
    ])
    func lineOfAnotherFormIsNoDroppedBody(_ line: String) {
        #expect(Array(line.utf8).withUnsafeBytes { DroppedBody($0) } == nil)
    }

    @Test func retentionTellsOnlyOfWhatWasBefore() {
        func told(_ ranges: String) -> [ClosedRange<UInt64>] {
            Self.leaf("audit.retained", detail: #"{"ranges":\#(ranges)}"#).withUnsafeBytes { DroppedRanges.told(by: $0) }
        }
        #expect(told("[[0,3],[5,6]]") == [0...3, 5...6])
        #expect(told("[[0,7]]").isEmpty)
        #expect(told("[[3,1],[-1,2],[1],\"x\"]").isEmpty)
        #expect(Self.leaf("audit.read", detail: #"{"ranges":[[0,1]]}"#).withUnsafeBytes { DroppedRanges.told(by: $0) }.isEmpty)
    }
}
