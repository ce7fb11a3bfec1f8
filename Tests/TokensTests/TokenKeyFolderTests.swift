import Foundation
import KeyFiles
import Primitives
import Testing
import Tokens

struct TokenKeyFolderTests {
    /// A fresh folder that is removed afterwards.
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cps-agent-keys-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test(arguments: TokenAlgorithm.allCases)
    func keysAreKeptInPrivateFiles(algorithm: TokenAlgorithm) async throws {
        try await withFolder { folder in
            let signer = try await TokenSigner(storage: TokenKeyFolder(folder), algorithm: algorithm, now: Sample.now)
            let name = "\(Sample.now.milliseconds)-\(signer.currentKeyID).pem"
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [name])
            #expect(try mode(folder) == 0o700)
            #expect(try mode("\(folder)/\(name)") == 0o600)
            let again = try await TokenSigner(storage: TokenKeyFolder(folder), algorithm: algorithm, now: Sample.now)
            #expect(again.currentKeyID == signer.currentKeyID)
            #expect(again.currentKeyCreatedAt == Sample.now)
        }
    }

    @Test func outlivedKeysLeaveTheFolder() async throws {
        try await withFolder { folder in
            let signer = try await TokenSigner(storage: TokenKeyFolder(folder), now: Sample.now)
            try await signer.rotate(now: Sample.now.advanced(bySeconds: 10))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
            try signer.dropOutlived(now: Sample.now.advanced(bySeconds: 2000))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
        }
    }

    @Test func exposedFileOrFolderIsRefused() async throws {
        try await withFolder { folder in
            _ = try await TokenSigner(storage: TokenKeyFolder(folder), now: Sample.now)
            let file = try folder + "/" + #require(FileManager.default.contentsOfDirectory(atPath: folder).first)
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
            #expect(throws: TokenKeyError.file(.exposed(path: file))) { try TokenKeyFolder(folder).load() }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
            #expect(throws: TokenKeyError.file(.exposed(path: folder))) { try TokenKeyFolder(folder).load() }
        }
    }

    @Test func strayKeyFileIsRefusedAndOtherFilesAreLeftAlone() async throws {
        try await withFolder { folder in
            _ = try await TokenSigner(storage: TokenKeyFolder(folder), now: Sample.now)
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/notes.txt"))
            #expect(try TokenKeyFolder(folder).load().count == 1)
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(folder)/mine.pem"))
            #expect(throws: TokenKeyError.corrupt(kid: "mine.pem")) { try TokenKeyFolder(folder).load() }
        }
    }

    @Test func folderThatCannotBeMadeIsAnError() {
        let key = StoredTokenKey(kid: "k", createdAt: Sample.now, pem: "p")
        #expect(throws: TokenKeyError.file(.file(FileError("/nonexistent/keys", FileError.absent)))) {
            try TokenKeyFolder("/nonexistent/keys").save(key)
        }
    }
}
