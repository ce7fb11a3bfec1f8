import Audit
import Foundation
import GRDB
import Store
import Synchronization
import Testing

struct TraceLogCheckTests {
    private let folder: Folder
    private let store: StateStore
    private let log: TraceLog

    init() throws {
        folder = try Folder()
        store = try openStore(folder)
        log = try openLog(store)
    }

    private func fill(_ count: Int = 20) async throws { try await log.commit((0..<count).map { draft("\($0)") }) }

    private func tamper(_ sql: String) async throws { try await store.pool.write { try $0.execute(sql: sql) } }

    private func damage() async throws -> LogDamage? {
        do {
            _ = try await log.check()
            return nil
        } catch let error as LogDamage {
            return error
        }
    }

    @Test func wholeLogIsChecked() async throws {
        try await fill(5000)
        try await log.signCheckpoint()
        let seen = Mutex<[UInt64]>([])
        let check = try await log.check { done, _ in seen.withLock { $0.append(done) } }
        #expect(check.head == log.head)
        #expect(check.checkpoint?.size == 5000)
        #expect(seen.withLock { $0 } == [4096, 5000])
    }

    @Test func emptyLogIsSound() async throws {
        #expect(try await log.check().head.size == 0)
    }

    @Test func oneChangedByteIsFoundWithItsSequence() async throws {
        try await fill()
        try await tamper(
            "UPDATE traces SET leaf = CAST(replace(CAST(leaf AS TEXT), '\"reason\":\"13\"', '\"reason\":\"31\"') AS BLOB) WHERE seq = 13")
        #expect(try await damage() == .altered(sequence: 13))
        #expect(try await damage()?.firstBadSequence == 13)
    }

    @Test func bytesThatAreNoTraceAreFound() async throws {
        try await fill()
        try await tamper("UPDATE traces SET leaf = x'7b7d' WHERE seq = 4")
        #expect(try await damage() == .malformed(sequence: 4, .malformed))
        try await tamper("UPDATE traces SET leaf = (SELECT leaf FROM traces WHERE seq = 5) WHERE seq = 4")
        #expect(try await damage() == .malformed(sequence: 4, .wrongSequence))
        try await tamper("UPDATE traces SET leaf = x'' WHERE seq = 3")
        #expect(try await damage() == .malformed(sequence: 3, .malformed))
    }

    @Test func removedTraceIsFound() async throws {
        try await fill()
        try await tamper("DELETE FROM traces WHERE seq = 7")
        #expect(try await damage() == .missing(sequence: 7))
    }

    @Test func removedLastTracesAreFound() async throws {
        try await fill()
        try await tamper("DELETE FROM traces WHERE seq >= 18")
        #expect(try await damage() == .missing(sequence: 18))
    }

    @Test func changedInnerNodeIsFound() async throws {
        try await fill(600)
        try await tamper("UPDATE tiles SET hashes = zeroblob(64) WHERE level = 1")
        #expect(try await damage() == .node(level: 8, index: 0, sequence: 255))
        try await tamper("DELETE FROM tiles WHERE level = 1")
        #expect(try await damage() == .node(level: 8, index: 0, sequence: 255))
    }

    @Test func changedLeafHashIsFound() async throws {
        try await fill(600)
        try await tamper("UPDATE traces SET hash = zeroblob(32) WHERE seq = 599")
        #expect(try await damage() == .altered(sequence: 599))
        try await tamper("UPDATE traces SET hash = NULL WHERE seq = 598")
        #expect(try await damage() == .altered(sequence: 598))
        try await tamper("UPDATE tiles SET hashes = zeroblob(8192) WHERE level = 0 AND idx = 1")
        #expect(try await damage() == .altered(sequence: 256))
        try await tamper("DELETE FROM tiles WHERE level = 0 AND idx = 0")
        #expect(try await damage() == .node(level: 0, index: 0, sequence: 0))
    }

    /// Takes the last traces off, with their hashes.
    private func cut(to size: Int) async throws {
        try await tamper("DELETE FROM traces WHERE seq >= \(size)")
    }

    @Test func logCutShortIsFoundAgainstItsCheckpoint() async throws {
        try await fill()
        try await log.signCheckpoint()
        try await cut(to: 15)
        let reopened = try openLog(store)
        #expect(reopened.head.size == 15)
        await #expect(throws: LogDamage.cutShort(size: 15, signed: 20)) { try await reopened.check() }
    }

    @Test func logWrittenAnewIsFoundAgainstItsCheckpoints() async throws {
        try await fill(10)
        try await log.signCheckpoint()
        try await fill(10)
        try await log.signCheckpoint()
        try await cut(to: 12)
        let reopened = try openLog(store)
        try await reopened.commit((0..<10).map { draft("other \($0)") })
        await #expect(throws: LogDamage.rewritten(first: 10, last: 19)) { try await reopened.check() }
    }

    @Test func logWrittenAnewUnderARunningAgentIsFound() async throws {
        try await fill(10)
        try await cut(to: 5)
        try await openLog(store).commit((0..<5).map { draft("other \($0)") })
        #expect(try await damage() == .rewritten(first: 0, last: 9))
    }

    @Test func checkpointOfAnotherKeyIsFound() async throws {
        try await fill()
        try await log.signCheckpoint()
        let stranger = try NoteSigner(name: "test/log", seed: [UInt8](repeating: 2, count: 32))
        let note = try stranger.note(Checkpoint(origin: "test/log", size: 20, root: log.head.root))
        try await store.pool.write { try $0.execute(sql: "UPDATE checkpoints SET note = ?", arguments: [note]) }
        #expect(try await damage() == .checkpoint(.notSigned))
        try await tamper("UPDATE checkpoints SET note = 'nothing'")
        #expect(try await damage() == .checkpoint(.malformedNote))
    }

    @Test func cancelledCheckStops() async throws {
        try await fill(5000)
        let task = Task { [log] in
            withUnsafeCurrentTask { $0?.cancel() }
            return try await log.check()
        }
        await #expect(throws: (any Error).self) { try await task.value }
    }
}
