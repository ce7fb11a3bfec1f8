import CardDrivers
import Primitives
import SmartCard
import Testing

struct AuthenticationTests {
    @Test(arguments: Persona.allCases)
    func theChallengeIsSignedByTheKeyOfTheCertificate(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        let login = try card.logIn(channel)
        #expect(try TestCard.verifies(login.signature, over: challenge, certificate: login.content.authenticationCertificate))
        #expect(channel.verifies.count == 1 && card.triesLeft == 3)
        #expect(channel.verifies.first?.suffix(9) == [0x08, 0x31, 0x32, 0x33, 0x34, 0xFF, 0xFF, 0xFF, 0xFF])
    }

    @Test(arguments: Persona.allCases)
    func everyWrongPINCountsOnceUntilTheCardIsBlocked(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        for (shown, error) in [(3, CardError.pinWrong(triesLeft: 2)), (2, .pinWrong(triesLeft: 1)), (1, .pinBlocked)] {
            let channel = card.channel()
            #expect(throws: error) { try card.authenticate(content, over: channel, pin: "9999", shown: shown) }
            #expect(channel.verifies.count == 1 && card.triesLeft == shown - 1)
        }
        for shown in [nil, 0, 1, 3] as [Int?] {
            let channel = card.channel()
            #expect(throws: CardError.pinBlocked) { try card.authenticate(content, over: channel, shown: shown) }
            #expect(channel.verifies.isEmpty)
        }
    }

