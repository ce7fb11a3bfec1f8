import SmartCard
import Testing
import VirtualCard

struct FaultTests {
    private struct Missing: Error {}

    private let select: [UInt8] = [0x00, 0xA4, 0x09, 0x0C, 0x02, 0x3F, 0x00]
    private let ok: [UInt8] = [0x90, 0x00]

    private func faulty(_ faults: Fault...) throws -> FaultyCard {
        var card = FaultyCard(try TestCard(.cps3).card)
        for fault in faults { card.add(fault) }
        return card
    }

    @Test(arguments: [
        ("remove-after=3", Fault.removeAfter(3)), ("mute-after=0", .muteAfter(0)), ("delay=40", .delay(40)), ("flip=2", .flip(2)),
        ("sw=20:6983", .status(instruction: 0x20, .authenticationMethodBlocked)), ("bad-signature", .badSignature),
        ("tries=1", .triesLeft(1)), ("garbage=3", .garbage(3)), ("length=B0:4000", .length(instruction: 0xB0, 4000)),
        ("endless=a4", .endless(instruction: 0xA4)), ("file-size=65535", .fileSize(65535)), ("forget-after=4", .forgetAfter(4)),
        ("pin-verified", .pinVerified), ("update-interrupted", .updateInterrupted),
    ])
    func switchesAreRead(text: String, fault: Fault) {
        #expect(Fault(text) == fault)
    }

    @Test(arguments: [
        "", "remove-after", "remove-after=", "remove-after=-1", "remove-after=x", "delay=60001", "flip=0", "tries=4", "sw=20",
        "sw=2020:6983", "sw=20:69", "sw=zz:6983", "bad-signature=1", "sw", "unknown=1", "garbage=0",
        "length=B0", "length=B0:60001", "length=B:1", "length=B0:-1", "endless", "endless=A4B0", "file-size=65536", "pin-verified=1",
        "update-interrupted=1", "forget-after", "remove-after=99999999999999999999",
    ])
    func otherTextIsNoFault(text: String) {
        #expect(Fault(text) == nil)
    }

