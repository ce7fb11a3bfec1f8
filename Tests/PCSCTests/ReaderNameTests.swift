import Testing

@testable import PCSC

struct ReaderNameTests {
    private func bytes(_ text: String) -> [UInt8] { ReaderName.bytes(text).map { UInt8(bitPattern: $0) } }

    @Test(
        arguments: [
            Array("Reader 00 00".utf8), Array("Lecteur santé 00 00".utf8), [0x4C, 0xE9, 0x20, 0xFF, 0x80], [0xC3], [], [0x01, 0x1B, 0x5B],
        ] as [[UInt8]])
    func theServiceGetsTheBytesItGave(name: [UInt8]) {
        #expect(bytes(ReaderName.text(name)) == name + [0])
    }

    @Test func differentNamesStayDifferent() {
        #expect(ReaderName.text([0x4C, 0xE9]) != ReaderName.text([0x4C, 0xE8]))
        #expect(ReaderName.text([0x4C, 0xC3, 0xA9]) == "Lé")
    }
}
