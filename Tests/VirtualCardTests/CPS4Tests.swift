import OpenSSL
import Primitives
import SmartCard
import Testing
import VirtualCard

struct CPS4Tests {
    private let applet = "01 A4 04 0C 08 80250000 01FF0100"
    private let right = "01 20 00 11 08 31323334FFFFFFFF"
    private let wrong = "01 20 00 11 08 39393939FFFFFFFF"
    private let message = Array("a challenge".utf8)

    private func ready(verified: Bool = false) throws -> TestCard {
        let card = try TestCard(.cps4)
        _ = card.send(applet)
        if verified {
            _ = card.send(right)
            _ = card.send("01 A4 08 00 02 0001")
        }
        return card
    }

    @Test(arguments: ["01 A4 08 00 02 D003 00", "01 20 00 11", "01 B0 00 00 0C", "01 84 00 00 08", "01 22 41 B8 03 830120"])
    func theChannelIsClosedUntilTheAppletIsSelected(command: String) throws {
        let card = try TestCard(.cps4)
        #expect(card.send(command) == "6881")
        #expect(card.send(applet) == "9000")
        #expect(card.send(command) != "6881")
        card.card.reset()
        #expect(card.send(command) == "6881")
    }

    @Test(arguments: [
        ("01 A4 08 00 02 D003 00", "6F0B8002000C8201018302D0039000"),
        ("01 A4 08 00 02 D003", "9000"),
        ("01 A4 08 0C 02 D003", "9000"),
        ("01 A4 08 04 02 D003 00", "6A86"),
        ("01 A4 08 00 04 3F00D003 00", "6A82"),
        ("01 A4 08 00 04 00015031", "9000"),
        ("01 A4 00 0C 02 3F00", "9000"),
        ("01 A4 03 0C", "9000"),
        ("01 A4 04 0C 0D E828BD080F8025000001FF0010", "9000"),
        ("01 A4 04 0C 02 1234", "6A82"),
        ("01 A4 0B 0C 02 1234", "6A86"),
        ("00 A4 04 0C 08 80250000 01FF0002", "9000"),
        ("00 A4 00 0C 02 3F00", "6A82"),
        ("00 70 00 00 01", "019000"),
        ("00 70 00 01", "9000"),
        ("00 20 00 11", "6D00"),
        ("A0 A4 00 00 02 3F00", "6E00"),
        ("01 B0 9C 00 0C", "6A86"),
    ])
    func filesAreSelectedInTheChipDocDialect(command: String, answer: String) throws {
        #expect(try ready().send(command) == answer)
    }

    @Test func theAuxiliaryApplicationDeselectsTheApplet() throws {
        let card = try ready()
        #expect(card.send("01 A4 04 0C 07 A0000001510000") == "9000")
        #expect(card.send("01 A4 08 00 02 D003 00") == "6881")
        #expect(card.send(applet) == "9000")
    }

    @Test func filesAreReadByWholeBlocks() throws {
        let card = try ready()
        _ = card.send("01 A4 08 00 02 D003 00")
        #expect(card.send("01 B0 00 00 0C") == "5A0A8025000001123456789F9000")
        #expect(card.send("01 B0 00 00 00") == "5A0A8025000001123456789F9000")
        #expect(card.send("01 B0 00 00 10") == "6C0C")
        _ = card.send("01 A4 08 00 04 0001A002 00")
        let expected = TestCard.certificate(.authentication)
        #expect(card.send("01 B0 01 00 00") == Hex.encode(expected[256..<512], uppercase: true) + "9000")
    }

    @Test func directoriesNameReferencesOfTheirOwn() throws {
        let card = try ready()
        _ = card.send("01 A4 08 00 04 00017001 00")
        #expect(card.send("01 B0 00 00 00").contains("8001110401FF"))
        _ = card.send("01 A4 08 00 04 00017002 00")
        let keys = card.send("01 B0 00 00 00")
        #expect(keys.contains("FF001020") && keys.contains("020120") && keys.contains("FF001010") && keys.contains("020110"))
    }

    @Test func wrongCodesCountDownToBlocked() throws {
        let card = try ready()
        #expect(card.send("01 20 00 11") == "63C3")
        #expect([wrong, wrong, wrong, right].map(card.send) == ["63C2", "63C1", "63C0", "6983"])
        #expect(card.send("01 20 00 11") == "6983")
    }

    @Test func theVerifiedStateHidesTheCount() throws {
        let card = try ready(verified: true)
        #expect(card.send("01 20 00 11") == "9000")
    }

    @Test func changingFollowsVerifying() throws {
        let card = try ready()
        #expect(card.send("01 24 01 11 08 34333231FFFFFFFF") == "6982")
        _ = card.send(right)
        #expect(card.send("01 24 00 11 08 34333231FFFFFFFF") == "6A86")
        #expect(card.send("01 24 01 12 08 34333231FFFFFFFF") == "6A88")
        #expect(card.send("01 24 01 11 08 34333231FFFFFFFF") == "9000")
        #expect(card.card.description.pin.digits == "4321")
    }

