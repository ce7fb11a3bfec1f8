import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

@Suite(.timeLimit(.minutes(5)))
struct UnlockingTests {
    /// An agent with a session that is locked, and its card.
    private static func locked() async throws -> (agent: TestAgent, card: VirtualCard, session: Session, token: String) {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let opened = try await agent.logIn(audience: TestAgent.audience)
        let session = try await agent.registry.lock(opened.session.id, by: .user)
        return (agent, card, session, try #require(opened.token).accessToken)
    }

    private static func unlock(
        _ agent: TestAgent, _ session: Session, _ pin: String = TestAgent.pin, consent: String? = nil, by caller: Caller = .user
    ) async throws -> Session {
        try await agent.desk.unlock(session.id, pin: Secret(text: pin), acceptLastTry: consent, by: caller)
    }

    @Test func lockedSessionHasNoUsableTokenAndGivesNone() async throws {
        let (agent, _, session, token) = try await Self.locked()
        #expect(session.state == .locked)
        #expect(await agent.registry.introspect(token, by: .user) == nil)
        let request = TokenRequest(audience: TestAgent.audience, scopes: [], ttl: nil, keyThumbprint: nil)
        let refusal = try await agent.refusal { try await agent.registry.issueToken(request, session: session.id, by: .user) }
        #expect(refusal?.code == .sessionLocked)
        #expect(try await agent.refusal { try await agent.registry.touch(session.id, for: .user) }?.code == .sessionLocked)
        #expect(agent.ledger.sessions[session.id]?.state == .locked)
        #expect(agent.ledger.traces(of: .sessionLocked).map(\.outcome) == [.granted])
    }

    @Test func lockingTwiceLocksOnce() async throws {
        let (agent, _, session, _) = try await Self.locked()
        #expect(try await agent.registry.lock(session.id, by: .user) == session)
        #expect(agent.ledger.traces(of: .sessionLocked).count == 1)
    }

    @Test func pinUnlocksWithEvidenceAndItsTokensAreGoodAgain() async throws {
        let (agent, _, session, token) = try await Self.locked()
        let unlocked = try await Self.unlock(agent, session)
        #expect(unlocked.state == .active)
        #expect(await agent.registry.introspect(token, by: .user) != nil)
        #expect(agent.readers.verifies == 2)
        let last = try #require(agent.ledger.commits.last)
        #expect(last.drafts.map(\.event) == [.pinVerified, .sessionUnlocked])
        #expect(last.drafts.allSatisfy { $0.session == session.id })
        #expect(last.drafts.first?.evidence?["signature"]?.string != nil)
        #expect(last.effects == [.session(unlocked)])
        // It began no login of its own.
        #expect(agent.ledger.traces(of: .loginStarted).count == 1)
        #expect(await agent.desk.open(for: .root).isEmpty)
    }

    @Test func wrongPINLeavesItLockedAndTheReaderFree() async throws {
        let (agent, card, session, token) = try await Self.locked()
        let refusal = try await agent.refusal { try await Self.unlock(agent, session, "0000") }
        #expect(refusal == Refusal(.pinWrong, ["tries_left": 2]))
        #expect(card.description.pin.triesLeft == 2)
        #expect(await agent.registry.introspect(token, by: .user) == nil)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.session) == [session.id])
        _ = try await agent.begin(.other)
    }

    @Test(arguments: ["", "12a4", "123456789"])
    func whatCannotBeThePINReachesNoCard(pin: String) async throws {
        let (agent, _, session, _) = try await Self.locked()
        #expect(try await agent.refusal { try await Self.unlock(agent, session, pin) }?.code == .pinFormat)
        #expect(agent.readers.verifies == 1)
        #expect(try await Self.unlock(agent, session).state == .active)
    }

    @Test func lastTryNeedsTheConsentOfTheAnswerBefore() async throws {
        let (agent, card, session, _) = try await Self.locked()
        card.setTriesLeft(1)
        let first = try #require(try await agent.refusal { try await Self.unlock(agent, session) })
        #expect(first.code == .pinTriesChanged || first.code == .lastTryConsentRequired)
        #expect(agent.readers.verifies == 1)
        let consent = try #require(first.members["last_try_consent"]?.string)
        // The reader waits for it; made-up values are none.
        #expect(try await agent.refusal { try await agent.begin(.other) }?.code == .loginBusy)
        let second = try #require(try await agent.refusal { try await Self.unlock(agent, session, consent: "yes") })
        #expect(second.code == .lastTryConsentRequired)
        let third = try #require(try await agent.refusal { try await Self.unlock(agent, session, consent: consent) })
        #expect(third.code == .lastTryConsentRequired)
        #expect(agent.readers.verifies == 1)
        let shown = third.members["last_try_consent"]?.string
        #expect(try await Self.unlock(agent, session, consent: shown).state == .active)
        #expect(agent.readers.verifies == 2)
    }

    @Test func wrongLastTryBlocksAndNothingIsTriedAfterwards() async throws {
        let (agent, card, session, _) = try await Self.locked()
        card.setTriesLeft(1)
        let first = try #require(try await agent.refusal { try await Self.unlock(agent, session, "0000") })
        let consent = first.members["last_try_consent"]?.string
        #expect(try await agent.refusal { try await Self.unlock(agent, session, "0000", consent: consent) }?.code == .pinBlocked)
        #expect(try await agent.refusal { try await Self.unlock(agent, session) }?.code == .pinBlocked)
        #expect(agent.readers.verifies == 2)
        #expect(card.description.pin.triesLeft == 0)
        #expect(agent.ledger.traces(of: .sessionRefused).map(\.code) == ["pin_blocked"])
    }

    @Test func sessionThatIsNotLockedSpendsNoPIN() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let session = try await agent.logIn().session
        #expect(try await agent.refusal { try await Self.unlock(agent, session, "0000") }?.code == .sessionNotLocked)
        #expect(agent.readers.verifies == 1)
        #expect(agent.ledger.traces(of: .sessionRefused).map(\.code) == ["session_not_locked"])
    }

