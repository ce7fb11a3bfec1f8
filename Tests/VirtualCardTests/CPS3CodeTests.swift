import Primitives
import Testing
import VirtualCard

struct CPS3CodeTests {
    private let right = "00 20 00 01 08 31323334FFFFFFFF"
    private let wrong = "00 20 00 01 08 39393939FFFFFFFF"

    @Test func wrongCodesCountDownToBlocked() throws {
        let card = try TestCard(.cps3)
        #expect([wrong, wrong, wrong, wrong, right].map(card.send) == ["63C2", "63C1", "63C0", "6983", "6983"])
    }

    @Test func theRightCodeGivesAllTriesBack() throws {
        let card = try TestCard(.cps3)
        #expect([wrong, wrong, right, wrong].map(card.send) == ["63C2", "63C1", "9000", "63C2"])
    }

    @Test func askingCostsNothing() throws {
        let card = try TestCard(.cps3)
        #expect(card.send("00 20 00 01 00") == "63C3")
        #expect(card.send("00 20 00 01") == "63C3")
        _ = card.send(right)
        #expect(card.send("00 20 00 01 00") == "9000")
        #expect([wrong, wrong, wrong].map(card.send).last == "63C0")
        #expect(card.send("00 20 00 01 00") == "6983")
    }

    @Test(arguments: [
        ("00 20 00 01 04 31323334", "6700"), ("00 20 00 05 08 31323334FFFFFFFF", "6A88"),
        ("00 20 01 01 08 31323334FFFFFFFF", "6A86"), ("00 24 01 01 08 31323334FFFFFFFF", "6A86"),
        ("00 24 00 01 08 31323334FFFFFFFF", "6700"), ("00 24 00 02 10 3132333435363738 3837363534333231", "6982"),
        ("00 24 00 01 10 31323334FFFFFFFF 41424344FFFFFFFF", "6A80"), ("00 24 00 01 10 31323334FFFFFFFF 313233FFFFFFFFFF", "6A80"),
        ("00 2C 02 01 08 34333231FFFFFFFF", "6982"), ("00 2C 00 01 08 34333231FFFFFFFF", "6A86"),
    ])
    func malformedOrForbiddenCodeCommandsSpendNoTry(command: String, answer: String) throws {
        let card = try TestCard(.cps3)
        #expect(card.send(command) == answer)
        #expect(card.card.description.pin.triesLeft == 3)
    }

    @Test func countersAreReadFromTheMasterFileOnly() throws {
        let card = try TestCard(.cps3)
        let ask = "00 CB 3F FF 0A 4D087006BF810102A080"
        _ = card.send(wrong)
        #expect(card.send(ask) == "6118")
        #expect(card.send("00 C0 00 00 18") == "7016BF810112A0109A01039B0102A1088C06F3000013FF009000")
        _ = card.send("00 A4 09 0C 04 3F000001")
        #expect(card.send(ask) == "6A88")
    }

    @Test func theUnblockingCodeTellsItsUses() throws {
        let card = try TestCard(.cps3)
        let answer = card.fetch(card.send("00 CB 3F FF 0A 4D087006BF810202A080"))
        #expect(answer == Hex.decode("701ABF810216A0149A010A9B010A9D020064A1088C06F3FF00FFFF00"))
    }

    @Test(arguments: [
        ("00 CB 3F FF 0A 4D087006BF810302A080", "6A88"), ("00 CB 00 FF 0A 4D087006BF810102A080", "6A86"),
        ("00 CB 3F FF 02 4D08", "6A80"), ("00 CB 3F FF 04 4D027000", "6A80"), ("00 CB 3F FF 0B 4D097007BF9002037F4880", "6A88"),
    ])
    func whatIsNotThereIsRefused(command: String, answer: String) throws {
        #expect(try TestCard(.cps3).send(command) == answer)
    }

    @Test func changingNeedsTheOldCode() throws {
        let card = try TestCard(.cps3)
        #expect(card.send("00 24 00 01 10 39393939FFFFFFFF 34333231FFFFFFFF") == "63C2")
        #expect(card.send("00 24 00 01 10 31323334FFFFFFFF 34333231FFFFFFFF") == "9000")
        card.card.reset()
        #expect(card.send(right) == "63C2")
        #expect(card.send("00 20 00 01 08 34333231FFFFFFFF") == "9000")
    }

    @Test func aBlockedCodeIsUnblockedWithThePUK() throws {
        let card = try TestCard(.cps3)
        for _ in 0..<3 { _ = card.send(wrong) }
        #expect(card.send("00 2C 02 01 08 34333231FFFFFFFF") == "6982")
        #expect(card.send("00 20 00 02 08 3132333435363738") == "9000")
        #expect(card.send("00 2C 02 01 08 34333231FFFFFFFF") == "9000")
        #expect(card.send("00 20 00 01 08 34333231FFFFFFFF") == "9000")
        #expect(card.card.description.puk.usesLeft == 99)
    }

    @Test func thePUKBlocksAfterTenWrongCodes() throws {
        let card = try TestCard(.cps3)
        let answers = (0..<11).map { _ in card.send("00 20 00 02 08 3030303030303030") }
        #expect(answers.first == "63C9" && answers[9] == "63C0" && answers[10] == "6983")
    }

    @Test func theVerifiedStateEndsWithPowerAndNotBefore() throws {
        let card = try TestCard(.cps3)
        _ = card.send(right)
        _ = card.send("00 A4 09 0C 04 3F000001")
        #expect(card.send("00 20 00 01 00") == "9000")
        card.card.reset()
        #expect(card.send("00 20 00 01 00") == "63C3")
    }

    @Test func withoutPowerNothingIsAnswered() throws {
        let card = try TestCard(.cps3)
        card.card.powerOff()
        #expect(card.send(right).isEmpty)
    }
}
