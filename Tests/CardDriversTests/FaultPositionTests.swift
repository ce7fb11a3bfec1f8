import CardDrivers
import Primitives
import SmartCard
import Testing

/// Whatever goes wrong at whichever command of a login: no success that is none, no PIN sent twice, no try spent.
struct FaultPositionTests {
    private static let statuses: [[UInt8]] = [
        [0x6F, 0x00], [0x69, 0x82], [0x69, 0x83], [0x69, 0x85], [0x69, 0x88], [0x6A, 0x82], [0x6A, 0x86], [0x6A, 0x88], [0x6E, 0x00],
        [0x68, 0x81],
        [0x63, 0xC1], [0x62, 0x82], [0x61, 0x10], [0x6C, 0x10], [0x90, 0x00], [0x00, 0x00], [0xFF, 0xFF],
    ]
    private static let garbage: [[UInt8]] = [
        [], [0x90], (0..<22).map { UInt8(truncatingIfNeeded: $0 &* 37) } + [0x90, 0x00], [UInt8](repeating: 0xA5, count: 258),
        [UInt8](repeating: 0x30, count: 256) + [0x90, 0x00], [UInt8](repeating: 0x00, count: 300),
    ]

    /// The commands of a whole first login.
    private func commands(_ persona: Persona) throws -> [[UInt8]] {
        let card = try TestCard(persona)
        let channel = card.channel()
        _ = try card.logIn(channel)
        return channel.sent
    }

    @Test(arguments: Persona.allCases, [true, false])
    func wrongAnswersAreSurvived(persona: Persona, isCarriedOut: Bool) throws {
        let card = try TestCard(persona)
        // Reading leaves the same card behind, whether it was carried out or not.
        for (position, command) in try commands(persona).enumerated() where isCarriedOut || command[1] != 0xB0 {
            for answer in Self.statuses + Self.garbage {
                card.reset()
                let channel = card.channel()
                channel.intercept = { (number, _, real) throws(CardError) in
                    guard number == position else { return nil }
                    if isCarriedOut { _ = real() }
                    return answer
                }
                let outcome = Result { try card.logIn(channel) }
                let place: Comment = "\(Hex.encode(answer.prefix(8))) at \(position)"
                #expect(channel.verifies.count <= 1, place)
                #expect(card.triesLeft == 3, place)
                #expect(channel.sent.count < 400, place)
                if channel.verifies.count == 1 { #expect(channel.afterUseAtVerify == [.reset] || answer.suffix(2) == [0x90, 0x00], place) }
                switch outcome {
                case .success(let login):
                    // What is recovered from ends in a true proof, or in one that its verification refuses.
                    #expect(answer.count >= 2, place)
                    let certificate = try TestCard.authenticationCertificate()
                    let isProof = try TestCard.verifies(login.signature, over: challenge, certificate: certificate)
                    let isOurs = login.content.authenticationCertificate == certificate
                    #expect(isProof || position > 0 && !login.signature.isEmpty || !isOurs, place)
                case .failure(let error):
                    #expect(error is CardError, place)
                }
            }
        }
    }

    @Test(arguments: Persona.allCases, [CardError.cardRemoved, .cardMute, .cardReset, .deadlineExceeded])
    func aChannelThatBreaksEndsTheLogin(persona: Persona, error: CardError) throws {
        let card = try TestCard(persona)
        for position in try commands(persona).indices {
            card.reset()
            let channel = card.channel()
            channel.intercept = { (number, _, _) throws(CardError) in
                if number == position { throw error }
                return nil
            }
            #expect(throws: error) { try card.logIn(channel) }
            #expect(channel.sent.count == position + 1 && channel.verifies.count <= 1 && card.triesLeft == 3)
        }
    }

    /// With the card known, every refusal before the PIN ends the login before the PIN.
    @Test(arguments: Persona.allCases)
    func aRefusalBeforeThePINKeepsIt(persona: Persona) throws {
        let content = try TestCard(persona).content()
        let whole = try TestCard(persona)
        let length = whole.channel()
        _ = try whole.authenticate(content, over: length)
        let verify = try #require(length.sent.firstIndex(where: VirtualCardChannel.isVerify))
        let card = try TestCard(persona)
        for position in 0..<verify {
            card.reset()
            let channel = card.channel()
            channel.intercept = { (number, _, _) throws(CardError) in number >= position ? [0x6F, 0x00] : nil }
            #expect(throws: CardError.self) { try card.authenticate(content, over: channel) }
            #expect(channel.verifies.isEmpty)
        }
    }
}