    @Test func othersMayNeitherLockNorUnlock() async throws {
        let (agent, _, session, _) = try await Self.locked()
        #expect(try await agent.refusal { try await agent.registry.lock(session.id, by: .other) }?.code == .sessionNotFound)
        #expect(try await agent.refusal { try await Self.unlock(agent, session, by: .other) }?.code == .sessionNotFound)
        #expect(agent.readers.verifies == 1)
        await agent.registry.refusals.flush(all: true)
        let traces = agent.ledger.traces(of: .sessionRefused)
        #expect(traces.map(\.code) == ["session_not_found", "session_not_found"])
        #expect(traces.map(\.count) == [nil, 1])
        #expect(traces.allSatisfy { $0.actor == nil })
    }

    @Test func cardThatLeftEndsALockedSession() async throws {
        let (agent, card, session, _) = try await Self.locked()
        let insertion = try #require(await agent.board.views.first?.reader.presence.insertion)
        await agent.eject(insertion)
        await agent.insert(card)
        #expect(try await agent.refusal { try await Self.unlock(agent, session) }?.code == .sessionEnded)
        #expect(agent.readers.verifies == 1)
    }

    @Test func cardThatLeavesUnderThePINUnlocksNothing() async throws {
        let (agent, _, session, token) = try await Self.locked()
        agent.readers.setHook { command in VirtualReaders.isVerify(command) ? .cardRemoved : nil }
        #expect(try await agent.refusal { try await Self.unlock(agent, session) }?.code == .cardRemoved)
        agent.readers.setHook(nil)
        #expect(await agent.registry.introspect(token, by: .user) == nil)
        #expect(agent.ledger.traces(of: .sessionRefused).map(\.code) == ["card_removed"])
        #expect(try await Self.unlock(agent, session).state == .active)
    }

