import Foundation
import KeyFiles
import Primitives
import Testing

final class KeyFilesTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/key-files-\(UUID().uuidString)"
    private var path: String { "\(folder)/log.key" }
    private let key = Array("a key\n".utf8)

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func seal(_ byte: UInt8 = 7) throws -> KeySeal { try #require(KeySeal([UInt8](repeating: byte, count: KeySeal.length))) }

    private func written(_ name: String = "log.key") throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }

    @Test func withoutASealAFileHoldsItsKeyForItsOwnerAlone() throws {
        try KeyFiles().replace(path, key)
        #expect(try written() == "a key\n")
        #expect(try PlainFile.reading(path).isPrivate())
        #expect(try KeyFiles().contents(path) == key)
    }

    @Test func withASealAFileShowsNothingOfItsKey() throws {
        let files = KeyFiles(seal: try seal())
        try files.replace(path, key)
        #expect(try written().hasPrefix("cps-agent-sealed-1 "))
        #expect(try !written().contains("a key"))
        #expect(try PlainFile.reading(path).isPrivate())
        #expect(try files.contents(path) == key)
    }

    @Test func theSameKeyIsNeverSealedTheSameWay() throws {
        let files = KeyFiles(seal: try seal())
        try files.replace(path, key)
        let before = try written()
        try files.replace(path, key)
        #expect(try written() != before)
    }

    @Test func aSealedFileIsNotReadWithoutASeal() throws {
        try KeyFiles(seal: seal()).replace(path, key)
        #expect(throws: KeyFileError.sealed(path: path)) { try KeyFiles().contents(path) }
    }

    @Test func aSealedFileIsNotReadWithAnotherSeal() throws {
        try KeyFiles(seal: seal()).replace(path, key)
        #expect(throws: KeyFileError.unopenable(path: path)) { try KeyFiles(seal: seal(8)).contents(path) }
    }

    @Test(arguments: ["cps-agent-sealed-1 \n", "cps-agent-sealed-1 AAAA\n", "cps-agent-sealed-1 not base64\n", "cps-agent-sealed-1 "])
    func aDamagedFileIsToldAndKept(content: String) throws {
        try PlainFile.replace(path, Array(content.utf8))
        #expect(throws: KeyFileError.unopenable(path: path)) { try KeyFiles(seal: seal()).contents(path) }
        #expect(try written() == content)
    }

    @Test(arguments: [19, 40, 60]) func aChangedByteIsFound(place: Int) throws {
        try KeyFiles(seal: seal()).replace(path, key)
        var bytes = Array(try written().utf8)
        bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        try PlainFile.replace(path, bytes)
        #expect(throws: KeyFileError.unopenable(path: path)) { try KeyFiles(seal: seal()).contents(path) }
    }

    @Test func aFileThatOthersMayReadIsRefused() throws {
        try KeyFiles(seal: seal()).replace(path, key)
        #expect(chmod(path, 0o640) == 0)
        #expect(throws: KeyFileError.exposed(path: path)) { try KeyFiles(seal: seal()).contents(path) }
    }

    @Test func linksAndLongFilesAreRefused() throws {
        try KeyFiles().replace(path, key)
        let link = "\(folder)/link.key"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        #expect(throws: KeyFileError.file(FileError(link, ELOOP))) { try KeyFiles().contents(link) }
        try PlainFile.replace(path, [UInt8](repeating: 0x30, count: 100_000))
        #expect(throws: KeyFileError.file(FileError(path, EFBIG))) { try KeyFiles().contents(path) }
        #expect(throws: KeyFileError.file(FileError("\(folder)/none", ENOENT))) { try KeyFiles().contents("\(folder)/none") }
    }

    @Test func whatWasWrittenBeforeThereWasASealIsSealedOnce() throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/tokens", withIntermediateDirectories: true)
        let names = ["log.key", "log.key.next", "mobile.key", "pepper", "tokens/1-a.pem"]
        for name in names + ["host", "tokens/notes.txt"] { try KeyFiles().replace("\(folder)/\(name)", key) }
        let files = KeyFiles(seal: try seal())
        #expect(try files.sealAll(in: folder) == names.count)
        #expect(try files.sealAll(in: folder) == 0)
        for name in names {
            #expect(try written(name).hasPrefix("cps-agent-sealed-1 "))
            #expect(try files.contents("\(folder)/\(name)") == key)
        }
        for name in ["host", "tokens/notes.txt"] { #expect(try written(name) == "a key\n") }
    }

    @Test func withoutASealNothingIsSealed() throws {
        try KeyFiles().replace(path, key)
        #expect(try KeyFiles().sealAll(in: folder) == 0)
        #expect(try written() == "a key\n")
    }

    @Test func aKeyThatOthersMayReadIsNotSealedOver() throws {
        try KeyFiles().replace(path, key)
        #expect(chmod(path, 0o644) == 0)
        #expect(throws: KeyFileError.exposed(path: path)) { try KeyFiles(seal: seal()).sealAll(in: folder) }
    }
}
