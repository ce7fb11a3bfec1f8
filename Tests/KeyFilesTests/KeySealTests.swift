import Foundation
import KeyFiles
import Primitives
import Testing

final class KeySealTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/key-seal-\(UUID().uuidString)"
    private var path: String { "\(folder)/\(KeySeal.credential)" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func given() throws -> KeySeal? { try KeySeal.given(in: folder) }

    private func write(_ count: Int, mode: UInt32 = 0o400) throws {
        try PlainFile.replace(path, [UInt8](repeating: 1, count: count), mode: mode)
    }

    @Test func aServiceWithoutCredentialsHasNone() throws { #expect(try KeySeal.given(in: nil) == nil) }

    @Test func otherCredentialsAreNoSeal() throws { #expect(try given() == nil) }

    // 0440: the list of who may read it shows so.
    @Test(arguments: [0o400, 0o600, 0o440]) func itIsReadAsSystemdGivesIt(mode: UInt32) throws {
        try write(32, mode: mode)
        let seal = try #require(try given())
        try KeyFiles(seal: seal).replace("\(folder)/x.key", [1, 2])
        #expect(try KeyFiles(seal: given()).contents("\(folder)/x.key") == [1, 2])
    }

    @Test(arguments: [0, 16, 31, 33, 100_000]) func anotherLengthIsRefused(count: Int) throws {
        try write(count)
        #expect(throws: KeyFileError.badSeal(path: path)) { _ = try self.given() }
    }

    @Test(arguments: [0o404, 0o420, 0o602]) func oneThatAnybodyMayReadOrWriteIsRefused(mode: UInt32) throws {
        try write(32, mode: mode)
        #expect(throws: KeyFileError.badSeal(path: path)) { _ = try self.given() }
    }

    @Test func aLinkIsRefused() throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/hostname")
        #expect(throws: KeyFileError.file(FileError(path, ELOOP))) { _ = try self.given() }
    }

    @Test func theErrorNamesTheRemedy() {
        for error in [KeyFileError.sealed(path: "/k"), .unopenable(path: "/k")] {
            #expect(error.description.contains("/etc/credstore.encrypted/cps-agent.keys"))
        }
    }
}
