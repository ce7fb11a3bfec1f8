import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestPKI
import TestSupport
import Testing
import VirtualCard

@Suite(.timeLimit(.minutes(5)))
struct BoardTests {
    private func state(_ agent: TestAgent) async -> ReaderView.CardState? { await agent.board.views.first?.cardState }

    @Test func emptyReaderAndNoReaderAreToldApart() async throws {
        let agent = try await TestAgent()
        #expect(await eventually { await state(agent) == .absent })
        #expect(try await agent.refusal { try await agent.begin() }?.code == .cardAbsent)
        #expect(try await agent.refusal { try await agent.begin(reader: "nowhere") }?.code == .readerNotFound)
        agent.readers.unplug(TestAgent.reader)
        #expect(await eventually { await agent.board.views.isEmpty })
        #expect(try await agent.refusal { try await agent.begin() }?.code == .noReader)
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["card_absent", "reader_not_found", "no_reader"])
    }

    @Test func cardThatAnswersNoResetIsMute() async throws {
        let agent = try await TestAgent()
        agent.readers.insertMute(in: TestAgent.reader)
        #expect(await eventually { await state(agent) == .mute })
        #expect(try await agent.refusal { try await agent.begin() }?.code == .cardMute)
    }

    @Test func cardOfAnotherKindIsForeign() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        agent.readers.insert(card, in: TestAgent.reader, atr: [0x3B, 0x00])
        #expect(await eventually { await state(agent) == .foreign })
        #expect(try await agent.refusal { try await agent.begin() }?.code == .cardForeign)
        #expect(await agent.board.views.first?.cardJSON["code"]?.string == "card_foreign")
    }

    @Test func blockedCardIsBlocked() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(0)
        await agent.insert(card)
        #expect(await state(agent) == .blocked)
        #expect(try await agent.refusal { try await agent.begin() } == Refusal(.pinBlocked, ["tries_left": 0]))
        #expect(agent.readers.verifies == 0)
    }

    @Test(arguments: [
        (CardError.cardMute, ReaderView.CardState.mute, "card_mute"), (.deadlineExceeded, .mute, "card_timeout"),
        (.cardBusy(holder: "other"), .reading, "card_busy"), (.transportFailed(code: 1), .reading, "card_failed"),
        (.cardDamaged("ODF"), .foreign, "card_damaged"), (.updateInterrupted, .foreign, "card_update_interrupted"),
        (.cardForeign, .foreign, "card_foreign"),
    ])
    func failedReadingShowsItsCode(error: CardError, shown: ReaderView.CardState, code: String) async throws {
        let agent = try await TestAgent()
        agent.readers.failNext(error)
        await agent.insert(try Personas.shared().doctor.card())
        #expect(await state(agent) == shown)
        #expect(await agent.board.views.first?.cardJSON["code"]?.string == code)
    }

    @Test(arguments: [CardError.cardMute, .deadlineExceeded, .cardBusy(holder: nil), .transportFailed(code: 1)])
    func passingTroubleDoesNotStick(error: CardError) async throws {
        let agent = try await TestAgent()
        agent.readers.failNext(error)
        await agent.insert(try Personas.shared().doctor.card())
        #expect(try await agent.board.freshView(of: TestAgent.reader).cardState == .ready)
        try await agent.logIn()
        // A login finds its way by itself, too.
        agent.readers.eject(TestAgent.reader)
        agent.readers.failNext(error)
        await agent.insert(try Personas.shared().doctor.card())
        try await agent.logIn()
    }

    @Test func resetByAnotherProgramIsReadOver() async throws {
        let agent = try await TestAgent()
        agent.readers.failNext(.cardReset)
        await agent.insert(try Personas.shared().doctor.card())
        #expect(await state(agent) == .ready)
    }

    @Test func cardThatComesBackIsNotReadAgain() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let first = agent.readers.takeCommandCount()
        agent.readers.eject(TestAgent.reader)
        await agent.insert(card)
        let second = agent.readers.takeCommandCount()
        #expect(second < first / 2)
        #expect(await state(agent) == .ready)
    }

    @Test func loginRightAtTheInsertionWaitsForTheReading() async throws {
        let agent = try await TestAgent()
        #expect(await eventually { await state(agent) == .absent })
        let reading = Gate()
        agent.readers.setHook { _ in
            reading.passBlocking()
            return nil
        }
        agent.readers.insert(try Personas.shared().doctor.card(), in: TestAgent.reader)
        await reading.reached()
        #expect(await state(agent) == .reading)
        async let login = agent.begin()
        for _ in 0..<100 { await Task.yield() }
        reading.open()
        #expect(try await !login.isEmpty)
    }

    @Test func loginThatWaitsFollowsASwappedCard() async throws {
        let agent = try await TestAgent()
        #expect(await eventually { await state(agent) == .absent })
        let reading = Gate()
        agent.readers.setHook { _ in
            reading.passBlocking()
            return nil
        }
        agent.readers.insert(try Personas.shared().doctor.card(), in: TestAgent.reader)
        await reading.reached()
        async let login = agent.begin()
        for _ in 0..<100 { await Task.yield() }
        agent.readers.eject(TestAgent.reader, isSeen: false)
        let nurse = try Personas.shared().nurse
        let insertion = agent.readers.insert(try nurse.card(), in: TestAgent.reader)
        #expect(await eventually { await agent.registry.isLive(insertion.id) })
        reading.open()
        let json = try await agent.desk.login(try await login, for: .user)
        #expect(json["holder"]?["national_id"]?.string == nurse.nationalID)
    }

    @Test func loginThatWaitsHearsThatTheCardLeft() async throws {
        let agent = try await TestAgent()
        #expect(await eventually { await state(agent) == .absent })
        let reading = Gate()
        agent.readers.setHook { _ in
            reading.passBlocking()
            return nil
        }
        agent.readers.insert(try Personas.shared().doctor.card(), in: TestAgent.reader)
        await reading.reached()
        async let login = agent.refusal { try await agent.begin() }
        for _ in 0..<100 { await Task.yield() }
        agent.readers.eject(TestAgent.reader)
        #expect(try await login?.code == .cardAbsent)
        reading.open()
    }

    @Test func freshViewReadsTriesAgainAfterAPIN() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        try await agent.logIn()
        #expect(try await agent.board.freshView(of: TestAgent.reader).cardJSON["tries_left"]?.int == 3)
        _ = agent.readers.takeCommandCount()
        _ = try await agent.board.freshView(of: "virtual-pcd-00-00")
        #expect(agent.readers.takeCommandCount() == 0)
    }

    @Test func olderReadingOfTriesDoesNotHideANewerOne() async throws {
        let agent = try await TestAgent()
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        guard case .done(let reading)? = await agent.board.views.first?.reading else {
            Issue.record("card was not read")
            return
        }
        let gate = Gate()
        agent.readers.setHook { _ in
            gate.passBlocking()
            return nil
        }
        async let old = agent.board.refreshed(reading, insertion)
        await gate.reached()
        agent.clock.advance(seconds: 1)
        await agent.board.note(triesLeft: 1, insertion: insertion.id)
        gate.open()
        _ = try await old
        #expect(await agent.board.views.first?.cardJSON["tries_left"]?.int == 1)
    }

    @Test func readerWithAReadyCardIsChosen() async throws {
        let agent = try await TestAgent()
        agent.readers.plug(TestAgent.otherReader)
        agent.readers.insertMute(in: TestAgent.reader)
        await agent.insert(try Personas.shared().nurse.card(), in: TestAgent.otherReader)
        let json = try await agent.desk.login(try await agent.begin(), for: .user)
        #expect(json["reader"]?.string == TestAgent.otherReader)
    }

    @Test func readerIsFoundByNameAndById() async throws {
        let agent = try await TestAgent()
        #expect(await eventually { await state(agent) == .absent })
        #expect(try await agent.board.view(of: TestAgent.reader).id == "virtual-pcd-00-00")
        #expect(try await agent.board.view(of: "virtual-pcd-00-00").reader.name == TestAgent.reader)
    }

    @Test func listenersHearOfReadersCardsAndMonitoring() async throws {
        let agent = try await TestAgent()
        let before = agent.hub.subscribe(uid: 1000, after: nil).position
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        await agent.eject(insertion)
        agent.readers.unplug(TestAgent.reader)
        #expect(await eventually { await agent.board.views.isEmpty })
        let events = try #require(agent.hub.subscribe(uid: 1000, after: 999).replay).map(\.event)
        _ = before
        let states = events.filter { $0.kind == .card }.map { $0.data["state"]?.string }
        #expect(states == ["reading", "ready", "absent"])
        #expect(events.last { $0.kind == .reader }?.data["state"]?.string == "gone")
        #expect(events.first { $0.kind == .monitoring }?.data["state"]?.string == "running")
    }
}
