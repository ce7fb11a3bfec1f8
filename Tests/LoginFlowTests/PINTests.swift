import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

@Suite(.timeLimit(.minutes(5)))
struct PINTests {
    @Test(arguments: ["", "123", "12345678901", "12a4", "12 4", "١٢٣٤", "1234\n"])
    func whatCannotBeAPINIsRefusedBeforeTheCardIsTouched(pin: String) async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        _ = agent.readers.takeCommandCount()
        #expect(try await agent.refusal { try await agent.enter(pin, login: login) }?.code == .pinFormat)
        #expect(agent.readers.takeCommandCount() == 0)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["pin_format"])
        try await agent.enter(login: login)
    }

    @Test func wrongPINsCountDownToABlockedCard() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let login = try await agent.begin()
        let first = try #require(try await agent.refusal { try await agent.enter("0000", login: login) })
        #expect(first == Refusal(.pinWrong, ["tries_left": 2]))
        let second = try #require(try await agent.refusal { try await agent.enter("0000", login: login) })
        #expect(second.code == .pinWrong)
        #expect(second.members["tries_left"] == 1)
        let consent = try #require(second.members["last_try_consent"]?.string)
        let third = try #require(try await agent.refusal { try await agent.enter("0000", login: login, consent: consent) })
        #expect(third == Refusal(.pinBlocked, ["tries_left": 0]))
        #expect(agent.readers.verifies == 3)
        #expect(card.description.pin.triesLeft == 0)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["pin_wrong", "pin_wrong"])
        #expect(agent.ledger.traces(of: .pinBlocked).map(\.code) == ["pin_blocked"])
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "failed")
        // Never another VERIFY.
        #expect(try await agent.refusal { try await agent.begin() }?.code == .pinBlocked)
        #expect(try await agent.refusal { try await agent.enter("0000", login: login, consent: consent) }?.code == .pinBlocked)
        #expect(agent.readers.verifies == 3)
        #expect(await agent.board.views.first?.cardState == .blocked)
    }

    @Test func rightPINAfterAWrongOneOpens() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().surgeon.card())
        let login = try await agent.begin()
        #expect(try await agent.refusal { try await agent.enter("0000", login: login) }?.members["tries_left"] == 2)
        try await agent.enter(login: login)
        #expect(agent.readers.verifies == 2)
    }

    // MARK: The last try

    /// What is shown, what the card has, what is given back: what comes of it, and whether a try was spent.
    @Test(
        arguments: [
            (3, 3, nil, true, nil), (3, 2, nil, false, .pinTriesChanged), (2, 1, nil, false, .pinTriesChanged),
            (2, 3, nil, true, nil), (2, 0, nil, false, .pinBlocked), (1, 1, nil, false, .lastTryConsentRequired),
            (1, 1, "wrong", false, .lastTryConsentRequired), (1, 1, "shown", true, nil), (1, 0, "shown", false, .pinBlocked),
            (1, 3, "shown", true, nil), (2, 2, "made-up", true, nil),
        ] as [(Int, Int, String?, Bool, ErrorCode?)])
    func noTryIsSpentThatWasNotShown(shown: Int, left: Int, consent: String?, isSpent: Bool, code: ErrorCode?) async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(shown)
        await agent.insert(card)
        let login = try await agent.begin()
        let given = try await agent.desk.login(login, for: .user)["last_try_consent"]?.string
        #expect((given != nil) == (shown == 1))
        card.setTriesLeft(left)
        let refusal = try await agent.refusal { try await agent.enter(login: login, consent: consent == "shown" ? given : consent) }
        #expect(refusal?.code == code)
        #expect(agent.readers.verifies == (isSpent ? 1 : 0))
        #expect(card.description.pin.triesLeft == (isSpent ? 3 : left))
    }

    @Test func consentOfAnOlderAnswerIsNone() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(1)
        await agent.insert(card)
        let login = try await agent.begin()
        let old = try await agent.desk.login(login, for: .user)["last_try_consent"]?.string
        let refusal = try #require(try await agent.refusal { try await agent.enter(login: login) })
        let new = try #require(refusal.members["last_try_consent"]?.string)
        #expect(new != old)
        #expect(try await agent.refusal { try await agent.enter(login: login, consent: old) }?.code == .lastTryConsentRequired)
        #expect(try await agent.refusal { try await agent.enter(login: login, consent: new) }?.code == .lastTryConsentRequired)
        #expect(agent.readers.verifies == 0)
        await agent.registry.refusals.flush(all: true)
        let traces = agent.ledger.traces(of: .pinRefused)
        #expect(traces.map(\.code) == ["last_try_consent_required", "last_try_consent_required"])
        #expect(traces.map(\.count) == [nil, 2])
    }

    @Test func consentOfAnEarlierLoginIsNone() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(1)
        await agent.insert(card)
        let first = try await agent.begin()
        let old = try await agent.desk.login(first, for: .user)["last_try_consent"]?.string
        let second = try await agent.begin()
        #expect(try await agent.refusal { try await agent.enter(login: second, consent: old) }?.code == .lastTryConsentRequired)
        #expect(agent.readers.verifies == 0)
    }

    @Test func triesThatChangedAreShownWithAConsent() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let login = try await agent.begin()
        card.setTriesLeft(1)
        let refusal = try #require(try await agent.refusal { try await agent.enter(login: login) })
        #expect(refusal.code == .pinTriesChanged)
        #expect(refusal.members["tries_left"] == 1)
        let consent = try #require(refusal.members["last_try_consent"]?.string)
        try await agent.enter(login: login, consent: consent)
        #expect(agent.readers.verifies == 1)
    }

    @Test func consentIsRefusedWhileAnotherPINIsTriedAndSpendsNoTry() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(1)
        await agent.insert(card)
        let login = try await agent.begin()
        let consent = try await agent.desk.login(login, for: .user)["last_try_consent"]?.string
        // A PIN without consent is being traced while one with consent comes: the first must not give the login back.
        let traced = agent.ledger.hold(.pinRefused)
        async let without = agent.refusal { try await agent.enter("0000", login: login) }
        await traced.reached()
        let fresh = try await agent.desk.login(login, for: .user)["last_try_consent"]?.string
        let verifying = Gate()
        agent.readers.setHook { command in
            if VirtualReaders.isVerify(command) { verifying.passBlocking() }
            return nil
        }
        async let with = agent.refusal { try await agent.enter(login: login, consent: fresh) }
        await verifying.reached()
        traced.open()
        #expect(try await without?.code == .lastTryConsentRequired)
        #expect(try await agent.refusal { try await agent.enter("1111", login: login, consent: fresh) }?.code == .loginState)
        verifying.open()
        #expect(try await with == nil)
        #expect(fresh != consent)
        #expect(agent.readers.verifies == 1)
    }

    @Test func twoPINsAtOnceSpendOneTry() async throws {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        await agent.insert(card)
        let login = try await agent.begin()
        let verifying = Gate()
        agent.readers.setHook { command in
            if VirtualReaders.isVerify(command) { verifying.passBlocking() }
            return nil
        }
        async let first = agent.refusal { try await agent.enter("0000", login: login) }
        await verifying.reached()
        #expect(try await agent.refusal { try await agent.enter("1111", login: login) }?.code == .loginState)
        #expect(try await agent.refusal { try await agent.desk.cancel(login, by: .user) }?.code == .loginState)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .loginBusy)
        #expect(await agent.desk.open(for: .user).map { $0["state"] } == ["awaiting_pin"])
        verifying.open()
        #expect(try await first?.code == .pinWrong)
        #expect(agent.readers.verifies == 1)
        #expect(card.description.pin.triesLeft == 2)
    }

    @Test func nextPINWaitsUntilTheRefusalOfTheLastIsWritten() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        let traced = agent.ledger.hold(.pinRefused)
        async let first = agent.refusal { try await agent.enter("0000", login: login) }
        await traced.reached()
        #expect(try await agent.refusal { try await agent.enter("1111", login: login) }?.code == .loginState)
        traced.open()
        #expect(try await first?.code == .pinWrong)
        #expect(agent.readers.verifies == 1)
        try await agent.enter(login: login)
    }

    @Test func minuteThatPassesDuringVerifyDoesNotUndoIt() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        let verifying = Gate()
        agent.readers.setHook { command in
            if VirtualReaders.isVerify(command) { verifying.passBlocking() }
            return nil
        }
        async let entering = agent.refusal { try await agent.enter(login: login) }
        await verifying.reached()
        agent.clock.advance(seconds: 61)
        await agent.desk.expire()
        verifying.open()
        #expect(try await entering == nil)
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "done")
        #expect(agent.ledger.traces(of: .loginExpired).isEmpty)
    }

    @Test func triesAreReadAgainAfterAPINWasGiven() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        try await agent.logIn()
        let login = try await agent.begin()
        #expect(try await agent.desk.login(login, for: .user)["tries_left"]?.int == 3)
    }
}
