import Primitives
import SmartCard
import Testing
import VirtualCard

struct CPS3FileTests {
    @Test(arguments: [
        // Real traces of a CPS3, and the reactions reported with them.
        ("00 A4 09 04 04 3F00D003", "6127"),
        ("00 A4 09 0C 02 3F00", "9000"),
        ("00 A4 00 0C 02 3F00", "9000"),
        ("00 A4 09 04 02 3F00", "9000"),
        ("00 A4 04 00 08 80250000 01FF0100", "9000"),
        ("00 A4 04 0C 08 80250000 01FF0100", "9000"),
        ("00 A4 04 0C 0D E828BD080F8025000001FF0010", "9000"),
        ("00 A4 04 00 0D E828BD080F8025000001FF0010", "6A86"),
        ("00 A4 02 00 02 2F00", "6A86"),
        ("00 A4 04 0C 0D E828BD080F8025000001FF0020", "6A82"),
        ("00 A4 09 04 02 2F00", "6127"),
        ("00 A4 09 04 04 3F00D010", "6A82"),
        ("00 A4 09 0C 04 3F000001", "9000"),
        ("00 A4 09 0C 03 3F0000", "6A82"),
        ("00 A4 09 04 04 3F00D003 00", "6700"),
        ("00 C0 00 00 10", "6985"),
        ("00 F0 00 00 00", "6D00"),
        ("01 A4 00 0C 02 3F00", "6E00"),
        ("00 A4", "6700"),
        ("00 A4 00 0C 05 3F00", "6700"),
    ])
    func selectAnswersAsTheRealCard(command: String, answer: String) throws {
        #expect(try TestCard(.cps3).send(command) == answer)
    }

    @Test(arguments: [
        ("3F00D003", "62258002000C8201018302D0038801E0A1128C077BFFFFFFFFFF009C077BFFFFFFFFFF008A0105"),
        ("3F002F00", "6225800200658201018302 2F008801F0A1128C077B45FFFFFF45009C077BFFFFFFFFFF008A0105"),
        ("3F002F01", "6225800200398201018302 2F018801E8A1128C077B45FFFFFF45009C077BFFFFFFFFFF008A0105"),
    ])
    func controlTemplatesAreThoseOfTheRealCard(path: String, template: String) throws {
        let card = try TestCard(.cps3)
        #expect(card.fetch(card.send("00 A4 09 04 04 \(path)")) == Hex.decode(template))
    }

    @Test func serialNumberEndsWithItsCheckDigit() throws {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 04 3F00D003")
        #expect(card.send("00 B0 00 00 0C") == "5A0A802500000112345678" + "9F9000")
    }

    @Test func aWrongLengthIsAnsweredWithTheRightOne() throws {
        let card = try TestCard(.cps3)
        #expect(card.send("00 B0 9C 00 C0") == "6C0C")
        #expect(card.send("00 B0 9C 00 0C").hasSuffix("9F9000"))
        #expect(card.send("00 B0 9C 0C 01") == "6B00")
        #expect(card.send("00 B0 83 00 01") == "6A82")
    }

    @Test func directoryFileNamesTheContactlessApplicationFirst() throws {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 04 3F002F00")
        let records = try TLV.parse(Hex.decode(card.send("00 B0 00 00 65"))?.dropLast(2) ?? [])
        #expect(records.map { $0.child(0x4F)?.value.last } == [0x20, 0x10])
        #expect(records.map { $0.child(0x51)?.value } == [[0x3F, 0x00, 0x00, 0x02], [0x3F, 0x00, 0x00, 0x01]])
        #expect(records.map { $0.child(0x73)?.child(0x4F)?.value.last } == [0x10, 0x10])
    }

    @Test func shortPathsNeedTheMasterFile() throws {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 04 3F000001")
        #expect(card.send("00 A4 09 04 02 2F00") == "6A82")
        #expect(card.send("00 A4 02 0C 02 5031") == "9000")
        #expect(card.send("00 A4 03 0C") == "9000")
        #expect(card.send("00 A4 09 0C 02 2F00") == "9000")
    }

    @Test func authenticationDirectoryIsTheRealOne() throws {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 06 3F0000017001")
        let content = card.send("00 B0 00 00 BD")
        #expect(content.hasPrefix("3061303F0C1C") && content.hasSuffix("8001029000"))
        #expect(content.contains("0301080401023019") && content.contains("0303040C10"))
        #expect(content.count == 2 * 191)
    }

    @Test func certificatesAreReadInPieces() throws {
        let card = try TestCard(.cps3)
        let expected = TestCard.certificate(.authentication)
        let control = card.fetch(card.send("00 A4 09 04 06 3F000001A002")) ?? []
        #expect(try TLV.parse(control).first?.child(0x80)?.value == [UInt8(expected.count >> 8), UInt8(expected.count & 0xFF)])
        var read: [UInt8] = []
        while read.count < expected.count {
            let wanted = min(0xE7, expected.count - read.count)
            let answer = card.send("00 B0 \(Hex.encode([UInt8(read.count >> 8), UInt8(read.count & 0xFF), UInt8(wanted)]))")
            let bytes = Hex.decode(answer) ?? []
            try #require(bytes.count == wanted + 2)
            read += bytes.dropLast(2)
        }
        #expect(read == expected)
    }

    @Test func nothingIsReadBeforeAFileIsSelected() throws {
        let card = try TestCard(.cps3)
        #expect(card.send("00 B0 00 00 10") == "6986")
    }

    @Test func situationsNeedThePIN() throws {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 06 3F000001D120")
        #expect(card.send("00 B0 00 00 04") == "6982")
        #expect(card.send("00 20 00 01 08 31323334FFFFFFFF") == "9000")
        #expect(card.send("00 B0 00 00 04").hasSuffix("9000"))
    }

    @Test func onlyTheFreeDataIsWritableAndOnlyWithThePIN() throws {
        let card = try TestCard(.cps3)
        _ = card.send("00 A4 09 0C 06 3F000001D107")
        #expect(card.send("00 D6 00 00 02 CAFE") == "6982")
        _ = card.send("00 20 00 01 08 31323334FFFFFFFF")
        #expect(card.send("00 D6 00 02 02 CAFE") == "9000")
        #expect(card.send("00 B0 00 00 04") == "0000CAFE9000")
        #expect(card.send("00 D6 00 3F 02 CAFE") == "6B00")
        _ = card.send("00 A4 09 0C 06 3F000001D101")
        #expect(card.send("00 D6 00 00 02 CAFE") == "6982")
    }
}
