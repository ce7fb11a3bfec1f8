import SmartCard
import Testing
import VirtualCard

struct FaultTests {
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
        ("tries=1", .triesLeft(1)),
    ])
    func switchesAreRead(text: String, fault: Fault) {
        #expect(Fault(text) == fault)
    }

    @Test(arguments: [
        "", "remove-after", "remove-after=", "remove-after=-1", "remove-after=x", "delay=60001", "flip=0", "tries=4", "sw=20",
        "sw=2020:6983", "sw=20:69", "sw=zz:6983", "bad-signature=1", "sw", "unknown=1", "remove-after=99999999999999999999",
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
}
