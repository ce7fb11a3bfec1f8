import Foundation
import Primitives
import Testing

struct PlainFileTests {
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "plain-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    @Test func replacedFileIsWholeAndNothingElseIsLeft() throws {
        let path = "\(folder)/a"
        for content in ["first", "second, longer"] {
            try PlainFile.replace(path, Array(content.utf8), mode: 0o644)
            #expect(try PlainFile.contents(path, limit: 100) == Array(content.utf8))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        #expect(
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o644)
    }

    @Test func whatCannotBeReplacedIsLeftAsItWas() throws {
        try FileManager.default.createDirectory(
            atPath: "\(folder)/b/c", withIntermediateDirectories: true)
        #expect(throws: FileError.self) { try PlainFile.replace("\(folder)/b", [1]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["b"])
    }

    @Test func contentBeyondTheLimitIsAnError() throws {
        try PlainFile.create("\(folder)/d", [1, 2, 3])
        #expect(try PlainFile.contents("\(folder)/d", limit: 3) == [1, 2, 3])
        #expect(throws: FileError("\(folder)/d", EFBIG)) {
            try PlainFile.contents("\(folder)/d", limit: 2)
        }
    }

    @Test func linkIsFollowedOnlyWhereItMayBe() throws {
        try PlainFile.create("\(folder)/e", [1])
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder)/f", withDestinationPath: "\(folder)/e")
        #expect(try PlainFile.contents("\(folder)/f", limit: 3) == [1])
        #expect(throws: FileError("\(folder)/f", ELOOP)) {
            try PlainFile.contents("\(folder)/f", limit: 3, followsLinks: false)
        }
    }

    @Test func changedFileIsAnother() throws {
        let path = "\(folder)/g"
        #expect(FileIdentity(path: path) == nil)
        try PlainFile.create(path, [1])
        let before = FileIdentity(path: path)
        #expect(before != nil && before == FileIdentity(path: path))
        try PlainFile.replace(path, [2])
        #expect(FileIdentity(path: path) != before)
    }
}
