import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// Promise P2: the card is the session.
@Suite(.timeLimit(.minutes(5)))
struct RemovalTests {
    @Test func cardOutEndsSessionAndToken() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        let insertion = await agent.insert(card)
        let (session, token) = try await agent.logIn(audience: TestAgent.audience)
        await agent.eject(insertion)
        #expect(try await agent.registry.session(session.id, for: .user).endReason == .cardRemoved)
        let text = try #require(token).accessToken
        #expect(await agent.registry.introspect(text, by: .user) == nil)
        // The same card again revives nothing: the PIN is asked for.
        await agent.insert(card)
        #expect(await agent.registry.introspect(text, by: .user) == nil)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
        #expect(try await agent.logIn().session.id != session.id)
    }

    @Test func quickOutAndInIsARemoval() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        let insertion = await agent.insert(card)
        let session = try await agent.logIn().session
        agent.readers.eject(TestAgent.reader, isSeen: false)
        let again = await agent.insert(card)
        #expect(again.id != insertion.id)
        #expect(try await agent.registry.session(session.id, for: .user).endReason == .cardRemoved)
    }

    @Test func readerGoneAndServiceGoneHaveTheirReasons() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        var insertion = await agent.insert(card)
        let first = try await agent.logIn().session
        agent.readers.unplug(TestAgent.reader)
        await agent.left(insertion)
        #expect(try await agent.registry.session(first.id, for: .user).endReason == .readerLost)
        agent.readers.plug(TestAgent.reader)
        insertion = await agent.insert(card)
        let second = try await agent.logIn().session
        agent.readers.setMonitoring(.serviceDown)
        await agent.left(insertion)
        #expect(try await agent.registry.session(second.id, for: .user).endReason == .monitoringLost)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .pcscUnavailable)
        agent.readers.setMonitoring(.notAuthorised)
        #expect(await eventually { await agent.board.monitoring == "not_authorised" })
        #expect(try await agent.refusal { try await agent.begin() }?.code == .pcscNotAuthorised)
        // And it works again.
        agent.readers.setMonitoring(.running)
        agent.readers.plug(TestAgent.reader)
        await agent.insert(card)
        try await agent.logIn()
    }

    @Test(arguments: [true, false])
    func cardThatLeavesBetweenBeginAndPINSpendsNoTry(isSeen: Bool) async throws {
        let agent = try await TestAgent()
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        agent.readers.eject(TestAgent.reader, isSeen: isSeen)
        if isSeen { await agent.left(insertion) }
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .cardRemoved)
        #expect(agent.readers.verifies == 0)
        let json = try await agent.desk.login(login, for: .user)
        #expect(json["state"]?.string == "failed")
        #expect(json["code"]?.string == "card_removed")
        #expect(agent.ledger.traces(of: .loginFailed).map(\.code) == ["card_removed"])
    }

    @Test(arguments: [true, false])
    func cardSwappedBetweenBeginAndPINIsNotTried(isSeen: Bool) async throws {
        let agent = try await TestAgent()
        let other = try Personas.shared().nurse.card()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        agent.readers.eject(TestAgent.reader, isSeen: false)
        if isSeen { await agent.insert(other) } else { other.powerOn() }
        #expect(try await agent.refusal { try await agent.enter(login: login) } != nil)
        #expect(agent.readers.verifies == 0)
        #expect(other.description.pin.triesLeft == 3)
        #expect(agent.ledger.traces(of: .loginFailed).count == 1)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
    }

    @Test(arguments: [CardGeneration.cps3, .cps4])
    func cardPulledAtEachCommandOfALoginOpensNothing(generation: CardGeneration) async throws {
        let agent = try await TestAgent()
        let personas = try Personas.shared()
        let card = try (generation == .cps4 ? personas.surgeon : personas.doctor).card()
        await agent.insert(card)
        let warm = try await agent.begin()
        _ = agent.readers.takeCommandCount()
        try await agent.enter(login: warm)
        let count = agent.readers.takeCommandCount()
        for session in await agent.registry.sessions(for: .user) { await agent.registry.end([session.id], .logout, by: .user) }
        for position in 0..<count {
            for isSeen in [true, false] {
                let login = try await agent.begin()
                let countdown = Countdown(position)
                let readers = agent.readers
                readers.setHook { _ in
                    if countdown.tick() { readers.eject(TestAgent.reader, isSeen: isSeen) }
                    return nil
                }
                #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .cardRemoved)
                readers.setHook(nil)
                #expect(await agent.registry.sessions(for: .root).isEmpty)
                #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "failed")
                #expect(agent.ledger.traces.last { $0.event == .loginFailed }?.code == "card_removed")
                await agent.insert(card)
            }
        }
        #expect(card.description.pin.triesLeft == 3)
        try await agent.logIn()
    }

    @Test func cardThatLeavesWhileTheSessionIsWrittenOpensNothing() async throws {
        let agent = try await TestAgent()
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin(audience: TestAgent.audience)
        let gate = agent.ledger.hold(.sessionOpened)
        async let entering = agent.refusal { try await agent.enter(login: login) }
        await gate.reached()
        await agent.eject(insertion)
        gate.open()
        #expect(try await entering?.code == .cardRemoved)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
        #expect(agent.ledger.sessions.values.map(\.endReason) == [.cardRemoved])
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "failed")
    }

    @Test func verifiedPINIsTracedWhenTheCardLeavesBeforeTheSession() async throws {
        let agent = try await TestAgent()
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        let signing = Gate()
        let readers = agent.readers
        // INTERNAL AUTHENTICATE is the last command; the monitor sees the card leave while the card answers it.
        readers.setHook { command in
            guard command.count > 1, command[1] == 0x88 else { return nil }
            signing.passBlocking()
            return nil
        }
        async let entering = agent.refusal { try await agent.enter(login: login) }
        await signing.reached()
        await agent.registry.insertionEnded(insertion.id, .cardRemoved)
        signing.open()
        #expect(try await entering?.code == .cardRemoved)
        let commit = try #require(agent.ledger.commits.last)
        #expect(commit.drafts.map(\.event) == [.pinVerified, .loginFailed])
        #expect(commit.drafts.first?.evidence != nil)
        #expect(commit.effects.isEmpty)
    }

    @Test func cardThatLeavesWhileTheLoginIsWrittenIsToldAtOnce() async throws {
        let agent = try await TestAgent()
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        let gate = agent.ledger.hold(.loginStarted)
        async let beginning = agent.refusal { try await agent.begin() }
        await gate.reached()
        await agent.eject(insertion)
        gate.open()
        #expect(try await beginning?.code == .cardRemoved)
        #expect(await agent.desk.open(for: .user).isEmpty)
        #expect(agent.ledger.traces.last?.code == "card_removed")
    }

    @Test func slowLedgerDoesNotKeepAnotherCardsSessionAlive() async throws {
        let agent = try await TestAgent()
        agent.readers.plug(TestAgent.otherReader)
        let first = await agent.insert(try Personas.shared().doctor.card())
        let second = await agent.insert(try Personas.shared().surgeon.card(), in: TestAgent.otherReader)
        try await agent.logIn(reader: TestAgent.reader)
        try await agent.logIn(.other, reader: TestAgent.otherReader)
        let gate = agent.ledger.hold(.sessionEnded)
        agent.readers.eject(TestAgent.reader)
        await gate.reached()
        agent.readers.eject(TestAgent.otherReader)
        #expect(await eventually { await agent.registry.sessions(for: .root).isEmpty })
        #expect(await !agent.registry.isLive(first.id))
        #expect(await !agent.registry.isLive(second.id))
        gate.open()
        #expect(await eventually { agent.ledger.traces(of: .sessionEnded).count == 2 })
    }

    @Test func loginWhoseCardLeftIsNotFailedTwice() async throws {
        let agent = try await TestAgent()
        let insertion = await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        await agent.eject(insertion)
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { await agent.desk.expire() } }
        }
        #expect(agent.ledger.traces(of: .loginFailed).count == 1)
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "failed")
    }
}