    @Test func theCardLeavesOnceAfterItsLastAnswer() throws {
        var card = try faulty(.removeAfter(2))
        #expect(card.exchange(select) == .answer(ok))
        #expect(card.exchange(select) == .lastAnswer(ok))
        card.insert()
        for _ in 0..<4 { #expect(card.exchange(select) == .answer(ok)) }
    }

    @Test func theCardLeavesInsteadOfAnswering() throws {
        var card = try faulty(.removeAfter(0))
        #expect(card.exchange(select) == .removed)
    }

    @Test func aMuteCardSpeaksAgainWhenPutBackIn() throws {
        var card = try faulty(.muteAfter(1))
        #expect(card.exchange(select) == .answer(ok))
        #expect(card.exchange(select) == .mute)
        #expect(card.exchange(select) == .mute)
        card.insert()
        #expect(card.exchange(select) == .answer(ok))
    }

    @Test func aStatusWordTakesTheCommandsPlace() throws {
        var card = try faulty(.status(instruction: 0x20, .conditionsOfUseNotSatisfied))
        let wrong: [UInt8] = [0x00, 0x20, 0x00, 0x01, 0x08, 0x39, 0x39, 0x39, 0x39, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(card.exchange(wrong) == .answer([0x69, 0x85]))
        #expect(card.card.description.pin.triesLeft == 3)
        card.clear()
        #expect(card.exchange(wrong) == .answer([0x63, 0xC2]))
    }

    @Test func oneBitOfOneAnswerFlips() throws {
        var card = try faulty(.flip(2))
        #expect(card.exchange(select) == .answer(ok))
        #expect(card.exchange(select) == .answer([0x91, 0x00]))
        #expect(card.exchange(select) == .answer(ok))
    }

    @Test func triesCanBeSpentBeforehand() throws {
        let card = try faulty(.triesLeft(1))
        #expect(card.card.description.pin.triesLeft == 1)
    }

    @Test func delaysAreTold() throws {
        var card = try faulty(.delay(25))
        #expect(card.delay == 25)
        card.clear()
        #expect(card.delay == 0)
    }

    @Test func countsBeginWhenTheFaultIsSet() throws {
        var card = try faulty()
        _ = card.exchange(select)
        card.add(.removeAfter(1))
        #expect(card.exchange(select) == .lastAnswer(ok))
        #expect(card.commands == 2)
    }

    @Test func oneAnswerIsJunk() throws {
        var card = try faulty(.garbage(1))
        #expect(card.exchange(select) == .answer([0xDE, 0xAD, 0xBE, 0xEF, 0x42]))
        #expect(card.exchange(select) == .answer(ok))
    }

    @Test(arguments: [(0, 2), (5, 7), (40, 42), (4000, 4002)])
    func answersHaveAnyLength(length: Int, bytes: Int) throws {
        var card = try faulty(.length(instruction: 0xB0, length))
        _ = card.exchange([0x00, 0xA4, 0x09, 0x0C, 0x04, 0x3F, 0x00, 0xD0, 0x03])
        guard case .answer(let answer) = card.exchange([0x00, 0xB0, 0x00, 0x00, 0x0C]) else { throw Missing() }
        #expect(answer.count == bytes && answer.suffix(2) == ok)
        #expect(answer.dropLast(2).first == (length == 0 ? nil : 0x5A))
    }

    @Test func anAnswerNeverEnds() throws {
        var card = try faulty(.endless(instruction: 0xA4))
        #expect(card.exchange(select) == .answer([0x61, 0x10]))
        for _ in 0..<5 {
            guard case .answer(let answer) = card.exchange([0x00, 0xC0, 0x00, 0x00, 0x10]) else { throw Missing() }
            #expect(answer.count == 18 && answer.suffix(2) == [0x61, 0x10])
        }
        card.clear()
        #expect(card.exchange(select) == .answer(ok))
    }

    @Test func everyFileClaimsTheSameSize() throws {
        var card = try faulty(.fileSize(0xFFFF))
        #expect(card.exchange([0x00, 0xA4, 0x09, 0x04, 0x04, 0x3F, 0x00, 0xD0, 0x03]) == .answer([0x61, 0x27]))
        guard case .answer(let answer) = card.exchange([0x00, 0xC0, 0x00, 0x00, 0x27]) else { throw Missing() }
        #expect(answer[2..<6] == [0x80, 0x02, 0xFF, 0xFF])
    }

    /// The card forgets between two commands; whoever looks is not told.
    @Test func theCardForgetsAsIfResetByOthers() throws {
        var card = try faulty(.forgetAfter(2))
        let right: [UInt8] = [0x00, 0x20, 0x00, 0x01, 0x08, 0x31, 0x32, 0x33, 0x34, 0xFF, 0xFF, 0xFF, 0xFF]
        #expect(card.exchange(right) == .answer(ok))
        #expect(card.exchange([0x00, 0x20, 0x00, 0x01]) == .answer(ok))
        #expect(card.exchange([0x00, 0x20, 0x00, 0x01]) == .answer([0x63, 0xC3]))
    }

    @Test(arguments: [CardGeneration.cps3, .cps4])
    func thePINIsVerifiedByOthersUntilToldOtherwise(generation: CardGeneration) throws {
        var card = FaultyCard(try TestCard(generation).card)
        let select: [UInt8] = [0x01, 0xA4, 0x04, 0x0C, 0x08, 0x80, 0x25, 0x00, 0x00, 0x01, 0xFF, 0x01, 0x00]
        let ask: [UInt8] = generation == .cps3 ? [0x00, 0x20, 0x00, 0x01] : [0x01, 0x20, 0x00, 0x11]
        card.add(.pinVerified)
        card.card.reset()
        if generation == .cps4 { _ = card.exchange(select) }
        #expect(card.exchange(ask) == .answer(ok))
        card.clear()
        card.card.reset()
        if generation == .cps4 { _ = card.exchange(select) }
        #expect(card.exchange(ask) == .answer([0x63, 0xC3]))
    }

    @Test func anUpdateIsInterruptedAndPutRight() throws {
        var card = try faulty(.updateInterrupted)
        let marker: [UInt8] = [0x00, 0xA4, 0x09, 0x0C, 0x04, 0x3F, 0x00, 0xD0, 0x10]
        #expect(card.exchange(marker) == .answer(ok))
        #expect(card.exchange([0x00, 0xB0, 0x00, 0x00, 0x02]) == .answer([0xEC, 0x09] + ok))
        card.clear()
        #expect(card.exchange(marker) == .answer([0x6A, 0x82]))
    }

    /// What `--help` lists is what can be set.
    @Test func everyFaultOfTheManualIsRead() {
        for (form, _) in Fault.help {
            let text = form.replacing("INS:SW", with: "20:6983").replacing("INS:N", with: "B0:7").replacing("INS", with: "A4")
                .replacing("=N", with: "=1").replacing("=MS", with: "=1")
            #expect(Fault(text) != nil, "\(form)")
        }
    }
}
