import Foundation
import Primitives
import Testing

final class CredentialFileTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/credentials-\(UUID().uuidString)"
    private var path: String { "\(folder)/key" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func isPrivate(_ mode: UInt32, from credentials: String?) throws -> Bool {
        try PlainFile.replace(path, [1], mode: mode)
        return try PlainFile.reading(path).isPrivate(orFrom: credentials)
    }

    @Test func aCredentialMayShowTheMaskOfItsAccessList() throws {
        #expect(try isPrivate(0o440, from: folder))
        #expect(try isPrivate(0o400, from: folder))
    }

    @Test func whatLiesElsewhereMayNot() throws {
        #expect(try !isPrivate(0o440, from: nil))
        #expect(try !isPrivate(0o440, from: "\(folder)/other"))
        #expect(try !isPrivate(0o440, from: String(folder.dropLast())))
        #expect(try isPrivate(0o400, from: nil))
    }

    @Test(arguments: [0o444, 0o420, 0o402]) func noCredentialIsForEverybodyOrWritableByOthers(mode: UInt32) throws {
        #expect(try !isPrivate(mode, from: folder))
    }
}
