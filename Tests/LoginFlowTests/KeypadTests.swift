import Audit
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// The PIN entered on the reader itself.
@Suite(.timeLimit(.minutes(5)))
struct KeypadTests {
    private static func ready(
        tries: Int = 3, _ typing: @escaping @Sendable (PINEntry) -> Typing
    ) async throws -> (agent: TestAgent, card: VirtualCard, insertion: Insertion) {
        let agent = try await TestAgent()
        agent.readers.setKeypad(TestAgent.reader, typing)
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(tries)
        return (agent, card, await agent.insert(card))
    }

    @discardableResult
    private static func enter(
        _ agent: TestAgent, _ login: String, consent: String? = nil, by caller: Caller = .user
    ) async throws -> Session {
        try await agent.desk.enterPINByKeypad(login: login, acceptLastTry: consent, by: caller).session
    }

    @Test func rightPINOnTheReaderOpensASession() async throws {
        let (agent, card, insertion) = try await Self.ready { _ in .digits("1234") }
        #expect(await agent.board.views.first?.json["keypad"] == true)
        let login = try await agent.begin()
        #expect(try await agent.desk.login(login, for: .user)["keypad"] == true)
        let session = try await Self.enter(agent, login)
        #expect(session.state == .active && session.presence?.place.insertion == insertion.id)
        #expect(agent.ledger.traces(of: .pinVerified).count == 1)
        #expect(card.description.pin.triesLeft == 3)
        #expect(try await agent.desk.login(login, for: .user)["state"] == "done")
    }

    @Test(
        arguments: [
            (0x6400, ErrorCode.keypadTimeout), (0x6401, .keypadCancelled), (0x6402, .keypadMismatch), (0x6403, .pinFormat),
            (0x6B80, .keypadUnavailable),
        ] as [(UInt16, ErrorCode)])
    func entryThatDoesNotReachTheCardLetsTheLoginGoOn(status: UInt16, code: ErrorCode) async throws {
        let (agent, card, _) = try await Self.ready(tries: 2) { _ in .answer(status) }
        let login = try await agent.begin()
        #expect(try await agent.refusal { try await Self.enter(agent, login) } == Refusal(code, ["tries_left": 2]))
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == [code.rawValue])
        #expect(agent.readers.verifies == 0 && card.description.pin.triesLeft == 2)
        #expect(try await agent.desk.login(login, for: .user)["state"] == "awaiting_pin")
        try await agent.enter(login: login)
    }

    /// A reader that says nobody typed, when another program spent a try meanwhile.
    @Test func triesAreReadAgainAfterAnEntryThatCameToNothing() async throws {
        let card = try Personas.shared().doctor.card()
        let agent = try await TestAgent()
        agent.readers.setKeypad(TestAgent.reader) { _ in
            card.setTriesLeft(1)
            return .answer(0x6401)
        }
        await agent.insert(card)
        let login = try await agent.begin()
        let refusal = try #require(try await agent.refusal { try await Self.enter(agent, login) })
        #expect(refusal.code == .keypadCancelled && refusal.members["tries_left"] == 1)
        let consent = try #require(refusal.members["last_try_consent"]?.string)
        agent.readers.setKeypad(TestAgent.reader) { _ in .digits("1234") }
        #expect(try await agent.refusal { try await Self.enter(agent, login) }?.code == .lastTryConsentRequired)
        #expect(try await agent.refusal { try await Self.enter(agent, login, consent: consent) }?.code == .lastTryConsentRequired)
        #expect(agent.readers.verifies == 0)
        let fresh = try await agent.desk.login(login, for: .user)["last_try_consent"]?.string
        try await Self.enter(agent, login, consent: fresh)
        #expect(agent.readers.verifies == 1)
    }

    @Test func wrongPINOnTheReaderCountsDown() async throws {
        let (agent, card, _) = try await Self.ready { _ in .digits("0000") }
        let login = try await agent.begin()
        #expect(try await agent.refusal { try await Self.enter(agent, login) } == Refusal(.pinWrong, ["tries_left": 2]))
        let second = try #require(try await agent.refusal { try await Self.enter(agent, login) })
        let consent = second.members["last_try_consent"]?.string
        #expect(try await agent.refusal { try await Self.enter(agent, login, consent: consent) }?.code == .pinBlocked)
        #expect(agent.readers.verifies == 3 && card.description.pin.triesLeft == 0)
        #expect(agent.ledger.traces(of: .pinBlocked).count == 1)
    }

    @Test func readerWithoutKeypadIsNotAsked() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        _ = agent.readers.takeCommandCount()
        #expect(try await agent.refusal { try await Self.enter(agent, login) }?.code == .keypadUnavailable)
        #expect(agent.readers.takeCommandCount() == 0)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["keypad_unavailable"])
        try await agent.enter(login: login)
    }

    @Test func oneEntryAtATime() async throws {
        let typing = Gate()
        let (agent, _, _) = try await Self.ready { _ in
            typing.passBlocking()
            return .digits("1234")
        }
        let login = try await agent.begin()
        async let first = Self.enter(agent, login)
        await typing.reached()
        #expect(try await agent.refusal { try await Self.enter(agent, login) }?.code == .loginState)
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .loginState)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .loginBusy)
        typing.open()
        #expect(try await first.state == .active)
        #expect(agent.readers.verifies == 1)
    }

    @Test func cardPulledUnderTheFingersEndsTheLogin() async throws {
        let typing = Gate()
        let (agent, card, insertion) = try await Self.ready { _ in
            typing.passBlocking()
            return .digits("1234")
        }
        let login = try await agent.begin()
        async let entered = agent.refusal { try await Self.enter(agent, login) }
        await typing.reached()
        await agent.eject(insertion)
        typing.open()
        #expect(try await entered?.code == .cardRemoved)
        #expect(try await agent.desk.login(login, for: .user)["state"] == "failed")
        #expect(agent.readers.verifies == 0 && card.description.pin.triesLeft == 3)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
    }

    @Test func loginIsFoundByItsOwnerAndTheOperationMustBeAllowed() async throws {
        let (agent, _, _) = try await Self.ready { _ in .digits("1234") }
        let login = try await agent.begin()
        #expect(try await agent.refusal { try await Self.enter(agent, login, by: .other) }?.code == .loginNotFound)
        let narrow = Caller(uid: 1000, gid: 1000, pid: 7, client: Client(name: "narrow", operations: [.token]))
        #expect(try await agent.refusal { try await Self.enter(agent, login, by: narrow) }?.code == .operationDenied)
        #expect(agent.readers.verifies == 0)
    }
}
