import Primitives
import SmartCard
import Testing

struct TLVTests {
    private func parsed(_ hex: String) throws -> [TLV] { try TLV.parse(Hex.decode(hex) ?? []) }

    @Test(
        arguments: [
            ("", []), ("00", []), ("FF FF", []), ("80 00", [TLV(0x80, [])]),
            ("80 01 05 81 02 00 10", [TLV(0x80, [5]), TLV(0x81, [0, 16])]),
            ("7F41 01 AA", [TLV(0x7F41, [0xAA])]), ("BF8101 02 A080", [TLV(0xBF8101, [0xA0, 0x80])]),
            ("5F2D 02 6672", [TLV(0x5F2D, [0x66, 0x72])]),
            ("80 81 01 05", [TLV(0x80, [5])]), ("80 82 0001 05", [TLV(0x80, [5])]), ("80 01 05 00 00 81 01 06", [TLV(0x80, [5])]),
            ("80 01 05 FF 81 01 06", [TLV(0x80, [5])]),
        ] as [(String, [TLV])])
    func rowsAreRead(hex: String, objects: [TLV]) throws {
        #expect(try parsed(hex) == objects)
    }

    @Test(
        arguments: [
            ("80", .truncated), ("80 01", .truncated), ("80 02 05", .truncated), ("80 7F 05", .truncated), ("80 81", .truncated),
            ("80 82 01", .truncated), ("80 82 FFFF 05", .truncated), ("7F", .truncated), ("BF81", .truncated), ("BF8101", .truncated),
            ("80 01 05 81", .truncated), ("80 80 0000", .lengthTooLong), ("80 83 000001 05", .lengthTooLong),
            ("80 84 00000001 05", .lengthTooLong), ("80 FF", .lengthTooLong), ("BF818101 00", .tagTooLong),
            ("1F808080808001 00", .tagTooLong),
        ] as [(String, TLV.Malformed)])
    func brokenRowsAreRefused(hex: String, reason: TLV.Malformed) {
        #expect(throws: reason) { try parsed(hex) }
    }

    @Test func everyCutOfARealTemplateIsRefusedOrShorter() throws {
        let whole = Hex.decode("7016BF810112A0109A01039B0103A1088C06F3000013FF00") ?? []
        #expect(try TLV.parse(whole).first?.child(0xBF8101)?.child(0xA0)?.child(0x9B)?.value == [3])
        for count in 1..<whole.count {
            #expect(throws: TLV.Malformed.truncated) { try TLV.parse(whole.prefix(count)) }
        }
    }

    @Test func nestingIsReadOneLevelAtATime() throws {
        var nest: [UInt8] = []
        for _ in 0..<10_000 { nest = TLV(0x30, Array(nest.prefix(60_000))).bytes }
        let first = try #require(try TLV.parse(nest).first)
        #expect(first.tag == 0x30 && first.child(0x31) == nil)
    }

    @Test func aValueThatIsNoRowHasNoChildren() throws {
        let object = try #require(try parsed("30 03 03 02 08").first)
        #expect(object.child(0x03) == nil)
        #expect(throws: TLV.Malformed.truncated) { try object.children() }
    }

    @Test(arguments: [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0xFFFF])
    func whatIsWrittenReadsBack(count: Int) throws {
        for tag: UInt32 in [0x04, 0x7F41, 0xBF8101] {
            let object = TLV(tag, [UInt8](repeating: 0xEE, count: count))
            #expect(try TLV.parse(object.bytes) == [object])
        }
    }

    @Test func noBytesCrashTheReader() {
        var state: UInt32 = 0x1234_5678
        for _ in 0..<20_000 {
            let bytes = (0..<12).map { _ in
                state = state &* 1_664_525 &+ 1_013_904_223
                return UInt8(truncatingIfNeeded: state >> 24)
            }
            guard let objects = try? TLV.parse(bytes) else { continue }
            #expect(objects.reduce(0) { $0 + $1.value.count } <= bytes.count)
        }
    }
}
