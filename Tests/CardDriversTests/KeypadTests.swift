import CardDrivers
import Primitives
import SmartCard
import TestSupport
import Testing

/// The PIN entered on the reader: the same care as for one that is given, and no digit of it with us.
struct KeypadTests {
    private func authenticate(
        _ card: TestCard, _ content: CardContent, _ channel: VirtualCardChannel, shown: Int? = 3
    ) throws(CardError) -> [UInt8] {
        try CPSCard(channel, atr: card.atr).authenticateByKeypad(
            content, triesShown: shown, digest: TestCard.sha256(challenge), afterUse: .reset)
    }

    private func channel(_ card: TestCard, _ typing: Typing) -> VirtualCardChannel {
        let channel = card.channel()
        channel.typing = { _ in typing }
        return channel
    }

    @Test(arguments: Persona.allCases)
    func theChallengeIsSignedAndNoDigitPassesThroughUs(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let channel = channel(card, .digits("1234"))
        let signature = try authenticate(card, content, channel)
        #expect(try TestCard.verifies(signature, over: challenge, certificate: content.authenticationCertificate))
        #expect(channel.verifies.isEmpty && card.triesLeft == 3)
        let entry = try #require(channel.entries.first)
        #expect(channel.entries.count == 1 && entry.command.suffix(9) == [0x08] + [UInt8](repeating: 0xFF, count: 8))
        #expect(entry.command.prefix(4) == [persona.isCPS3 ? 0x00 : 0x01, 0x20, 0x00, content.pin.reference])
        #expect(Int(entry.minimumLength) == content.pin.minimumLength && Int(entry.maximumLength) == min(content.pin.maximumLength, 8))
        #expect(channel.afterUseAtVerify == [.reset])
    }

    @Test(arguments: Persona.allCases)
    func everyWrongPINCountsOnceUntilTheCardIsBlocked(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        for (shown, error) in [(3, CardError.pinWrong(triesLeft: 2)), (2, .pinWrong(triesLeft: 1)), (1, .pinBlocked)] {
            let channel = channel(card, .digits("9999"))
            #expect(throws: error) { try authenticate(card, content, channel, shown: shown) }
            #expect(channel.entries.count == 1 && card.triesLeft == shown - 1 && channel.afterUse == .reset)
        }
        let channel = channel(card, .digits("1234"))
        #expect(throws: CardError.pinBlocked) { try authenticate(card, content, channel) }
        #expect(channel.entries.isEmpty)
    }

    @Test(arguments: [
        (Typing.answer(0x6400), CardError.keypadTimeout), (.answer(0x6401), .keypadCancelled), (.answer(0x6402), .keypadMismatch),
        (.answer(0x6403), .pinFormat), (.digits("12"), .pinFormat), (.answer(0x6B80), .keypadUnavailable),
        (.answer(0x6D00), .keypadUnavailable), (.answer(0x6983), .pinBlocked), (.answer(0x63C1), .pinWrong(triesLeft: 1)),
        (.answer(0x6F00), .unexpectedStatus(StatusWord(rawValue: 0x6F00), during: "verify PIN by keypad")),
        (.failure(.cardRemoved), .cardRemoved),
    ])
    func everyAnswerOfTheReaderHasAName(typing: Typing, error: CardError) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let content = try card.content()
            let channel = channel(card, typing)
            #expect(throws: error) { try authenticate(card, content, channel) }
            #expect(channel.entries.count == 1 && channel.verifies.isEmpty && card.triesLeft == 3 && channel.afterUse == .reset)
        }
    }

    @Test(arguments: [(3, 2), (2, 1), (nil, 1)] as [(Int?, Int)])
    func fewerTriesThanShownAskNobody(shown: Int?, left: Int) throws {
        let card = try TestCard(.cps3)
        let content = try card.content()
        card.setTriesLeft(left)
        let channel = channel(card, .digits("1234"))
        #expect(throws: CardError.triesChanged(triesLeft: left)) { try authenticate(card, content, channel, shown: shown) }
        #expect(channel.entries.isEmpty)
    }

    @Test func anotherCardAsksNobody() throws {
        let content = try TestCard(.cps4).content()
        let other = try TestCard(.cps4, serial: "87654321")
        let channel = channel(other, .digits("1234"))
        #expect(throws: CardError.cardDiffers) { try authenticate(other, content, channel) }
        #expect(channel.entries.isEmpty)
    }
}
