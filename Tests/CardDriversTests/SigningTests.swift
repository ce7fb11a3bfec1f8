import Primitives
import SmartCard
import Testing
import VirtualCard

@testable import CardDrivers

struct SigningTests {
    private static let messages = (1...3).map { Array("document \($0)".utf8) }

    private func sign(
        _ card: TestCard, _ content: CardContent, over channel: VirtualCardChannel, pin digits: String = "1234", shown: Int? = 3,
        afterUse: AfterUse = .reset
    ) throws(CardError) -> [[UInt8]] {
        try CPSCard(channel, atr: card.atr).sign(
            content, pin: pin(digits), triesShown: shown, digests: Self.messages.map(TestCard.sha256), afterUse: afterUse)
    }

    private func areGood(_ signatures: [[UInt8]], _ certificate: [UInt8]) throws -> Bool {
        try signatures.count == Self.messages.count
            && zip(signatures, Self.messages).allSatisfy { try TestCard.verifies($0, over: $1, certificate: certificate) }
    }

    /// What the card says of its signature key, with a userConsent in it.
    private func directory(_ card: TestCard, consent: UInt8) throws -> [UInt8] {
        let entries = try TLV.parse(try card.file(Path.prkdf)).map { entry in
            var parts = try entry.children()
            let isSignature = try parts[1].children().contains { $0.tag == 0x03 && $0.value == [0x06, 0x00, 0x40] }
            if isSignature { parts[0] = TLV(0x30, parts[0].value + [0x02, 0x01, consent]) }
            return TLV(entry.tag, parts.flatMap(\.bytes)).bytes
        }
        return entries.flatMap { $0 }
    }

    @Test(arguments: Persona.allCases)
    func onePINSignsEachHashWithTheSignatureKey(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let channel = card.channel()
        let reading = try CPSCard(channel, atr: card.atr).readSignature(content)
        #expect(reading.certificate == (try TestCard.signatureCertificate()))
        #expect(reading.pin == PINStatus(triesLeft: 3, verified: false) && channel.verifies.isEmpty)
        let signatures = try sign(card, content, over: channel)
        #expect(try areGood(signatures, reading.certificate))
        #expect(try !areGood(signatures, try TestCard.authenticationCertificate()))
        #expect(channel.verifies.count == 1 && card.triesLeft == 3 && channel.afterUseAtVerify == [.reset])
        print("\(persona): \(channel.sent.count) commands to read the signature certificate and sign three hashes")
    }

    /// Whatever is not known of real cards; among it how often they want the PIN.
    @Test func signingWorksOnEveryVariation() throws {
        var kinds: Set<String> = []
        for seed in VariationTests.seeds {
            for persona in Persona.allCases {
                let card = try TestCard(persona, variation: seed)
                let content = try card.content()
                let channel = card.channel()
                let signatures = try sign(card, content, over: channel)
                #expect(try areGood(signatures, try TestCard.signatureCertificate()), "\(persona) \(seed)")
                let (told, sent) = (content.signature?.key.userConsent, channel.verifies.count)
                #expect(told.map { sent == ($0 == 1 ? 3 : 2) } ?? (1...3).contains(sent), "\(persona) \(seed)")
                #expect(Set(channel.verifies).count == 1 && card.triesLeft == 3)
                kinds.insert("\(told.map(String.init) ?? "untold") \(sent)")
            }
        }
        #expect(kinds == ["1 3", "2 2", "untold 1", "untold 2", "untold 3"])
    }

