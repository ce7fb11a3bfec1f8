import PCSC
import SmartCard
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct CardTransactionTests {
    private let reader = "Reader 00 00"
    private let long = Duration.seconds(30)
    private let short = Duration.milliseconds(60)

    /// A reader with a card, and the stay of that card.
    private func inserted() -> (manager: ScriptedManager, insertion: Insertion) {
        let manager = ScriptedManager(reader)
        manager.insert(reader)
        return (manager, Insertion(id: "a", reader: reader, eventCount: 1, atr: [0x3B, 0x00]))
    }

    private func transmit(_ channel: any CardChannel, _ command: [UInt8] = [0x00, 0x84, 0x00, 0x00, 0x08]) throws(CardError) -> [UInt8] {
        try APDUBytes(command).send(over: channel)
    }

    @Test func oneTransactionIsOneConnection() async throws {
        let (manager, insertion) = inserted()
        let answer = try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
            channel throws(CardError) in try transmit(channel)
        }
        #expect(answer == [0x90, 0x00])
        #expect(manager.calls == ["connect", "begin", "transmit", "end leave", "disconnect leave"])
        #expect(manager.change { $0.contexts.isEmpty && $0.handles.isEmpty })
    }

    @Test func theProtocolOfTheConnectionIsTold() async throws {
        let (manager, insertion) = inserted()
        let told = try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
            channel throws(CardError) in channel.transmissionProtocol
        }
        #expect(told == .t1)
    }

    /// The card left; another came, the same came again; nothing but the counter tells.
    @Test(arguments: [0, 2, 3, 5] as [UInt16])
    func anotherStayIsNotTouched(events: UInt16) async throws {
        let (manager, insertion) = inserted()
        manager.change {
            $0.slots[reader]?.events = events
            $0.slots[reader]?.isPresent = events != 2
        }
        let ran = Flag()
        await #expect(throws: CardError.cardRemoved) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: long) {
                (_) throws(CardError) in ran.raise()
            }
        }
        #expect(!ran.isRaised && !manager.calls.contains("transmit") && !manager.calls.contains("end reset"))
        #expect(manager.change { $0.contexts.isEmpty && $0.handles.isEmpty })
    }

    @Test(arguments: [
        (PCSCError.sharingViolation, CardError.cardBusy(holder: nil)), (.noSmartCard, .cardRemoved), (.removedCard, .cardRemoved),
        (.unresponsiveCard, .cardMute), (.unpoweredCard, .cardMute), (.protocolMismatch, .cardMute), (.unknownReader, .readerUnavailable),
        (.readerUnavailable, .readerUnavailable), (.noService, .serviceUnavailable), (.serviceStopped, .serviceUnavailable),
        (.communicationFault, .serviceUnavailable), (.invalidHandle, .serviceUnavailable), (.securityViolation, .notAuthorised),
        (PCSCError(code: 0x8010_0001), .transportFailed(code: 0x8010_0001)),
    ])
    func aCardThatCannotBeReachedIsNamed(error: PCSCError, meaning: CardError) async throws {
        for atBegin in [false, true] {
            let (manager, insertion) = inserted()
            manager.change {
                if atBegin { $0.onBegin = { () throws(PCSCError) in throw error } }
                if !atBegin { $0.onConnect = { () throws(PCSCError) in throw error } }
            }
            let refusal = await #expect(throws: CardError.self) {
                try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: long) {
                    channel throws(CardError) in try transmit(channel)
                }
            }
            #expect(refusal?.withoutHolder == meaning)
            #expect(!manager.calls.contains("transmit"))
            #expect(manager.change { $0.contexts.isEmpty && $0.handles.isEmpty })
        }
    }

    @Test func theServiceCanBeGone() async throws {
        let (manager, insertion) = inserted()
        manager.stopService()
        await #expect(throws: CardError.serviceUnavailable) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: long) { (_) throws(CardError) in }
        }
    }

    // MARK: Reset by another program

    @Test(arguments: [(true, 2), (false, 1)])
    func aResetUnderUsIsRetriedOnlyForReadings(rereads: Bool, runs: Int) async throws {
        let (manager, insertion) = inserted()
        manager.change { $0.onTransmit = { (_) throws(PCSCError) in throw .resetCard } }
        let count = Counter()
        await #expect(throws: CardError.cardReset) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: rereads, deadline: long) {
                channel throws(CardError) in
                count.add()
                _ = try transmit(channel)
            }
        }
        #expect(count.value == runs)
    }

    @Test func aReadingGoesOnAfterOneReset() async throws {
        let (manager, insertion) = inserted()
        let count = Counter()
        manager.change {
            $0.onTransmit = { (_) throws(PCSCError) in
                if count.add() == 1 { throw .resetCard }
                return [0x90, 0x00]
            }
        }
        let answer = try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: long) {
            channel throws(CardError) in try transmit(channel)
        }
        #expect(answer == [0x90, 0x00] && count.value == 2)
    }

    /// Between our connection and our turn another program ended its own work with a reset: nothing of ours had begun.
    @Test(arguments: [true, false])
    func aResetBeforeOurTurnCostsNothing(rereads: Bool) async throws {
        let (manager, insertion) = inserted()
        let turns = Counter()
        manager.change { $0.onBegin = { () throws(PCSCError) in if turns.add() == 1 { throw .resetCard } } }
        let runs = Counter()
        let answer = try await PCSCCards(manager: manager).transaction(with: insertion, rereads: rereads, deadline: long) {
            channel throws(CardError) in
            runs.add()
            return try transmit(channel)
        }
        #expect(answer == [0x90, 0x00] && runs.value == 1)
        #expect(manager.change { $0.handles.isEmpty })
    }

    @Test func aCardThatIsResetForEverIsGivenUp() async throws {
        let (manager, insertion) = inserted()
        manager.change { $0.onBegin = { () throws(PCSCError) in throw .resetCard } }
        await #expect(throws: CardError.cardReset) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: long) { (_) throws(CardError) in }
        }
        #expect(manager.calls.count <= 32)
    }

    // MARK: The end of a transaction

    @Test(arguments: [true, false])
    func theResetIsAskedForHoweverTheBodyEnds(fails: Bool) async throws {
        let (manager, insertion) = inserted()
        var failure: CardError?
        do throws(CardError) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
                channel throws(CardError) in
                channel.afterUse = .reset
                _ = try transmit(channel)
                if fails { throw .pinWrong(triesLeft: 2) }
            }
        } catch { failure = error }
        #expect(failure == (fails ? .pinWrong(triesLeft: 2) : nil))
        #expect(manager.calls == ["connect", "begin", "transmit", "end reset", "disconnect leave"])
    }

    @Test func aResetThatFailsIsAskedForAgainWithTheHandle() async throws {
        let (manager, insertion) = inserted()
        manager.change { $0.onEnd = { () throws(PCSCError) in throw .notTransacted } }
        try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
            channel throws(CardError) in channel.afterUse = .reset
        }
        #expect(manager.calls.suffix(2) == ["end reset", "disconnect reset"])
    }

    @Test func anEndThatFailsAfterReadingLeavesTheCard() async throws {
        let (manager, insertion) = inserted()
        manager.change { $0.onEnd = { () throws(PCSCError) in throw .notTransacted } }
        try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) { (_) throws(CardError) in }
        #expect(manager.calls.suffix(2) == ["end leave", "disconnect leave"])
    }

    // MARK: Silence

    @Test func aCommandThatIsNotCarriedOutMeansAMuteCard() async throws {
        let (manager, insertion) = inserted()
        manager.change {
            $0.expiries = 1
            $0.onTransmit = { (_) throws(PCSCError) in throw .notTransacted }
        }
        await #expect(throws: CardError.cardMute) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: long) {
                channel throws(CardError) in try transmit(channel)
            }
        }
        #expect(manager.calls.filter { $0 == "transmit" }.count == 1)
    }

    @Test func aCommandThatIsNotCarriedOutMayMeanARemovedCard() async throws {
        let (manager, insertion) = inserted()
        manager.change {
            $0.onTransmit = { (_) throws(PCSCError) in
                manager.eject("Reader 00 00")
                throw .notTransacted
            }
        }
        await #expect(throws: CardError.cardRemoved) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
                channel throws(CardError) in try transmit(channel)
            }
        }
    }

    /// PC/SC notices a departure a moment after the command failed.
    @Test func aDepartureThatIsNoticedLateIsWaitedFor() async throws {
        let (manager, insertion) = inserted()
        manager.change { $0.onTransmit = { (_) throws(PCSCError) in throw .notTransacted } }
        let answer = Task {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
                channel throws(CardError) in try transmit(channel)
            }
        }
        await manager.until { $0.waiting == 1 }
        manager.eject(reader)
        await #expect(throws: CardError.cardRemoved) { try await answer.value }
    }

    @Test func aReaderPulledDuringACommandIsNamed() async throws {
        let (manager, insertion) = inserted()
        manager.change {
            $0.onTransmit = { (_) throws(PCSCError) in
                manager.pull("Reader 00 00")
                throw .notTransacted
            }
        }
        await #expect(throws: CardError.readerUnavailable) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: false, deadline: long) {
                channel throws(CardError) in try transmit(channel)
            }
        }
    }
}
