import Primitives
import SmartCard
import Testing

@testable import CardDrivers

struct ReadingTests {
    @Test(arguments: Persona.allCases)
    func aCardIsIdentified(persona: Persona) throws {
        let card = try TestCard(persona)
        let identity = try CPSCard(card.channel(), atr: card.atr).identify()
        #expect(identity.serial.digits == "12345678" && identity.updated.isEmpty)
        #expect(identity.generation == (persona.isCPS3 ? .cps3 : .cps4))
    }

    @Test(arguments: Persona.allCases)
    func theContentIsFoundFromTheDirectories(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        let content = try card.read(channel)
        #expect(content.authenticationCertificate == (try TestCard.authenticationCertificate()))
        #expect(content.pin.reference == (persona.isCPS3 ? 0x01 : 0x11))
        #expect(content.pin.minimumLength == 4 && content.pin.maximumLength == 4)
        #expect(channel.verifies.isEmpty && channel.afterUse == .leave)
    }

    @Test(arguments: Persona.allCases)
    func triesAreReadWithoutSpendingOne(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        for tries in [3, 2, 1, 0] {
            card.setTriesLeft(tries)
            for _ in 0..<5 {
                let status = try CPSCard(card.channel(), atr: card.atr).pinStatus(content)
                #expect(status == PINStatus(triesLeft: tries, verified: false))
            }
            #expect(card.triesLeft == tries)
        }
    }

    @Test(arguments: Persona.allCases)
    func aPINVerifiedByOthersIsSeen(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        _ = try card.authenticate(content, over: card.channel())
        let status = try CPSCard(card.channel(), atr: card.atr).pinStatus(content)
        // A CPS4 hides its counter while verified.
        #expect(status == PINStatus(triesLeft: persona.isCPS3 ? 3 : nil, verified: true))
    }

    /// A CPS3 that tells nothing on VERIFY without data is asked for the PIN object.
    @Test(arguments: [(nil, 3), (2, 2), (0, 0)] as [(Int?, Int)])
    func theCounterOfACPS3IsReadFromItsObject(tries: Int?, wanted: Int) throws {
        let card = try TestCard(.cps3)
        let content = try card.content()
        if let tries { card.setTriesLeft(tries) }
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in command[1] == 0x20 ? [0x6D, 0x00] : nil }
        #expect(try CPSCard(channel, atr: card.atr).pinStatus(content).triesLeft == wanted)
    }

    @Test(
        arguments: [
            ("70 16 BF8101 12 A010 9A0103 9B0102 A108 8C06F3000013FF00 9000", 2),
            ("70 1A BF8101 16 A014 9A0103 9B0103 9D020000 A108 8C06F3000013FF00 9000", 0),
            ("70 1A BF8101 16 A014 9A0103 9B0103 9D020001 A108 8C06F3000013FF00 9000", 3),
            ("70 0B BF8101 07 A005 9B0103 9D00 9000", 3), ("6A88", nil), ("9000", nil), ("7000 9000", nil), ("70 16 BF8101 9000", nil),
            ("70 09 BF8102 05 A003 9B0103 9000", nil), ("70 0A BF8101 06 A004 9B020003 9000", nil),
        ] as [(String, Int?)])
    func answersOfTheCounterAreRead(answer: String, tries: Int?) throws {
        let card = try TestCard(.cps3)
        let content = try card.content()
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in
            switch command[1] {
            case 0x20: [0x69, 0x85]
            case 0xCB: Hex.decode(answer)
            default: nil
            }
        }
        #expect(try CPSCard(channel, atr: card.atr).pinStatus(content) == PINStatus(triesLeft: tries, verified: false))
    }
}

struct ContactlessTests {
    @Test func theCardIsIdentifiedWithoutItsUpdateMarker() throws {
        let card = try TestCard.contactless()
        let channel = card.channel()
        let identity = try CPSCard(channel, atr: card.atr).identify()
        #expect(identity.generation == .cps3Contactless && identity.serial.digits == "12345678" && channel.sent.count == 2)
    }

    /// There is no holder to log in over the air: no file of the contact application, no PIN, no signature.
    @Test func nothingOfALoginIsThere() throws {
        let card = try TestCard.contactless()
        let channel = card.channel()
        #expect(throws: CardError.self) { try card.read(channel) }
        let content = try TestCard(.cps3).content()
        #expect(throws: CardError.cardDiffers) { try card.authenticate(content, over: channel) }
        #expect(throws: CardError.cardDiffers) { try CPSCard(channel, atr: card.atr).pinStatus(content) }
        #expect(!channel.sent.contains { [0x20, 0x88].contains($0[1]) })
    }
}

/// EF_ACTUA of a CPS3.
struct UpdateMarkerTests {
    private func identity(_ marker: String?) throws -> CardIdentity {
        let card = try TestCard(.cps3)
        let channel = card.channel()
        channel.files.contents[Path.update] = marker.map { Hex.decode($0) } ?? .some(nil)
        return try CPSCard(channel, atr: card.atr).identify()
    }

    private let start = "81 07 20260101120000"
    private let end = "82 07 20260101120130"

    @Test func aCardThatWasNeverUpdatedHasNone() throws {
        #expect(try identity(nil).updated.isEmpty)
    }

    @Test func anUpdateThatEndedMarksTheContent() throws {
        let first = try identity("EC 12 \(start) \(end)")
        let second = try identity("EC 12 \(start) 82 07 20270101120130")
        let padded = try identity("EC 12 \(start) \(end) 0000")
        #expect(!first.updated.isEmpty && first != second && first == padded)
    }

    @Test(arguments: [
        "EC 09 81 07 20260101120000", "EC 00", "", "00", "FFFFFFFF", "EC 12 8107", "ED 12 810720260101120000 820720260101120130",
    ])
    func anUpdateThatDidNotEndIsRefused(marker: String) {
        #expect(throws: CardError.updateInterrupted) { try identity(marker) }
    }

    @Test func aCPS4IsNotAskedForIt() throws {
        let card = try TestCard(.cps4)
        let channel = card.channel()
        _ = try CPSCard(channel, atr: card.atr).identify()
        #expect(!channel.sent.contains { $0[1] == 0xA4 && $0.dropFirst(5).starts(with: [0xD0, 0x10]) })
    }
}
