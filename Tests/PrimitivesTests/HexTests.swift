import Primitives
import Testing

struct HexTests {
    @Test(
        arguments: [
            ([], "", ""), ([0x00], "00", "00"), ([0x0F, 0xF0], "0ff0", "0FF0"), ([0x5A, 0x0A, 0xBC, 0xDE], "5a0abcde", "5A0ABCDE"),
        ] as [([UInt8], String, String)])
    func bytesAreWrittenTwoDigitsEach(bytes: [UInt8], lower: String, upper: String) {
        #expect(Hex.encode(bytes) == lower)
        #expect(Hex.encode(bytes, uppercase: true) == upper)
    }

    @Test func everyByteComesBack() {
        let all = Array(UInt8.min...UInt8.max)
        #expect(Hex.decode(Hex.encode(all)) == all)
        #expect(Hex.decode(Hex.encode(all, uppercase: true)) == all)
    }

    @Test(arguments: ["00 A4\n04\t0C", "00A4040C", "0 0A4040C "])
    func blanksAreSkipped(text: String) {
        #expect(Hex.decode(text) == [0x00, 0xA4, 0x04, 0x0C])
    }

    @Test(arguments: ["0", "000", "0g", "0x00", "00:11", "é0", "00\r", "٣٣"])
    func otherTextIsRefused(text: String) {
        #expect(Hex.decode(text) == nil)
    }
}
