import Foundation
import KeyFiles
import MobileSessions
import Primitives
import TestSupport
import Testing

final class RefreshKeyTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "refresh-\(UUID().uuidString)")
    private var path: String { folder.appending(path: "mobile.key").path() }

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    @Test func keyIsMadeOnceAndForItsOwnerAlone() throws {
        _ = try RefreshKey(RefreshKeyFile(path), random: SystemRandom())
        let made = try #require(try RefreshKeyFile(path).load())
        _ = try RefreshKey(RefreshKeyFile(path), random: SystemRandom())
        #expect(try RefreshKeyFile(path).load() == made && made.count == RefreshKey.length)
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func keyThatOthersMayReadIsRefused() throws {
        _ = try RefreshKey(RefreshKeyFile(path), random: SystemRandom())
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(throws: RefreshKey.Problem.file(.exposed(path: path))) { try RefreshKey(RefreshKeyFile(path), random: SystemRandom()) }
    }

    @Test(arguments: ["", "00\n", "zz\n", String(repeating: "00", count: 32), String(repeating: "00", count: 33) + "\n"])
    func damagedKeyIsRefused(_ content: String) throws {
        #expect(FileManager.default.createFile(atPath: path, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600]))
        #expect(throws: RefreshKey.Problem.damaged(path: path)) { try RefreshKey(RefreshKeyFile(path), random: SystemRandom()) }
    }
}