    @Test func unblockingTakesThreeSteps() throws {
        let card = try ready()
        for _ in 0..<3 { _ = card.send(wrong) }
        #expect(card.send("01 2C 03 91") == "6982")
        #expect(card.send("01 20 00 12 08 3132333435363738") == "9000")
        #expect(card.send("01 2C 03 11") == "6A88")
        #expect(card.send("01 2C 03 91 08 34333231FFFFFFFF") == "6700")
        #expect(card.send("01 2C 03 91") == "9000")
        #expect(card.send("01 24 01 11 08 34333231FFFFFFFF") == "9000")
        #expect(card.send("01 20 00 11 08 34333231FFFFFFFF") == "9000")
    }

    @Test func theAuthenticationKeyWorksOnARawBlockInTwoParts() throws {
        let card = try ready(verified: true)
        let info = (Hex.decode(sha256Prefix) ?? []) + digestSHA256(message)
        let block = [0x00, 0x01] + [UInt8](repeating: 0xFF, count: 202) + [0x00] + info
        #expect(block.count == 256)
        #expect(card.send("01 22 41 B8 03 830120") == "9000")
        #expect(card.send("11 2A 80 86", Array(block[..<255])) == "9000")
        let answer = card.send("01 2A 80 86", [block[255]], le: "00")
        #expect(answer.count == 2 * 258 && answer.hasSuffix("9000"))
        let signature = Array((Hex.decode(answer) ?? []).dropLast(2))
        #expect(try card.publicKey(.authentication).verifiesSHA256(signature: signature, over: message))
    }

    @Test func theSignatureKeySignsABareHash() throws {
        let card = try ready(verified: true)
        #expect(card.send("01 22 81 B6 04 91022890") == "9000")
        let answer = card.send("01 2A 9E 9A", digestSHA256(message), le: "00")
        let signature = Array((Hex.decode(answer) ?? []).dropLast(2))
        #expect(try card.publicKey(.signature).verifiesSHA256(signature: signature, over: message))
    }

    @Test func theAuthenticationKeySignsByPSS() throws {
        let card = try ready(verified: true)
        #expect(card.send("01 22 81 B6 04 91022CA0") == "9000")
        let first = card.send("01 2A 9E 9A", digestSHA256(message), le: "00")
        let second = card.send("01 2A 9E 9A", digestSHA256(message), le: "00")
        #expect(first.count == 2 * 258 && first.hasSuffix("9000") && first != second)
    }

    @Test(arguments: [
        ("01 22 41 B8 03 830130", "6A88"), ("01 22 81 B6 04 91022810", "6A88"), ("01 22 81 B6 04 910228A0", "6A80"),
        ("01 22 81 B6 04 91029990", "6A80"), ("01 22 41 B6 04 91022890", "6A86"), ("01 22 41 B8 03 840120", "6A80"),
        ("01 22 41 B8 02 8301", "6A80"), ("01 2A 9E 9A 01 00", "6985"), ("01 2A 80 86 01 00", "6985"), ("01 2A 00 00 01 00", "6A86"),
        ("01 88 00 00 01 00", "6D00"), ("11 20 00 11 08 31323334FFFFFFFF", "6884"),
    ])
    func wrongEnvironmentsAreRefused(command: String, answer: String) throws {
        #expect(try ready(verified: true).send(command) == answer)
    }

    @Test func keysWorkOnlyAfterThePIN() throws {
        let card = try ready()
        _ = card.send("01 A4 08 00 02 0001")
        _ = card.send("01 22 81 B6 04 91022890")
        #expect(card.send("01 2A 9E 9A", digestSHA256(message), le: "00") == "6982")
        _ = card.send("01 22 41 B8 03 830120")
        #expect(card.send("01 2A 80 86 01 00") == "6982")
    }

    @Test func aBrokenChainIsForgotten() throws {
        let card = try ready(verified: true)
        _ = card.send("01 22 41 B8 03 830120")
        _ = card.send("11 2A 80 86", [UInt8](repeating: 0x01, count: 255))
        #expect(card.send("01 84 00 00 08") == "6884")
        #expect(card.send("01 2A 80 86", [0x01], le: "00") == "6700")
    }

    @Test func aChainHasAnEnd() throws {
        let card = try ready(verified: true)
        _ = card.send("01 22 41 B8 03 830120")
        let part = [UInt8](repeating: 0x01, count: 255)
        let answers = (0..<5).map { _ in card.send("11 2A 80 86", part) }
        #expect(answers == ["9000", "9000", "9000", "9000", "6700"])
    }
}
