import CardDrivers
import Primitives
import SmartCard
import Testing

/// PIN change, unblocking and counters on every kind of card.
struct CodeChangeTests {
    /// Commands that can cost a try of a code.
    private static func spends(_ command: [UInt8]) -> Bool {
        VirtualCardChannel.isVerify(command) || command[1] == 0x24 && command.count == 21
    }

    private func change(
        _ card: TestCard, _ channel: VirtualCardChannel, old: String = "1234", new: String = "4711", shown: Int? = 3,
        afterUse: AfterUse = .reset
    ) throws {
        let content = try card.content()
        try CPSCard(channel, atr: card.atr)
            .changePIN(content, old: pin(old), new: pin(new), triesShown: shown, afterUse: afterUse)
    }

    private func unblock(
        _ card: TestCard, _ channel: VirtualCardChannel, puk: String = "12345678", new: String = "4711", shown: Int?? = .none,
        afterUse: AfterUse = .reset
    ) throws {
        let content = try card.content()
        let tries = shown ?? (card.persona.isCPS3 ? 10 : 3)
        try CPSCard(channel, atr: card.atr)
            .unblockPIN(content, puk: pin(puk), new: pin(new), triesShown: tries, afterUse: afterUse)
    }

    private func counters(_ card: TestCard, _ channel: VirtualCardChannel? = nil) throws -> CodeCounters {
        let content = try card.content()
        return try CPSCard(channel ?? card.channel(), atr: card.atr).codeCounters(content)
    }

    @Test(arguments: Persona.allCases)
    func aChangedPINIsTheOneThatHolds(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        try change(card, channel)
        #expect(channel.sent.filter(Self.spends).count == 1 && channel.afterUse == .reset)
        card.reset()
        let content = try card.content()
        #expect(throws: CardError.pinWrong(triesLeft: 2)) { try card.authenticate(content, over: card.channel(), pin: "1234") }
        #expect(try card.authenticate(content, over: card.channel(), pin: "4711", shown: 2).count == 256)
    }

    @Test(arguments: Persona.allCases)
    func aWrongOldPINCostsOneTryAndChangesNothing(persona: Persona) throws {
        let card = try TestCard(persona)
        for (shown, error) in [(3, CardError.pinWrong(triesLeft: 2)), (2, .pinWrong(triesLeft: 1)), (1, .pinBlocked)] {
            let channel = card.channel()
            #expect(throws: error) { try change(card, channel, old: "9999", shown: shown) }
            #expect(channel.sent.filter(Self.spends).count == 1 && card.triesLeft == shown - 1)
            #expect(card.pinDigits == "1234" && channel.afterUse == .reset)
        }
        let blocked = card.channel()
        #expect(throws: CardError.pinBlocked) { try change(card, blocked) }
        #expect(!blocked.sent.contains(where: Self.spends))
    }

    @Test(arguments: Persona.allCases)
    func aBlockedPINIsUnblockedWithANewValue(persona: Persona) throws {
        let card = try TestCard(persona)
        card.setTriesLeft(0)
        let channel = card.channel()
        try unblock(card, channel)
        #expect(channel.sent.filter(Self.spends).count == 1 && channel.afterUseAtVerify == [.reset] && channel.afterUse == .reset)
        card.reset()
        #expect(card.triesLeft == 3)
        #expect(try card.authenticate(try card.content(), over: card.channel(), pin: "4711").count == 256)
    }

