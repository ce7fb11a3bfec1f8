import SmartCard
import Testing
import VirtualCard

@testable import CardDrivers

/// Cards that differ in many ways at once, drawn from seeds: whatever is not known of real cards must not matter.
struct VariationTests {
    static let seeds: [UInt32] = Array(0..<96)

    private func signs(_ card: TestCard, _ channel: VirtualCardChannel) throws -> Bool {
        let login = try card.logIn(channel)
        return try TestCard.verifies(login.signature, over: challenge, certificate: try TestCard.authenticationCertificate())
    }

    @Test(arguments: seeds)
    func aLoginWorks(seed: UInt32) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona, variation: seed)
            let channel = card.channel()
            #expect(try signs(card, channel))
            #expect(channel.verifies.count == 1)
            // A card that has been met: what was read holds after a reset.
            let content = try card.content()
            card.reset()
            let again = card.channel()
            let identity = try CPSCard(again, atr: card.atr).identify()
            #expect(identity == content.identity)
            let status = try CPSCard(again, atr: card.atr).pinStatus(content)
            #expect(status == PINStatus(triesLeft: 3, verified: false))
            _ = try card.authenticate(content, over: again)
        }
    }

    /// The tries are read and never spent, down to a blocked card.
    @Test(arguments: seeds)
    func triesAreTold(seed: UInt32) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona, variation: seed)
            let content = try card.content()
            for left in [3, 2, 1, 0] {
                card.setTriesLeft(left)
                #expect(try CPSCard(card.channel(), atr: card.atr).pinStatus(content).triesLeft == left)
            }
            #expect(throws: CardError.pinBlocked) { try card.authenticate(content, over: card.channel(), shown: 0) }
        }
    }

    @Test(arguments: seeds)
    func aWrongPINIsOne(seed: UInt32) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona, variation: seed)
            let content = try card.content()
            do {
                _ = try card.authenticate(content, over: card.channel(), pin: "4321")
                Issue.record("a wrong PIN was taken")
            } catch CardError.pinWrong(let left) {
                #expect(left == nil || left == 2)
            }
            #expect(card.triesLeft == 2)
            card.setTriesLeft(1)
            #expect(throws: CardError.self) { try card.authenticate(content, over: card.channel(), pin: "4321", shown: 1) }
            #expect(card.triesLeft == 0)
        }
    }

    /// Other software left the legacy volume selected, or another file.
    @Test(arguments: seeds)
    func theWayIsFoundFromWhereOthersLeftTheCard(seed: UInt32) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona, variation: seed)
            for left in [[0xA0, 0xA4, 0x00, 0x00, 0x02, 0x3F, 0x00], [0x00, 0xA4, 0x09, 0x0C, 0x02, 0x3F, 0x00]] as [[UInt8]] {
                _ = card.card.transmit(left)
                #expect(try signs(card, card.channel()))
            }
        }
    }

    @Test func aSeedGivesOneCardAndAnotherSeedAnother() throws {
        for persona in Persona.allCases {
            let one = try TestCard(persona, variation: 7).content()
            #expect(try TestCard(persona, variation: 7).content() == one)
            let others = try (8..<16 as Range<UInt32>).map { try TestCard(persona, variation: $0).content() }
            #expect(Set(others + [one]).count == 9)
        }
    }
}
