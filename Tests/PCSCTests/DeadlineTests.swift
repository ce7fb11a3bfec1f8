import PCSC
import SmartCard
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DeadlineTests {
    private let reader = "Reader 00 00"
    private let long = Duration.seconds(30)
    private let short = Duration.milliseconds(60)

    /// A reader whose first command hangs until the gate opens.
    private func hanging() -> (manager: ScriptedManager, gate: Gate, insertion: Insertion) {
        let manager = ScriptedManager(reader)
        manager.insert(reader)
        let gate = Gate()
        manager.change {
            $0.onTransmit = { (_) throws(PCSCError) in
                gate.pass()
                return [0x90, 0x00]
            }
        }
        return (manager, gate, Insertion(id: "a", reader: reader, eventCount: 1, atr: [0x3B, 0x00]))
    }

    @Test func aCommandThatHangsCostsTheCallerItsDeadlineOnly() async throws {
        // A busy machine may not even reach the command in a short time: then a longer one is given.
        for deadline in [short, .milliseconds(500), .seconds(5), .seconds(20)] {
            let (manager, gate, insertion) = hanging()
            let second = Flag()
            await #expect(throws: CardError.deadlineExceeded) {
                try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: deadline) {
                    channel throws(CardError) in
                    channel.afterUse = .reset
                    _ = try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
                    second.raise()
                    _ = try APDUBytes([0x00, 0x20, 0x00, 0x01]).send(over: channel)
                }
            }
            let isReached = manager.calls.contains("transmit")
            gate.open()
            guard isReached else { continue }
            await manager.until { $0.calls.contains { $0.hasPrefix("disconnect") } }
            // The body went on, but nothing more of it reached the card; what it began is cleaned up.
            #expect(second.isRaised)
            #expect(manager.calls == ["connect", "begin", "transmit", "end reset", "disconnect leave"])
            return
        }
        Issue.record("the command was never reached")
    }

    @Test func workOfACallerThatGaveUpIsNotDone() async throws {
        let (manager, gate, insertion) = hanging()
        let cards = PCSCCards(manager: manager)
        async let first = cards.transaction(with: insertion, rereads: false, deadline: long) {
            channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
        }
        await manager.until { $0.calls.contains("transmit") }
        let ran = Flag()
        let refusal = await #expect(throws: CardError.self) {
            try await cards.transaction(with: insertion, rereads: false, deadline: short) { (_) throws(CardError) in ran.raise() }
        }
        #expect(refusal?.withoutHolder == .cardBusy(holder: nil))
        gate.open()
        #expect(try await first == [0x90, 0x00])
        try await cards.transaction(with: insertion, rereads: false, deadline: long) { (_) throws(CardError) in }
        #expect(!ran.isRaised && manager.calls.filter { $0 == "connect" }.count == 2)
    }

    /// Another program holds the card while we wait for our turn.
    @Test func aTurnThatNeverComesCostsTheCallerItsDeadlineOnly() async throws {
        let (manager, gate, insertion) = hanging()
        manager.change { $0.onBegin = { () throws(PCSCError) in gate.pass() } }
        await #expect {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: short) {
                channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
            }
        } throws: { error in
            // Whoever else on this machine uses cards may be named.
            if case .cardBusy? = error as? CardError { true } else { false }
        }
        gate.open()
        await manager.until { $0.calls.contains { $0.hasPrefix("disconnect") } }
        #expect(!manager.calls.contains("transmit"))
    }

    @Test func aDeadlineInThePastSendsNothing() async throws {
        let (manager, gate, insertion) = hanging()
        gate.open()
        // It is noticed before the work has its turn, or by the first command.
        await #expect(throws: CardError.self) {
            try await PCSCCards(manager: manager).transaction(with: insertion, rereads: true, deadline: .zero) {
                channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
            }
        }
        #expect(!manager.calls.contains("transmit"))
    }

    @Test func moreThanSixteenCallersAreTurnedAway() async throws {
        let (manager, gate, insertion) = hanging()
        let cards = PCSCCards(manager: manager)
        let outcomes = await withTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    await Task {
                        try await cards.transaction(with: insertion, rereads: false, deadline: .seconds(30)) {
                            channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
                        }
                    }.result
                }
            }
            var refusals = 0
            // Sixteen hang, so the first four answers are refusals.
            for _ in 0..<4 {
                guard case .failure(let error)? = await group.next() else { continue }
                if (error as? CardError)?.withoutHolder == .cardBusy(holder: nil) { refusals += 1 }
            }
            gate.open()
            var answers = 0
            for await outcome in group { if case .success = outcome { answers += 1 } }
            return (refusals: refusals, answers: answers)
        }
        #expect(outcomes == (4, 16))
    }

    @Test func aReaderThatHangsDelaysNoOther() async throws {
        let (manager, gate, insertion) = hanging()
        manager.plug("Z")
        manager.insert("Z")
        let cards = PCSCCards(manager: manager)
        async let first = cards.transaction(with: insertion, rereads: false, deadline: long) {
            channel throws(CardError) in try APDUBytes([0x00, 0x84, 0x00, 0x00]).send(over: channel)
        }
        await manager.until { $0.calls.contains("transmit") }
        let other = Insertion(id: "b", reader: "Z", eventCount: 1, atr: [0x3B, 0x00])
        try await cards.transaction(with: other, rereads: false, deadline: long) { (_) throws(CardError) in }
        gate.open()
        #expect(try await first == [0x90, 0x00])
    }
}
