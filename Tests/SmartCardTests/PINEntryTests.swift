import Primitives
import SmartCard
import Testing

struct PINEntryTests {
    /// PC/SC part 10 v2.02.09 §2.5.2, field by field, on a machine that writes its lowest byte first.
    @Test func theStructureIsTheStandards() throws {
        let entry = try #require(
            PINEntry(header: [0x00, 0x20, 0x00, 0x05], minimumLength: 4, maximumLength: 8, blockLength: 8, padding: 0xFF))
        let fields = [
            "1E", "1E",  // half a minute for the first key, half for the others
            "82", "08", "00",  // ASCII from the left in a block of 8 bytes, no length of it
            "0804", "02", "01", "0C04", "00", "000000",  // 4 to 8 digits, validation key, one message, French
            "0D000000", "0020000508FFFFFFFFFFFFFFFF",
        ]
        #expect(Hex.encode(entry.structure, uppercase: true) == fields.joined())
    }

    @Test func thePINIsNoLongerThanItsBlock() {
        let entry = PINEntry(header: [0x00, 0x20, 0x00, 0x05], minimumLength: 4, maximumLength: 12, blockLength: 8, padding: 0xFF)
        #expect(entry?.maximumLength == 8)
    }

    @Test(arguments: [(4, 8, 16), (4, 8, 0), (0, 8, 8), (9, 12, 8), (4, 3, 8), (4, 8, -1), (-1, 8, 8), (4, 300, 300)])
    func whatNoReaderCanBuildIsNoEntry(minimum: Int, maximum: Int, block: Int) {
        #expect(
            PINEntry(header: [0, 0x20, 0, 1], minimumLength: minimum, maximumLength: maximum, blockLength: block, padding: 0xFF) == nil)
    }
}
