import Foundation
import Primitives
import Testing
import VirtualCard

struct CardFolderTests {
    private let path = NSTemporaryDirectory() + "card-\(UUID().uuidString)"

    private func made(_ generation: CardGeneration = .cps3) throws -> CardFolder {
        let folder = CardFolder(path)
        try folder.create(TestCard.description(generation), keys: TestCard(generation).keys)
        return folder
    }

    private func remove() { try? FileManager.default.removeItem(atPath: path) }

    @Test func countersOutliveTheCard() throws {
        defer { remove() }
        _ = try made()
        let first = try VirtualCard(folder: path)
        first.powerOn()
        let wrong: [UInt8] = [0x00, 0x20, 0x00, 0x01, 0x08, 0x39, 0x39, 0x39, 0x39, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(first.transmit(wrong) == [0x63, 0xC2])
        let second = try VirtualCard(folder: path)
        #expect(second.description.pin.triesLeft == 2)
        #expect(second.description == first.description)
    }

    @Test func aCounterThatCannotBeStoredIsAMemoryFailure() throws {
        defer { remove() }
        _ = try made()
        let card = try VirtualCard(folder: path)
        card.powerOn()
        remove()
        let right: [UInt8] = [0x00, 0x20, 0x00, 0x01, 0x08, 0x31, 0x32, 0x33, 0x34, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(card.transmit(right) == [0x65, 0x81])
        #expect(card.transmit([0x00, 0x20, 0x00, 0x01]) == [0x63, 0xC3])
    }

    @Test func aFolderThatIsNotThereIsRefused() {
        #expect(throws: CardFolderError.file(path: "\(path)/card.json", reason: "No such file or directory")) {
            try VirtualCard(folder: path)
        }
    }

    @Test(arguments: [
        ("12345678", "1234567"), ("\"tries_left\":3", "\"tries_left\":4"), ("cps3", "cps9"), ("\"1234\"", "\"12a4\""),
        ("{", ""), ("\"situations\":[]", "\"situations\":1"),
    ])
    func aDescriptionThatNoCardHasIsRefused(old: String, new: String) throws {
        defer { remove() }
        _ = try made()
        let file = "\(path)/card.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try text.replacingOccurrences(of: old, with: new).write(toFile: file, atomically: true, encoding: .utf8)
        #expect(throws: CardFolderError.malformed(path: file)) { try VirtualCard(folder: path) }
    }

    @Test func aKeyThatIsNoKeyIsRefused() throws {
        defer { remove() }
        _ = try made()
        try "nothing".write(toFile: "\(path)/signature.key.pem", atomically: true, encoding: .utf8)
        #expect(throws: CardFolderError.malformed(path: path)) { try VirtualCard(folder: path) }
    }

    @Test func filesAreForTheirOwnerOnly() throws {
        defer { remove() }
        _ = try made()
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/authentication.key.pem")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
}
