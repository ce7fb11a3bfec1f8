import CardDrivers
import Primitives
import SmartCard
import Testing

/// What other programs leave behind on a shared card.
struct RecoveryTests {
    private let rootSelection: [UInt8] = [0x00, 0xA4, 0x04, 0x04, 0x08, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
    private let appletSelection: [UInt8] = [0x01, 0xA4, 0x04, 0x0C, 0x08, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
    private let issuerDomain: [UInt8] = [0x01, 0xA4, 0x04, 0x0C, 0x07, 0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00]
    private let legacyApplet: [UInt8] = [0x00, 0xA4, 0x04, 0x0C, 0x08, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x00, 0x02]

    /// The legacy volume of a CPS3 is selected: it refuses the class, or P1-P2, until the root is selected.
    private func legacySelected(_ channel: VirtualCardChannel, _ answer: [UInt8]) {
        var isSelected = true
        channel.intercept = { (_, command, _) throws(CardError) in
            if command == self.rootSelection { isSelected = false }
            return isSelected ? answer : nil
        }
    }

    @Test(arguments: [[0x6E, 0x00], [0x6E, 0x01], [0x6A, 0x86]] as [[UInt8]])
    func aCPS3IsTakenBackFromTheLegacyVolume(answer: [UInt8]) throws {
        let card = try TestCard(.cps3)
        let channel = card.channel()
        legacySelected(channel, answer)
        let content = try card.read(channel)
        #expect(channel.sent.prefix(3).map { $0[1] } == [0xA4, 0xA4, 0xA4] && channel.sent[1] == rootSelection)
        #expect(channel.sent[0] == channel.sent[2] && channel.sent.filter { $0 == rootSelection }.count == 1)
        let again = card.channel()
        legacySelected(again, answer)
        #expect(try card.authenticate(content, over: again).count == 256)
        #expect(again.verifies.count == 1)
    }

    @Test func aCPS3ThatStaysAwayIsGivenUp() throws {
        let card = try TestCard(.cps3)
        let channel = card.channel()
        channel.intercept = { (_, _, _) throws(CardError) in [0x6E, 0x00] }
        #expect(throws: CardError.unexpectedStatus(.classNotSupported, during: "select file")) { try card.read(channel) }
        #expect(channel.sent.count == 3)
    }

    @Test(arguments: [Persona.cps4, .cps4OverT0])
    func theAppletOfACPS4IsSelectedWhereTheChannelIsClosed(persona: Persona) throws {
        let card = try TestCard(persona)
        let content = try card.content()
        card.reset()
        let channel = card.channel()
        #expect(try card.authenticate(content, over: channel).count == 256)
        #expect(channel.sent[1] == appletSelection && channel.sent.filter { $0 == appletSelection }.count == 1)
    }

    /// The applet refuses until the issuer domain and the legacy applet were selected, in this order.
    @Test(arguments: [Persona.cps4, .cps4OverT0], [[0x69, 0x85], [0x68, 0x81], [0x6A, 0x82]] as [[UInt8]])
    func aStuckCPS4IsFreedByTheDetour(persona: Persona, answer: [UInt8]) throws {
        let card = try TestCard(persona)
        let channel = card.channel()
        var steps: [[UInt8]] = []
        channel.intercept = { (_, command, _) throws(CardError) in
            if [self.issuerDomain, self.legacyApplet].contains(command) { steps.append(command) }
            return command == self.appletSelection && steps != [self.issuerDomain, self.legacyApplet] ? answer : nil
        }
        let content = try card.read(channel)
        #expect(content.identity.serial.digits == "12345678" && steps.count == 2)
    }

    @Test func aCPS4ThatStaysStuckIsGivenUp() throws {
        let card = try TestCard(.cps4)
        let channel = card.channel()
        channel.intercept = { (_, command, _) throws(CardError) in command == self.appletSelection ? [0x69, 0x85] : nil }
        #expect(throws: CardError.unexpectedStatus(.conditionsOfUseNotSatisfied, during: "select applet")) { try card.read(channel) }
        #expect(channel.sent.count == 4)
    }

    /// Another applet on the channel answers, but has none of our files.
    @Test(arguments: [[0x6A, 0x82], [0x6D, 0x00], [0x69, 0x85], [0x6A, 0x86]] as [[UInt8]])
    func aCPS4IsTakenBackFromAnotherApplet(answer: [UInt8]) throws {
        let card = try TestCard(.cps4)
        let content = try card.content()
        var isOther = true
        func another(_ channel: VirtualCardChannel) {
            isOther = true
            channel.intercept = { (_, command, _) throws(CardError) in
                if command == self.appletSelection { isOther = false }
                return isOther ? answer : nil
            }
        }
        let reading = card.channel()
        another(reading)
        #expect(try card.read(reading) == content)
        let login = card.channel()
        another(login)
        #expect(try card.authenticate(content, over: login).count == 256)
        #expect(login.verifies.count == 1)
    }

    @Test func aCPS4WithoutSerialNumberIsForeign() throws {
        let card = try TestCard(.cps4)
        let channel = card.channel()
        channel.files.contents[Path.serial] = .some(nil)
        #expect(throws: CardError.cardForeign) { try card.read(channel) }
        #expect(channel.sent.count <= 6)
    }
}
