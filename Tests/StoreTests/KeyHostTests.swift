import Foundation
import Primitives
import Store
import Testing

/// Keys stay on the machine that made them.
struct KeyHostTests {
    private let folder: Folder
    private let here = String(repeating: "0123456789abcdef", count: 2)
    private let elsewhere = String(repeating: "f", count: 32)

    init() throws { folder = try Folder() }

    private var note: String { folder.path + "/host" }

    private func failure(_ machine: String?, isReadOnly: Bool = false) -> StoreError? {
        do {
            try KeyHost.settle(folder.path, machine: machine, isReadOnly: isReadOnly)
            return nil
        } catch {
            return error
        }
    }

    @Test func keysAreForTheMachineThatUsedThemFirst() throws {
        for _ in 0..<2 { #expect(failure(here) == nil) }
        #expect(try folder.mode("host") == 0o600)
        #expect(failure(elsewhere) == .keysOfAnotherMachine(path: note))
        #expect(failure(here) == nil, "a refusal changes nothing")
    }

    @Test func theNumberOfTheMachineIsNotWrittenDown() throws {
        #expect(failure(here) == nil)
        let text = try String(contentsOfFile: note, encoding: .utf8)
        #expect(!text.contains(here) && text.count < 60)
    }

    @Test func whoRemovesTheNoteKeepsTheKeys() throws {
        #expect(failure(here) == nil)
        try FileManager.default.removeItem(atPath: note)
        #expect(failure(elsewhere) == nil)
        #expect(failure(here) == .keysOfAnotherMachine(path: note))
    }

    @Test func withoutANumberNothingIsCompared() throws {
        #expect(failure(nil) == nil && !FileManager.default.fileExists(atPath: note))
        #expect(failure(here) == nil && failure(nil) == nil)
    }

    @Test func aFolderThatTakesNoWritesGoesWithoutANote() throws {
        #expect(failure(here, isReadOnly: true) == nil && !FileManager.default.fileExists(atPath: note))
    }

    @Test(arguments: ["", "\n", String(repeating: "x", count: 200)])
    func aNoteThatWasChangedIsNoNoteOfThisMachine(_ text: String) throws {
        try text.write(toFile: note, atomically: true, encoding: .utf8)
        let found = failure(here)
        #expect(found == .keysOfAnotherMachine(path: note) || found == .file(FileError(note, EFBIG)))
    }

    @Test(arguments: [
        ("0123456789abcdef0123456789abcdef\n", true), ("0123456789abcdef0123456789abcdef", true), ("", false), ("uninitialized\n", false),
        ("0123456789ABCDEF0123456789ABCDEF\n", false), ("0123456789abcdef0123456789abcde\n", false),
    ])
    func aNumberIsThirtyTwoDigits(_ text: String, _ isNumber: Bool) throws {
        let path = folder.path + "/machine-id"
        #expect(try KeyHost.machine(path) == nil)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect((try KeyHost.machine(path) != nil) == isNumber)
    }
}
