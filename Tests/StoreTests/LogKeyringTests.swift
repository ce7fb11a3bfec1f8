import Audit
import Foundation
import GRDB
import Primitives
import Store
import Testing

/// The keys of a log, over changes and crashes.
struct LogKeyringTests {
    private let folder: Folder
    private let store: StateStore

    init() throws {
        folder = try Folder()
        store = try openStore(folder)
    }

    private var path: String { folder.path + "/log.key" }

    private func keyring(_ origin: String = "test/log") -> LogKeyring {
        LogKeyring(store: store, path: path, origin: origin, file: LogKey(random: SystemRandom()))
    }

    /// What a start does.
    private func start(_ keyring: LogKeyring) async throws -> TraceLog {
        let log = try TraceLog(
            store: store, workstation: "ws", signer: try keyring.load(), time: StoppedClock(), random: SystemRandom())
        try await keyring.settle(log, change)
        return log
    }

    private var change: TraceDraft { TraceDraft(.auditKeyChanged, .info, at: StoppedClock().now()) }

    @Test func theFirstKeyIsNotedOnceAndWithoutATrace() async throws {
        for _ in 0..<2 { #expect(try await start(keyring()).head.size == 0) }
        let keys = try await keyring().known()
        #expect(keys.map(\.cause) == [.first] && keys.map(\.since) == [0])
    }

    @Test func aNewKeyIsVouchedForByTheOneBefore() async throws {
        let (keyring, log) = (keyring(), try await start(keyring()))
        let first = log.signer.verifier
        try await log.commit([draft("a")])
        let second = try await keyring.rotate(log, change)
        #expect(log.signer.verifier == second && second != first && second.name == first.name)
        let keys = try await keyring.known()
        #expect(keys.map(\.cause) == [.first, .rotated] && keys.map(\.since) == [0, 2])
        let endorsements = keys.compactMap(\.endorsement)
        #expect(KeyEndorsement.chain(from: [first], endorsements) == [first, second])
        #expect(KeyEndorsement.chain(from: [second], endorsements) == [second])
        // The first checkpoint bears both, later ones the new one alone.
        let both = try #require(try await log.latestCheckpoint())
        for key in [first, second] { #expect(try Checkpoint(note: Array(both.utf8), verifiedBy: [key]).size == 2) }
        try await log.commit([draft("b")])
        #expect(try SignedNote(try await log.signCheckpoint()).signatures.map(\.keyID) == [second.keyID])
        #expect(try await log.check().checkpoint?.size == 3)
        #expect(try await start(keyring).signer.verifier == second)
        #expect(try await keyring.known().count == 2)
    }

    @Test func aCrashBeforeTheCommitLeavesTheOldKey() async throws {
        let first = try await start(keyring()).signer.verifier
        _ = try LogKey(random: SystemRandom()).load(path: path + ".next", origin: "test/log")
        #expect(try await start(keyring()).signer.verifier == first)
        #expect(!PlainFile.exists(path + ".next"))
        #expect(try await keyring().known().map(\.cause) == [.first])
    }

    @Test func aCrashAfterTheCommitIsBroughtToItsEnd() async throws {
        let log = try await start(keyring())
        let old = try Data(contentsOf: URL(filePath: path))
        let second = try await keyring().rotate(log, change)
        // As it was before the file took its place.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".next")
        try old.write(to: URL(filePath: path))
        #expect(chmod(path, 0o600) == 0)
        #expect(try await start(keyring()).signer.verifier == second)
        #expect(try await keyring().known().map(\.cause) == [.first, .rotated])
    }

    @Test func aKeyWhoseFileWasLostIsVouchedForByNobody() async throws {
        let first = try await start(keyring()).signer.verifier
        try FileManager.default.removeItem(atPath: path)
        let log = try await start(keyring())
        #expect(log.signer.verifier != first)
        #expect(try await keyring().known().map(\.cause) == [.first, .replaced])
        #expect(try await keyring().known().last?.endorsement == nil)
        #expect(try await log.all(.auditKeyChanged).count == 1)
        #expect(try await log.check().head.size == 1)
    }

    @Test func anotherNameKeepsTheKeyAndTheOldNameVouches() async throws {
        let first = try await start(keyring()).signer.verifier
        let log = try await start(keyring("other/log"))
        #expect(log.signer.name == "other/log")
        let keys = try await keyring("other/log").known()
        #expect(keys.map(\.cause) == [.first, .renamed])
        #expect(KeyEndorsement.chain(from: [first], keys.compactMap(\.endorsement)) == [first, log.signer.verifier])
    }

    @Test func aLogThatBeginsAnewHasAnotherNameUntilTheConfigurationSaysSo() async throws {
        let (keyring, log) = (keyring(), try await start(keyring()))
        let first = log.signer.verifier
        try await log.commit([draft("a"), draft("b")])
        var found = TraceDraft(.auditRolledBack, .failed, at: StoppedClock().now())
        found.detail = ["anchor": "vault", "first": 1, "last": 8]
        try await keyring.beginAnew(log, suffix: "T", found)
        #expect(log.signer.name == "test/log#T")
        let keys = try await keyring.known()
        #expect(keys.last?.cause == .rolledBack && keys.last?.endorsement == nil)
        #expect(KeyEndorsement.chain(from: [first], keys.compactMap(\.endorsement)) == [first])
        let told = try #require(try await keyring.rollback())
        #expect(told["first"] == 1 && told["origin"] == "test/log#T" && told["anchor"] == "vault")
        // A change of keys keeps the name and the warning.
        _ = try await keyring.rotate(log, change)
        #expect(log.signer.name == "test/log#T")
        #expect(try await keyring.rollback()?["last"] == 8)
        #expect(try await start(keyring).signer.name == "test/log#T")
        let settled = self.keyring("test/log#T")
        #expect(try await start(settled).signer.name == "test/log#T")
        #expect(try await settled.rollback() == nil)
    }
}
