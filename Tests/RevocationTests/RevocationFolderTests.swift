import Foundation
import Primitives
import Revocation
import Testing

struct RevocationFolderTests {
    private let made: Lists
    private let lists: RevocationLists
    private let kept: String

    init() throws {
        made = try Lists()
        lists = RevocationLists(made.trust)
        kept = "\(made.folder)/kept"
    }

    private func copies() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: kept).sorted() }

    @Test func acceptedListIsKeptAsItWasReadAndIsNoNewsAfterwards() async throws {
        let folder = RevocationFolder(lists, folder: made.folder, kept: kept)
        let path = try made.write(revoked: [[0x11, 0x20]])
        let outcomes = await folder.refresh(now: Lists.now)
        #expect(outcomes.map(\.file) == [path])
        #expect(outcomes.first?.notKept == nil)
        let copy = try #require(try copies().first)
        #expect(try copies() == [copy])
        #expect(try made.bytes("\(kept)/\(copy)") == made.bytes(path))
        #expect(await folder.refresh(now: Lists.now).isEmpty)
        let later = RevocationLists(made.trust)
        #expect(await RevocationFolder(later, folder: nil, kept: kept).refresh(now: Lists.now).map(\.file) == ["\(kept)/\(copy)"])
    }

    /// Nobody can make a file in `/proc`, root included.
    @Test func listThatCannotBeKeptIsInForceAndSaysSo() async throws {
        let folder = RevocationFolder(lists, folder: made.folder, kept: "/proc")
        _ = try made.write()
        let outcome = try #require(await folder.refresh(now: Lists.now).first)
        let accepted = try outcome.result.get()
        #expect(!accepted.isKnown)
        #expect(outcome.notKept != nil)
        #expect(lists.list(of: accepted.authority) != nil)
        #expect(await folder.refresh(now: Lists.now).isEmpty)
    }

    @Test func copyThatCouldNotBeMadeIsMadeAtTheNextLook() async throws {
        let folder = RevocationFolder(lists, folder: made.folder, kept: kept)
        let path = try made.write()
        try FileManager.default.createDirectory(atPath: "\(kept)/.incoming", withIntermediateDirectories: true)
        #expect(await folder.refresh(now: Lists.now).first?.notKept != nil)
        try FileManager.default.removeItem(atPath: "\(kept)/.incoming")
        #expect(await folder.refresh(now: Lists.now).isEmpty)
        let copy = try #require(try copies().first)
        #expect(try made.bytes("\(kept)/\(copy)") == made.bytes(path))
    }

    @Test func refusedListLeavesNoCopy() async throws {
        let folder = RevocationFolder(lists, folder: made.folder, kept: kept)
        _ = try made.write([0x30, 0x03, 0x02, 0x01])
        guard case .failure(.malformed)? = await folder.refresh(now: Lists.now).first?.result else {
            return #expect(Bool(false), "was taken in")
        }
        #expect(try copies().isEmpty)
    }

    @Test func foldersSetBackWhileTheAgentDidNotRunAreFoundOut() async throws {
        let old = try made.bytes(made.write(number: 4))
        let path = try made.write(number: 5)
        _ = await RevocationFolder(lists, folder: made.folder, kept: kept).refresh(now: Lists.now)
        try Data(old).write(to: URL(fileURLWithPath: path))
        let outcomes = await RevocationFolder(RevocationLists(made.trust), folder: made.folder, kept: kept).refresh(now: Lists.now)
        #expect(outcomes.contains { $0.file == path && $0.refusal == .rolledBack })
    }
}

extension RevocationFolder.Outcome {
    fileprivate var refusal: RevocationListError? { if case .failure(let error) = result { error } else { nil } }
}