    @Test(arguments: Persona.allCases, [(0, 3), (1, 3), (2, 2), (3, 1), (200, 1)] as [(UInt8, Int)])
    func thePINIsGivenAsOftenAsTheDirectorySays(persona: Persona, table: (consent: UInt8, verifies: Int)) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        channel.files.contents[Path.prkdf] = try directory(card, consent: table.consent)
        let content = try card.read(channel)
        _ = try sign(card, content, over: channel)
        #expect(channel.verifies.count == table.verifies)
    }

    @Test(arguments: Persona.allCases)
    func aWrongPINCostsOneTryAndSignsNothing(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        channel.files.contents[Path.prkdf] = try directory(card, consent: 1)
        let content = try card.read(channel)
        #expect(throws: CardError.pinWrong(triesLeft: 2)) { try sign(card, content, over: channel, pin: "9999") }
        #expect(channel.verifies.count == 1 && card.triesLeft == 2)
        #expect(channel.sent.last.map(VirtualCardChannel.isVerify) == true)
    }

    /// The card takes the PIN and refuses it later: nothing is tried a third time, nothing is given out.
    @Test(arguments: Persona.allCases)
    func aPINThatIsRefusedBetweenTwoSignaturesEndsTheBatch(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        channel.files.contents[Path.prkdf] = try directory(card, consent: 1)
        let content = try card.read(channel)
        var seen = 0
        channel.intercept = { (_, command, _) throws(CardError) in
            guard VirtualCardChannel.isVerify(command) else { return nil }
            seen += 1
            return seen == 2 ? [0x63, 0xC2] : nil
        }
        #expect(throws: CardError.pinWrong(triesLeft: 2)) { try sign(card, content, over: channel) }
        #expect(seen == 2)
    }

    @Test(arguments: Persona.allCases)
    func aKeyThatRefusesFromTheStartIsGivenNoSecondPIN(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in command[1] == 0x2A ? [0x69, 0x82] : nil }
        #expect(throws: CardError.pinStateLost) { try sign(card, content, over: channel) }
        #expect(channel.verifies.count == 1)
    }

    @Test(arguments: Persona.allCases, [0x22, 0x2A] as [UInt8])
    func aCommandThatIsRefusedIsNamed(persona: Persona, instruction: UInt8) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in command[1] == instruction ? [0x6A, 0x88] : nil }
        let step = instruction == 0x22 ? "choose signature key" : "sign"
        #expect(throws: CardError.unexpectedStatus(.referencedDataNotFound, during: step)) { try sign(card, content, over: channel) }
        #expect(channel.verifies.count == 1 && channel.afterUse == .reset)
    }

    @Test(arguments: Persona.allCases)
    func nothingIsSentForFewerTriesThanShownForAnotherCardOrForWhatIsNoPIN(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let quiet = card.channel()
        #expect(throws: CardError.pinFormat) { try sign(card, content, over: quiet, pin: "12a4") }
        #expect(quiet.sent.isEmpty)
        card.setTriesLeft(1)
        let channel = card.channel()
        #expect(throws: CardError.triesChanged(triesLeft: 1)) { try sign(card, content, over: channel) }
        let other = try TestCard(persona, serial: "87654321")
        let foreign = other.channel()
        #expect(throws: CardError.cardDiffers) { try sign(other, content, over: foreign) }
        #expect(throws: CardError.cardDiffers) { try CPSCard(other.channel(), atr: other.atr).readSignature(content) }
        #expect(channel.verifies.isEmpty && foreign.verifies.isEmpty)
    }

    @Test(arguments: Persona.allCases)
    func whatAnotherProgramVerifiedIsLeftToIt(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        _ = try card.authenticate(content, over: card.channel())
        let channel = card.channel()
        #expect(try sign(card, content, over: channel, shown: nil).count == 3)
        #expect(channel.afterUseAtVerify == [.leave])
    }

    /// A card logs in all the same.
    @Test(arguments: Persona.allCases)
    func aCardWithoutAUsableSignatureKeySignsNothing(persona: Persona) throws {
        let card = try TestCard(persona)
        let own = try card.file(Path.prkdf)
        let directories = [
            // nonRepudiation becomes encrypt; authId names no code; another object's identifier.
            own.replacing([0x03, 0x03, 0x06, 0x00, 0x40], with: [0x03, 0x03, 0x07, 0x80, 0x00]),
            try TLV.parse(own).flatMap { entry in
                let isSignature = entry.bytes.contains([0x03, 0x03, 0x06, 0x00, 0x40])
                return isSignature ? entry.bytes.replacing([0x04, 0x01, 0x01], with: [0x04, 0x01, 0x09]) : entry.bytes
            },
            own.replacing(persona.isCPS3 ? [0x00, 0x10, 0x01] : [0x00, 0x10, 0x10], with: [0x00, 0x10, 0x77]),
        ]
        for directory in directories {
            let channel = card.channel()
            #expect(directory != own)
            channel.files.contents[Path.prkdf] = directory
            let content = try card.read(channel)
            #expect(content.signature == nil)
            #expect(throws: CardError.signatureKeyMissing) { try sign(card, content, over: channel) }
            #expect(throws: CardError.signatureKeyMissing) { try CPSCard(channel, atr: card.atr).readSignature(content) }
            #expect(channel.verifies.isEmpty)
            #expect(try card.authenticate(content, over: channel).count == 256)
            card.reset()
        }
    }

    /// The PIN of the signature key may be another one than the holder's.
    @Test(arguments: Persona.allCases)
    func thePINOfTheKeyIsTheOneItsDirectoryNames(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        let entries = try TLV.parse(try card.file(Path.aodf))
        let own: UInt8 = persona.isCPS3 ? 0x01 : 0x11
        let second = entries[0].bytes.replacing([0x30, 0x03, 0x04, 0x01, 0x01], with: [0x30, 0x03, 0x04, 0x01, 0x07])
            .replacing([0x80, 0x01, own], with: [0x80, 0x01, 0x15])
        channel.files.contents[Path.aodf] = entries.flatMap(\.bytes) + second
        channel.files.contents[Path.prkdf] = try TLV.parse(try card.file(Path.prkdf)).flatMap { entry in
            let isSignature = entry.bytes.contains([0x03, 0x03, 0x06, 0x00, 0x40])
            return isSignature ? entry.bytes.replacing([0x04, 0x01, 0x01], with: [0x04, 0x01, 0x07]) : entry.bytes
        }
        channel.translate = { $0[1] == 0x20 && $0[3] == 0x15 ? $0.replacing([0x15], with: [own], maxReplacements: 1) : $0 }
        let content = try card.read(channel)
        #expect(content.signature?.pin.reference == 0x15 && content.pin.reference == own)
        #expect(try areGood(try sign(card, content, over: channel), try TestCard.signatureCertificate()))
        #expect(channel.verifies.allSatisfy { $0[3] == 0x15 })
    }
}