    @Test(arguments: [
        ("6983", CardError.pinBlocked), ("63C0", .pinBlocked), ("63C1", .pinWrong(triesLeft: 1)), ("6300", .pinWrong(triesLeft: nil)),
        ("6984", .unexpectedStatus(StatusWord(rawValue: 0x6984), during: "verify PIN")),
        ("6700", .unexpectedStatus(StatusWord(rawValue: 0x6700), during: "verify PIN")),
        ("6C08", .unexpectedStatus(StatusWord(rawValue: 0x6C08), during: "verify PIN")),
        ("6108", .unexpectedStatus(StatusWord(rawValue: 0x6108), during: "verify PIN")),
        ("6E00", .unexpectedStatus(StatusWord(rawValue: 0x6E00), during: "verify PIN")), ("", .cardMute),
    ])
    func everyAnswerToThePINHasAName(answer: String, error: CardError) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let content = try card.content()
            let channel = card.channel()
            channel.intercept = { (_, command, _) throws(CardError) in
                VirtualCardChannel.isVerify(command) ? Hex.decode(answer) : nil
            }
            #expect(throws: error) { try card.authenticate(content, over: channel) }
            // Nothing follows it, least of all itself.
            #expect(channel.verifies.count == 1 && channel.sent.last == channel.verifies.last && channel.afterUse == .reset)
        }
    }

    @Test(arguments: [(3, 2), (3, 1), (2, 1), (nil, 1)] as [(Int?, Int)])
    func fewerTriesThanShownSendNothing(shown: Int?, left: Int) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let content = try card.content()
            card.setTriesLeft(left)
            let channel = card.channel()
            #expect(throws: CardError.triesChanged(triesLeft: left)) { try card.authenticate(content, over: channel, shown: shown) }
            #expect(channel.verifies.isEmpty && card.triesLeft == left)
        }
    }

    @Test(arguments: [(3, 3), (2, 3), (1, 1), (1, 3), (nil, 2), (nil, 3)] as [(Int?, Int)])
    func asManyTriesAsShownAreEnough(shown: Int?, left: Int) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let content = try card.content()
            card.setTriesLeft(left)
            let channel = card.channel()
            #expect(try card.authenticate(content, over: channel, shown: shown).count == 256)
        }
    }

    /// Tries were shown, now the card tells none: fewer may be at stake.
    @Test func triesThatAreNoLongerToldSendNothing() throws {
        let card = try TestCard(.cps3)
        let content = try card.content()
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in
            switch command[1] {
            case 0x20 where command.count == 5: [0x69, 0x85]
            case 0xCB: [0x6A, 0x88]
            default: nil
            }
        }
        #expect(throws: CardError.triesChanged(triesLeft: nil)) { try card.authenticate(content, over: channel, shown: 3) }
        #expect(channel.verifies.isEmpty)
        #expect(try card.authenticate(content, over: channel, shown: nil).count == 256)
    }

    @Test(arguments: ["", "1", "123", "12345", "12345678", "12a4", "12 4", "-123", "１２３４", "1234\0", "\u{0}\u{0}\u{0}\u{0}", "12.4"])
    func whatCannotBeAPINIsNotSent(digits: String) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let content = try card.content()
            let channel = card.channel()
            #expect(throws: CardError.pinFormat) { try card.authenticate(content, over: channel, pin: digits) }
            #expect(channel.sent.isEmpty)
            let isWellFormed = CPSCard.isWellFormed(pin(digits), for: content.pin)
            #expect(!isWellFormed)
        }
    }

    @Test(arguments: Persona.allCases)
    func anotherCardIsNotAskedForItsPIN(persona: Persona) throws {
        let content = try TestCard(persona).content()
        let other = try TestCard(persona, serial: "87654321")
        let channel = other.channel()
        #expect(throws: CardError.cardDiffers) { try other.authenticate(content, over: channel) }
        #expect(!channel.sent.contains { $0[1] == 0x20 } && other.triesLeft == 3)
    }

    @Test(arguments: Persona.allCases)
    func theCardForgetsThePINUnlessToldOtherwise(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        for afterUse in [AfterUse.reset, .leave] {
            card.reset()
            let channel = card.channel()
            _ = try card.authenticate(content, over: channel, afterUse: afterUse)
            #expect(channel.afterUseAtVerify == [afterUse] && channel.afterUse == afterUse)
            card.reset()
            let failed = card.channel()
            #expect(throws: CardError.self) { try card.authenticate(content, over: failed, pin: "9999", afterUse: afterUse) }
            #expect(failed.afterUseAtVerify == [afterUse])
            card.setTriesLeft(3)
        }
    }

    @Test(arguments: Persona.allCases)
    func whatAnotherProgramVerifiedIsLeftToIt(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        _ = try card.authenticate(content, over: card.channel())
        let channel = card.channel()
        #expect(try card.authenticate(content, over: channel, shown: nil).count == 256)
        #expect(channel.afterUseAtVerify == [.leave])
    }

    /// Another program changes the state of the PIN between VERIFY and the signature.
    @Test(arguments: Persona.allCases)
    func aPINStateThatIsLostIsNamedAndNotVerifiedAgain(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in
            [0x88, 0x2A].contains(command[1]) ? [0x69, 0x82] : nil
        }
        #expect(throws: CardError.pinStateLost) { try card.authenticate(content, over: channel) }
        #expect(channel.verifies.count == 1)
    }

    @Test(arguments: Persona.allCases, [0x22, 0x88, 0x2A] as [UInt8])
    func aKeyThatIsRefusedIsNamed(persona: Persona, instruction: UInt8) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in command[1] == instruction ? [0x6A, 0x88] : nil }
        guard instruction == 0x22 || (instruction == 0x88) == persona.isCPS3 else { return }
        let step = instruction == 0x22 ? "choose key" : "sign challenge"
        #expect(throws: CardError.unexpectedStatus(.referencedDataNotFound, during: step)) {
            try card.authenticate(content, over: channel)
        }
    }

    @Test(arguments: Persona.allCases)
    func aLoginTakesFewCommands(persona: Persona) throws {
        let card = try TestCard(persona)
        let first = card.channel()
        let content = try card.logIn(first).content
        card.reset()
        let again = card.channel()
        let driver = try CPSCard(again, atr: card.atr)
        #expect(try driver.identify() == content.identity)
        let status = try driver.pinStatus(content)
        let shown = again.sent.count
        _ = try card.authenticate(content, over: again, shown: status.triesLeft)
        print(
            "\(persona): unknown card \(first.sent.count) commands, known card \(shown) to recognise and \(again.sent.count - shown) to log in"
        )
        #expect(first.sent.count <= 44 && shown <= 8 && again.sent.count - shown <= 10)
    }
}
