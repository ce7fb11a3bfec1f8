import Audit
import Foundation
import GRDB
import KeyFiles
import Primitives
import Store
import Testing

struct CheckpointAndExportTests {
    private let folder: Folder
    private let store: StateStore
    private let log: TraceLog
    private let verifier: NoteVerifier

    init() throws {
        folder = try Folder()
        store = try openStore(folder)
        log = try openLog(store)
        verifier = try NoteSigner(name: "test/log", seed: [UInt8](repeating: 1, count: 32)).verifier
    }

    @Test func checkpointSignsTheHeadAndIsKept() async throws {
        #expect(try await log.latestCheckpoint() == nil)
        try await log.commit([draft("a"), draft("b")])
        let note = try await log.signCheckpoint()
        let checkpoint = try Checkpoint(note: Array(note.utf8), verifiedBy: [verifier])
        #expect(checkpoint == Checkpoint(origin: "test/log", size: 2, root: log.head.root))
        #expect(try await log.latestCheckpoint() == note)
        let times = try await store.pool.read { try String.fetchAll($0, sql: "SELECT created_at FROM checkpoints") }
        #expect(times == ["2023-11-14T22:13:20.000Z"])
    }

    @Test func nothingNewIsNotSignedAgain() async throws {
        try await log.commit([draft("a")])
        let first = try await log.signCheckpoint()
        #expect(try await log.signCheckpoint() == first)
        try await log.commit([draft("b")])
        #expect(try await log.signCheckpoint() != first)
        #expect(try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM checkpoints") } == 2)
    }

    @Test func checkpointOfAnOlderKeyIsSignedAgain() async throws {
        try await log.commit([draft("a")])
        try await log.signCheckpoint()
        let signer = try NoteSigner(name: "test/next", seed: [UInt8](repeating: 9, count: 32))
        let next = try TraceLog(store: store, workstation: "ws", signer: signer, time: StoppedClock(), random: SameBytes())
        #expect(try await SignedNote(next.signCheckpoint()).signatures.map(\.name) == ["test/next"])
    }

    @Test(arguments: [nil, 0...0, 3...2999, 2500...2999] as [ClosedRange<UInt64>?])
    func exportVerifies(range: ClosedRange<UInt64>?) async throws {
        try await log.commit((0..<3000).map { draft("\($0)") })
        let target = folder.path + "/export"
        let manifest = try await log.export(range, to: target)
        #expect(manifest.range == range ?? 0...2999)
        let report = try BundleVerifier(folder: target, key: verifier).verify()
        #expect(report.range == manifest.range)
        #expect(report.checkpoint.root == log.head.root)
    }

    @Test func exportOfWhatIsNotThereIsRefused() async throws {
        await #expect(throws: ProofRangeError()) { try await log.export(to: folder.path + "/export") }
        try await log.commit([draft("a")])
        await #expect(throws: ProofRangeError()) { try await log.export(0...1, to: folder.path + "/export") }
        await #expect(throws: BundleError.folderNotEmpty) { try await log.export(to: folder.path) }
    }

    @Test func exportOfADamagedLogSaysSo() async throws {
        try await log.commit([draft("a"), draft("b")])
        try await store.pool.write { try $0.execute(sql: "DELETE FROM traces WHERE seq = 1") }
        await #expect(throws: StoreError.damaged("1 hashes of 2 from 0 at level 0 of the tree")) {
            try await log.export(to: folder.path + "/export")
        }
    }
}

struct LogKeyTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private var path: String { folder.path + "/log.key" }

    @Test func keyIsMadeOnceForItsOwnerAlone() throws {
        let made = try LogKey(random: SystemRandom()).load(path: path, origin: "o")
        #expect(try folder.mode("log.key") == 0o600)
        #expect(try LogKey(random: SystemRandom()).load(path: path, origin: "o").verifier == made.verifier)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["log.key"])
    }

    @Test func leftoverOfACrashIsNoHindrance() throws {
        try Data("half".utf8).write(to: URL(filePath: folder.path + "/.log.key.new"))
        _ = try LogKey(random: SystemRandom()).load(path: path, origin: "o")
    }

    @Test(arguments: ["", "\n", "AAAA\n", "not base64\n"])
    func fileWithoutAKeyIsRefusedAndKept(content: String) throws {
        try Data(content.utf8).write(to: URL(filePath: path))
        #expect(chmod(path, 0o600) == 0)
        #expect(throws: StoreError.badKey(path: path)) { try LogKey(random: SystemRandom()).load(path: path, origin: "o") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == content)
    }

    @Test func keyThatOthersMayReadIsRefused() throws {
        _ = try LogKey(random: SystemRandom()).load(path: path, origin: "o")
        #expect(chmod(path, 0o640) == 0)
        #expect(throws: StoreError.keyFile(.exposed(path: path))) { try LogKey(random: SystemRandom()).load(path: path, origin: "o") }
    }

    @Test func folderThatIsNotThereIsAFileError() {
        #expect(throws: StoreError.keyFile(.file(FileError(folder.path + "/no/.log.key.new", ENOENT)))) {
            try LogKey(random: SystemRandom()).load(path: folder.path + "/no/log.key", origin: "o")
        }
    }
}