    @Test func signatureOfAnotherKeyUnlocksNothing() async throws {
        let (agent, _, session, _) = try await Self.locked()
        agent.readers.setForger { answer in
            answer.count < 200 ? answer : Array(answer.dropLast(2)).map { $0 ^ 1 } + answer.suffix(2)
        }
        #expect(try await agent.refusal { try await Self.unlock(agent, session) }?.code == .proofInvalid)
        #expect(try await agent.registry.session(session.id, for: .user).state == .locked)
        #expect(agent.ledger.traces(of: .pinVerified).count == 2)
    }

    @Test func sessionThatEndsWhileTheUnlockingIsWrittenStaysEnded() async throws {
        let (agent, _, session, token) = try await Self.locked()
        let gate = agent.ledger.hold(.sessionUnlocked)
        async let refusal = agent.refusal { try await Self.unlock(agent, session) }
        await gate.reached()
        let insertion = try #require(await agent.board.views.first?.reader.presence.insertion)
        await agent.eject(insertion)
        gate.open()
        #expect(try await refusal?.code == .sessionEnded)
        #expect(try await agent.registry.session(session.id, for: .user).state == .ended)
        #expect(await agent.registry.introspect(token, by: .user) == nil)
    }

    @Test func withoutTheLogNothingIsUnlocked() async throws {
        let (agent, _, session, _) = try await Self.locked()
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await Self.unlock(agent, session) }?.code == .traceUnavailable)
        #expect(try await agent.registry.session(session.id, for: .user).state == .locked)
    }

    @Test func withoutTheLogASessionIsLockedAllTheSame() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let session = try await agent.logIn().session
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await agent.registry.lock(session.id, by: .user) }?.code == .traceUnavailable)
        #expect(try await agent.registry.session(session.id, for: .user).state == .locked)
        agent.ledger.setFails(false)
        await agent.registry.sweep()
        #expect(agent.ledger.sessions[session.id]?.state == .locked)
    }

    @Test func twoUnlockingsAtOnceSpendOneTry() async throws {
        let (agent, card, session, _) = try await Self.locked()
        let verifying = Gate()
        agent.readers.setHook { command in
            if VirtualReaders.isVerify(command) { verifying.passBlocking() }
            return nil
        }
        async let first = agent.refusal { try await Self.unlock(agent, session, "0000") }
        await verifying.reached()
        #expect(try await agent.refusal { try await Self.unlock(agent, session, "1111") }?.code == .loginState)
        verifying.open()
        #expect(try await first?.code == .pinWrong)
        #expect(card.description.pin.triesLeft == 2)
    }

    @Test func unlockingLocksTheOtherHoldersSession() async throws {
        let agent = try await TestAgent()
        agent.readers.plug(TestAgent.otherReader)
        await agent.insert(try Personas.shared().doctor.card())
        await agent.insert(try Personas.shared().surgeon.card(), in: TestAgent.otherReader)
        let first = try await agent.logIn(reader: TestAgent.reader).session
        let second = try await agent.logIn(reader: TestAgent.otherReader).session
        #expect(try await agent.registry.session(first.id, for: .user).state == .locked)
        #expect(try await Self.unlock(agent, first).state == .active)
        #expect(try await agent.registry.session(second.id, for: .user).state == .locked)
        #expect(agent.ledger.sessions[second.id]?.state == .locked)
    }

    @Test func loginOfTheSameUserTakesTheReaderOfAnUnlockingThatWaits() async throws {
        let (agent, card, session, _) = try await Self.locked()
        card.setTriesLeft(1)
        _ = try await agent.refusal { try await Self.unlock(agent, session) }
        let login = try await agent.begin()
        #expect(await agent.desk.open(for: .user).map { $0["id"]?.string } == [login])
        #expect(agent.ledger.traces(of: .loginCancelled).isEmpty)
    }
}
