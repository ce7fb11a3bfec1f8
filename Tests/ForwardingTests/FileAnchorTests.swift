import Audit
import Forwarding
import Foundation
import Primitives
import Testing

/// A mount of another machine, and what is kept on it.
final class FileAnchorTests: Sendable {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "anchor-\(UUID().uuidString)").path()
    private let signer: NoteSigner

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        signer = try NoteSigner(name: "log", seed: [UInt8](repeating: 1, count: 32))
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private var path: String { folder + "/kept" }
    private var anchor: FileAnchor { FileAnchor(name: "vault", path: path) }

    private func note(_ size: UInt64, by signer: NoteSigner? = nil) throws -> String {
        let signer = signer ?? self.signer
        return try signer.note(Checkpoint(origin: signer.name, size: size, root: .leaf([UInt8(truncatingIfNeeded: size)])))
    }

    private func append(_ text: String) throws {
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seekToEnd()
        try file.write(contentsOf: Data(text.utf8))
    }

    @Test func whatIsKeptIsReadBack() async throws {
        #expect(try await anchor.kept(signedBy: [signer.verifier]) == nil)
        try await anchor.keep([try note(2), try note(5)])
        try await anchor.keep([try note(5), try note(9)])
        let kept = try #require(try await anchor.kept(signedBy: [signer.verifier]))
        #expect(kept.checkpoints.map(\.size) == [2, 5, 5, 9])
        #expect(kept.newest == (try note(9)))
    }

    @Test(arguments: [
        "log\n1", "log\n12\n", "log\n12\nAAAA", "log\n12\nAAAA\n\n", "log\n12\nAAAA\n\n\u{2014} log AA", "\n\n\n", "x y\n",
    ])
    func whatACrashLeftBetweenIsPassedOver(rest: String) async throws {
        try await anchor.keep([try note(2)])
        try append(rest)
        try await anchor.keep([try note(5)])
        let kept = try #require(try await anchor.kept(signedBy: [signer.verifier]))
        #expect(kept.checkpoints.map(\.size) == [2, 5])
    }

    @Test func notesOfOtherKeysAreNotCounted() async throws {
        let other = try NoteSigner(name: "log", seed: [UInt8](repeating: 2, count: 32))
        try await anchor.keep([try note(7, by: other)])
        try await anchor.keep([try note(3)])
        let kept = try #require(try await anchor.kept(signedBy: [signer.verifier]))
        #expect(kept.checkpoints.map(\.size) == [3])
        #expect(kept.foreign.map(\.size) == [7])
    }

    @Test func aWrongSignatureAloneSaysSo() throws {
        try Data(try note(3).replacing("\n3\n", with: "\n4\n").utf8).write(to: URL(filePath: path))
        #expect(throws: BundleError.note(.badSignature(name: "log"))) { try KeptCheckpoints(path: path, keys: [signer.verifier]) }
    }

    @Test func aMountThatIsNotThereIsTold() async throws {
        let gone = FileAnchor(name: "vault", path: folder + "/no/kept")
        await #expect(throws: FetchFailure.notWritten("No such file or directory")) { try await gone.keep(["x"]) }
    }
}
