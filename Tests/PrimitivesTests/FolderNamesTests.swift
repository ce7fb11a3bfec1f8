import Foundation
import Primitives
import Testing

final class FolderNamesTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/names-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    @Test func namesAreSortedAndHiddenOnesLeftOut() throws {
        for name in ["b", "a", ".hidden", "c"] { try PlainFile.replace("\(folder)/\(name)", []) }
        #expect(try FolderNames.all(in: folder) == ["a", "b", "c"])
    }

    @Test func oneWithTooManyIsAnError() throws {
        for name in ["a", "b", "c"] { try PlainFile.replace("\(folder)/\(name)", []) }
        #expect(try FolderNames.all(in: folder, limit: 3).count == 3)
        #expect(throws: FileError(folder, EFBIG)) { try FolderNames.all(in: self.folder, limit: 2) }
    }

    @Test func oneThatIsNotThereIsAnError() {
        #expect(throws: FileError("\(folder)/none", ENOENT)) { try FolderNames.all(in: "\(self.folder)/none") }
    }
}
