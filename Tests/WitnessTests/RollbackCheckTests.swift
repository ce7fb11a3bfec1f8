import Audit
import Foundation
import Primitives
import Testing
import Witness

/// A log against what an anchor has of it.
struct RollbackCheckTests {
    private let signer: NoteSigner
    private let stranger: NoteSigner

    init() throws {
        signer = try NoteSigner(name: "log", seed: [UInt8](repeating: 1, count: 32))
        stranger = try NoteSigner(name: "log", seed: [UInt8](repeating: 2, count: 32))
    }

    /// The root of a log at a size; another log has others.
    private static func root(_ size: UInt64, _ log: UInt8 = 0) -> MerkleHash { .leaf([UInt8(truncatingIfNeeded: size), log]) }

    private func kept(_ checkpoints: [(size: UInt64, log: UInt8)], by signer: NoteSigner, also: String = "") throws -> KeptCheckpoints {
        let path = FileManager.default.temporaryDirectory.appending(path: "kept-\(UUID().uuidString)").path()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let notes = try checkpoints.map {
            try signer.note(Checkpoint(origin: signer.name, size: $0.size, root: Self.root($0.size, $0.log)))
        }
        try Data((notes.joined(separator: "\n") + also).utf8).write(to: URL(filePath: path))
        return try KeptCheckpoints(path: path, keys: [self.signer.verifier])
    }

    /// A log that has been log 1 from trace `change` on.
    private func check(size: UInt64, change: UInt64 = .max) -> RollbackCheck {
        RollbackCheck(origin: "log", size: size) { $0 > size ? nil : Self.root($0, $0 > change ? 1 : 0) }
    }

    @Test func aLogThatOnlyGrewIsSound() async throws {
        let kept = try kept([(2, 0), (5, 0), (9, 0)], by: signer)
        #expect(try await check(size: 9).compare(kept, of: "a") == nil)
        #expect(try await check(size: 20).compare(kept, of: "a") == nil)
    }

    @Test(arguments: [(6, 6...8), (5, 5...8), (0, 0...8)] as [(UInt64, ClosedRange<UInt64>)])
    func aLogThatIsCutShortLacksItsEnd(size: UInt64, range: ClosedRange<UInt64>) async throws {
        let found = try await check(size: size).compare(try kept([(2, 0), (5, 0), (9, 0)], by: signer), of: "vault")
        #expect(found?.range == range && found?.anchor == "vault" && found?.checkpoint.size == 9 && found?.isSigned == true)
    }

    @Test(arguments: [(20, 6, 5...8), (9, 3, 2...8), (9, 0, 0...8), (7, 3, 2...8)] as [(UInt64, UInt64, ClosedRange<UInt64>)])
    func aLogThatWasRewrittenIsFoundFromTheLastThatAgrees(size: UInt64, change: UInt64, range: ClosedRange<UInt64>) async throws {
        let found = try await check(size: size, change: change).compare(try kept([(2, 0), (5, 0), (9, 0)], by: signer), of: "vault")
        #expect(found?.range == range)
    }

    @Test func checkpointsOfAnotherNameAreOfAnotherLog() async throws {
        let former = try NoteSigner(name: "log#1", seed: [UInt8](repeating: 1, count: 32))
        let other = try former.note(Checkpoint(origin: "log#1", size: 99, root: Self.root(99, 1)))
        #expect(try await check(size: 9).compare(try kept([(9, 0)], by: signer, also: "\n" + other), of: "a") == nil)
    }

    @Test func aLogWhoseKeysAreNotThoseThatSignedIsReplaced() async throws {
        let found = try await check(size: 3).compare(try kept([(2, 0), (9, 0)], by: stranger), of: "a")
        #expect(found?.range == 0...8 && found?.isSigned == false)
        // Of a key that came later and was lost with what it signed.
        let note = try stranger.note(Checkpoint(origin: "log", size: 9, root: Self.root(9)))
        #expect(try await check(size: 3).compare(try kept([(2, 0)], by: signer, also: "\n" + note), of: "a")?.range == 2...8)
        // What agrees harms nobody, whoever signed it.
        #expect(try await check(size: 9).compare(try kept([(2, 0)], by: signer, also: "\n" + note), of: "a") == nil)
    }
}
