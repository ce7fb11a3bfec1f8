import PCSC
import SmartCard
import Testing

/// A card or a service that does not answer one call: the caller hears it soon, and nothing more is sent.
@Suite(.timeLimit(.minutes(5)))
struct SilenceTests {
    private let reader = "Reader 00 00"
    private let long = Duration.seconds(30)
    private let silence = Duration.milliseconds(60)
    private let insertion = Insertion(id: "a", reader: "Reader 00 00", eventCount: 1, atr: [0x3B, 0x00])

    private func manager() -> ScriptedManager {
        let manager = ScriptedManager(reader)
        manager.insert(reader)
        return manager
    }

    private func hangOnTransmit(_ manager: ScriptedManager) -> Gate {
        let gate = Gate()
        manager.change {
            $0.onTransmit = { (_) throws(PCSCError) in
                gate.pass()
                return [0x90, 0x00]
            }
        }
        return gate
    }

    private func random(_ cards: PCSCCards, deadline: Duration) async throws(CardError) -> [UInt8] {
        try await cards.transaction(with: insertion, rereads: true, deadline: deadline) {
            channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
        }
    }

    @Test func aSilentCommandEndsTheOperationLongBeforeItsDeadline() async throws {
        let manager = manager()
        let gate = hangOnTransmit(manager)
        let begun = ContinuousClock.now
        await #expect(throws: CardError.deadlineExceeded) {
            try await PCSCCards(manager: manager, silence: silence).transaction(with: insertion, rereads: false, deadline: long) {
                channel throws(CardError) in
                channel.afterUse = .reset
                _ = try APDUBytes([0x00, 0x20, 0x00, 0x01]).send(over: channel)
                _ = try APDUBytes([0x00, 0x88, 0x00, 0x00]).send(over: channel)
            }
        }
        #expect(ContinuousClock.now - begun < long)
        await manager.until { $0.calls.contains("transmit") }
        gate.open()
        await manager.until { $0.calls.contains { $0.hasPrefix("disconnect") } }
        // The answer came too late: what would have followed was not sent, and the card forgets the PIN.
        #expect(manager.calls == ["connect", "begin", "transmit", "end reset", "disconnect leave"])
    }

    @Test func whoeverComesBehindASilentCommandHearsOfSilenceToo() async throws {
        let manager = manager()
        let gate = hangOnTransmit(manager)
        let cards = PCSCCards(manager: manager, silence: silence)
        await #expect(throws: CardError.deadlineExceeded) { try await random(cards, deadline: long) }
        await #expect(throws: CardError.deadlineExceeded) { try await random(cards, deadline: long) }
        #expect(manager.calls.filter { $0 == "transmit" }.count == 1)
        gate.open()
        // As soon as the command comes back the reader can be used again.
        let answer = try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
            channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
        }
        #expect(answer == [0x90, 0x00])
        while true {
            do throws(CardError) {
                #expect(try await random(cards, deadline: long) == [0x90, 0x00])
                return
            } catch { #expect(error == .deadlineExceeded) }
        }
    }

    @Test func aServiceThatHangsIsUnavailable() async throws {
        let manager = manager()
        let gate = Gate()
        manager.change { $0.onConnect = { () throws(PCSCError) in gate.pass() } }
        let cards = PCSCCards(manager: manager, silence: silence)
        await #expect(throws: CardError.serviceUnavailable) { try await random(cards, deadline: long) }
        gate.open()
        await manager.until { $0.calls.contains { $0.hasPrefix("disconnect") } }
        #expect(!manager.calls.contains("transmit"))
    }

    @Test func aResetThatNeverEndsIsNotTakenForSuccess() async throws {
        let manager = manager()
        let gate = Gate()
        manager.change { $0.onEnd = { () throws(PCSCError) in gate.pass() } }
        let cards = PCSCCards(manager: manager, silence: silence)
        await #expect(throws: CardError.serviceUnavailable) { try await random(cards, deadline: long) }
        gate.open()
    }

    /// To wait for another program is no silence: that may take as long as the whole operation may.
    @Test func anotherProgramMayHoldTheCardForLonger() async throws {
        let manager = manager()
        let gate = Gate()
        manager.change { $0.onBegin = { () throws(PCSCError) in gate.pass() } }
        let cards = PCSCCards(manager: manager, silence: .milliseconds(10))
        await #expect {
            try await random(cards, deadline: .milliseconds(300))
        } throws: { error in
            if case .cardBusy? = error as? CardError { true } else { false }
        }
        gate.open()
        await manager.until { $0.calls.contains { $0.hasPrefix("disconnect") } }
        #expect(!manager.calls.contains("transmit"))
    }
}