    @Test(arguments: Persona.allCases)
    func everyWrongPUKCountsOnceUntilItIsBlocked(persona: Persona) throws {
        let card = try TestCard(persona)
        let most = persona.isCPS3 ? 10 : 3
        for shown in (1...most).reversed() {
            let channel = card.channel()
            #expect(throws: shown == 1 ? CardError.pukBlocked : .pukWrong(triesLeft: shown - 1)) {
                try unblock(card, channel, puk: "99999999", shown: shown)
            }
            #expect(channel.sent.filter(Self.spends).count == 1)
            #expect(card.pukTriesLeft == shown - 1 && card.pinDigits == "1234")
        }
        let channel = card.channel()
        #expect(throws: CardError.pukBlocked) { try unblock(card, channel, shown: 1) }
        #expect(!channel.sent.contains(where: Self.spends))
    }

    @Test(arguments: Persona.allCases)
    func countersAreToldAndSpendNothing(persona: Persona) throws {
        let card = try TestCard(persona)
        card.setTriesLeft(2)
        let channel = card.channel()
        let told = try counters(card, channel)
        #expect(told.pin == CodeCounter(triesLeft: 2, usesLeft: nil))
        #expect(told.puk == (persona.isCPS3 ? CodeCounter(triesLeft: 10, usesLeft: 100) : CodeCounter(triesLeft: 3, usesLeft: nil)))
        #expect(!channel.sent.contains(where: Self.spends) && card.triesLeft == 2)
        card.setTriesLeft(0)
        #expect(try counters(card).pin.triesLeft == 0)
        guard persona.isCPS3 else { return }
        try unblock(card, card.channel())
        card.reset()
        #expect(try counters(card).puk == CodeCounter(triesLeft: 10, usesLeft: 99))
    }

    @Test func aPUKWithoutUsesLeftIsExhausted() throws {
        let card = try TestCard(.cps3)
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in
            command[1] == 0xCB ? Hex.decode("701ABF810216A0149A010A9B010A9D020000A1088C06F3FF00FFFF009000") : nil
        }
        #expect(throws: CardError.pukExhausted) { try unblock(card, channel) }
        #expect(!channel.sent.contains(where: Self.spends))
        #expect(try counters(card, channel).puk == CodeCounter(triesLeft: 10, usesLeft: 0))
    }

    /// A card that does not answer GET DATA tells its tries to an empty VERIFY.
    @Test func triesOfThePUKAreFoundWithoutItsObject() throws {
        let card = try TestCard(.cps3)
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in command[1] == 0xCB ? [0x6A, 0x88] : nil }
        #expect(try counters(card, channel).puk == CodeCounter(triesLeft: 10, usesLeft: nil))
    }

    @Test(arguments: Persona.allCases)
    func fewerTriesThanShownSendNothing(persona: Persona) throws {
        let card = try TestCard(persona)
        card.setTriesLeft(1)
        for shown in [2, nil] as [Int?] {
            let channel = card.channel()
            #expect(throws: CardError.triesChanged(triesLeft: 1)) { try change(card, channel, shown: shown) }
            #expect(!channel.sent.contains(where: Self.spends) && card.triesLeft == 1)
        }
        let told = persona.isCPS3 ? 10 : 3
        let channel = card.channel()
        #expect(throws: CardError.triesChanged(triesLeft: told)) { try unblock(card, channel, shown: told + 1) }
        #expect(!channel.sent.contains(where: Self.spends))
    }

    @Test(arguments: Persona.allCases)
    func whatCannotBeACodeIsNotSent(persona: Persona) throws {
        let card = try TestCard(persona)
        for bad in ["", "123", "12345", "12a4"] {
            let channel = card.channel()
            #expect(throws: CardError.pinFormat) { try change(card, channel, old: bad) }
            #expect(throws: CardError.newPINFormat) { try change(card, channel, new: bad) }
            #expect(throws: CardError.newPINFormat) { try unblock(card, channel, new: bad) }
            #expect(channel.sent.isEmpty)
        }
        let content = try card.content()
        for bad in ["", "1234", "1234567", "123456789", "1234567x"] {
            let channel = card.channel()
            #expect(throws: CardError.pukFormat) { try unblock(card, channel, puk: bad) }
            let isTaken = CPSCard.isWellFormed(pin(bad), asPUKFor: content)
            #expect(channel.sent.isEmpty && !isTaken)
        }
        let isTaken = CPSCard.isWellFormed(pin("12345678"), asPUKFor: content)
        #expect(isTaken)
    }

    @Test(arguments: Persona.allCases)
    func anotherCardIsNotAskedForItsCodes(persona: Persona) throws {
        let content = try TestCard(persona).content()
        let other = try TestCard(persona, serial: "87654321")
        let channel = other.channel()
        let driver = try CPSCard(channel, atr: other.atr)
        #expect(throws: CardError.cardDiffers) {
            try driver.changePIN(content, old: pin(), new: pin("4711"), triesShown: 3, afterUse: .reset)
        }
        #expect(throws: CardError.cardDiffers) {
            try driver.unblockPIN(content, puk: pin("12345678"), new: pin("4711"), triesShown: nil, afterUse: .reset)
        }
        #expect(!channel.sent.contains(where: Self.spends))
    }

    @Test(arguments: Persona.allCases)
    func aVerifiedPUKIsForgottenEvenWhenAnotherProgramHadVerified(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        _ = try card.authenticate(content, over: card.channel(), afterUse: .leave)
        let channel = card.channel()
        let tries = persona.isCPS3 ? 10 : 3
        try CPSCard(channel, atr: card.atr)
            .unblockPIN(content, puk: pin("12345678"), new: pin("4711"), triesShown: tries, afterUse: .reset)
        #expect(channel.afterUseAtVerify == [.reset] && channel.afterUse == .reset)
    }

    /// Verified by another program, a CPS4 would take a new PIN without the old one: ours must be right all the same.
    @Test(arguments: Persona.allCases, ["63C2", "6983", "6985", "6F00"])
    func onlyARightOldPINLetsTheNewOneFollow(persona: Persona, answer: String) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        _ = try card.authenticate(content, over: card.channel(), afterUse: .leave)
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in Self.spends(command) ? Hex.decode(answer) : nil }
        #expect(throws: CardError.self) {
            try CPSCard(channel, atr: card.atr)
                .changePIN(content, old: pin(), new: pin("4711"), triesShown: nil, afterUse: .reset)
        }
        #expect(card.pinDigits == "1234")
        #expect(channel.sent.filter(Self.spends).count == 1)
        #expect(channel.sent.last.map(Self.spends) == true)
    }

    @Test(arguments: Persona.allCases, ["6A80", "6700"])
    func aNewPINThatTheCardRefusesHasItsName(persona: Persona, answer: String) throws {
        for isChange in [true, false] {
            let card = try TestCard(persona)
            let channel = card.channel()
            channel.intercept = { (_, command, _) throws(CardError) in
                let setsPIN = command[1] == 0x24 || persona.isCPS3 && command[1] == 0x2C
                return setsPIN ? Hex.decode(answer) : nil
            }
            let status = try #require(UInt16(answer, radix: 16))
            #expect(throws: CardError.newPINRefused(StatusWord(rawValue: status))) {
                if isChange { try change(card, channel) } else { try unblock(card, channel) }
            }
            #expect(channel.sent.filter(Self.spends).count == 1)
        }
    }

    /// References, lengths and padding of the unblocking code come from the card.
    @Test(arguments: [0x05, 0x1F, 0x8A] as [UInt8])
    func thePUKMayHaveAnotherReference(reference: UInt8) throws {
        for persona in Persona.allCases {
            let card = try TestCard(persona)
            let own: UInt8 = persona.isCPS3 ? 0x02 : 0x12
            let channel = card.channel()
            channel.files.contents[Path.aodf] = try card.file(Path.aodf).replacing([0x80, 0x01, own], with: [0x80, 0x01, reference])
            channel.translate = { command in
                switch command[1] {
                case 0x20 where command[3] == reference: [command[0], 0x20, 0x00, own] + command.dropFirst(4)
                case 0xCB: command.replacing([0xBF, 0x81, reference], with: [0xBF, 0x81, own])
                default: command
                }
            }
            let content = try card.read(channel)
            let tries = try CPSCard(channel, atr: card.atr).codeCounters(content).puk?.triesLeft
            try CPSCard(channel, atr: card.atr)
                .unblockPIN(content, puk: pin("12345678"), new: pin("4711"), triesShown: tries, afterUse: .reset)
            #expect(channel.verifies.map { $0[3] } == [reference] && card.pinDigits == "4711")
        }
    }

    @Test(arguments: Persona.allCases)
    func anUnblockingFlagComesBeforeTheAdministrators(persona: Persona) throws {
        let card = try TestCard(persona)
        let entries = try TLV.parse(try card.file(Path.aodf))
        let puk = try #require(entries.last).bytes
        let own: UInt8 = persona.isCPS3 ? 0x02 : 0x12
        let unblocking = puk.replacing([0x03, 0x03, 0x04, 0x1D, 0x10], with: [0x03, 0x03, 0x04, 0x1E, 0x10])
            .replacing([0x80, 0x01, own], with: [0x80, 0x01, 0x09])
        let channel = card.channel()
        channel.files.contents[Path.aodf] = puk + unblocking + entries[0].bytes
        #expect(try card.read(channel).puk?.reference == 0x09)
    }

    @Test(arguments: Persona.allCases)
    func aCardWithoutPUKLogsInAndSaysSoWhenUnblocked(persona: Persona) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        channel.files.contents[Path.aodf] = try TLV.parse(try card.file(Path.aodf))[0].bytes
        let content = try card.read(channel)
        let driver = try CPSCard(channel, atr: card.atr)
        let isTaken = CPSCard.isWellFormed(pin("12345678"), asPUKFor: content)
        #expect(content.puk == nil && !isTaken)
        #expect(try driver.codeCounters(content).puk == nil)
        #expect(throws: CardError.pukMissing) {
            try driver.unblockPIN(content, puk: pin("12345678"), new: pin("4711"), triesShown: nil, afterUse: .reset)
        }
        #expect(try card.authenticate(content, over: channel).count == 256)
    }

    /// Whatever goes wrong at whichever command: at most one code is spent, and the card is reset once one was sent.
    @Test(arguments: Persona.allCases, [true, false])
    func faultsAtEveryCommandSpendOneCodeAtMost(persona: Persona, isChange: Bool) throws {
        let whole = try TestCard(persona)
        let reference = whole.channel()
        if isChange { try change(whole, reference) } else { try unblock(whole, reference) }
        for position in reference.sent.indices {
            for answer in [[0x6F, 0x00], [0x69, 0x82], [0x63, 0xC1], [0x61, 0x10], [0x6C, 0x10], [], [0xFF]] as [[UInt8]] {
                let card = try TestCard(persona)
                let channel = card.channel()
                channel.intercept = { (number, _, _) throws(CardError) in number == position ? answer : nil }
                let outcome = Result { if isChange { try change(card, channel) } else { try unblock(card, channel) } }
                let spent = channel.sent.filter(Self.spends)
                #expect(spent.count <= 1 && card.triesLeft == 3, "\(answer) at \(position)")
                #expect(spent.isEmpty || channel.afterUse == .reset)
                if case .failure = outcome { continue }
                #expect(card.pinDigits == "4711")
            }
        }
    }
}
