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
struct PINOperationTests {
    private static let new = "4711"
    private static let puk = "12345678"

    private static func ready(tries: Int = 3) async throws -> (agent: TestAgent, card: VirtualCard) {
        let agent = try await TestAgent()
        let card = try Personas.shared().doctor.card()
        card.setTriesLeft(tries)
        await agent.insert(card)
        return (agent, card)
    }

    private static func begin(_ agent: TestAgent, _ operation: PINOperation, by caller: Caller = .user) async throws -> String {
        try #require(try await agent.desk.beginPIN(operation, reader: nil, by: caller)["id"]?.string)
    }

    @discardableResult
    private static func give(
        _ agent: TestAgent, _ id: String, _ operation: PINOperation, _ code: PINOperation.Code, _ digits: String,
        consent: String? = nil, by caller: Caller = .user
    ) async throws -> JSON {
        try await agent.desk.give(Secret(text: digits), as: code, to: operation, id, acceptLastTry: consent, by: caller)
    }

    @Test(arguments: [true, false])
    func lastCodeChangesThePINInEitherOrder(isNewFirst: Bool) async throws {
        let (agent, card) = try await Self.ready()
        let id = try await Self.begin(agent, .change)
        let codes: [(PINOperation.Code, String)] =
            isNewFirst ? [(.new, Self.new), (.current, "1234")] : [(.current, "1234"), (.new, Self.new)]
        let waiting = try await Self.give(agent, id, .change, codes[0].0, codes[0].1)
        #expect(waiting["state"] == "awaiting_pin")
        #expect(waiting["awaits"]?.array == [.string(codes[1].0.rawValue)])
        let done = try await Self.give(agent, id, .change, codes[1].0, codes[1].1)
        #expect(done["state"] == "done")
        #expect(done["pin"]?["tries_left"] == 3)
        #expect(card.description.pin.digits == Self.new)
        #expect(agent.ledger.events.suffix(2) == [.pinRequested, .pinChanged])
        #expect(!agent.ledger.written.contains("\"\(Self.new)\""))
    }

    @Test func blockedPINIsUnblockedAndSessionsOfOthersAreUntouched() async throws {
        let (agent, card) = try await Self.ready()
        let session = try await agent.logIn().session
        card.setTriesLeft(0)
        let id = try await Self.begin(agent, .unblock)
        try await Self.give(agent, id, .unblock, .new, Self.new)
        let done = try await Self.give(agent, id, .unblock, .puk, Self.puk)
        #expect(done["state"] == "done")
        #expect(card.description.pin.digits == Self.new && card.description.pin.triesLeft == 3)
        #expect(try await agent.registry.session(session.id, for: .user).state == .active)
        #expect(agent.ledger.traces(of: .pinUnblocked).map(\.outcome) == [.granted])
    }

    @Test func wrongOldPINIsAskedAgainAndTheNewOneKept() async throws {
        let (agent, card) = try await Self.ready()
        let id = try await Self.begin(agent, .change)
        try await Self.give(agent, id, .change, .new, Self.new)
        let refusal = try await agent.refusal { try await Self.give(agent, id, .change, .current, "0000") }
        #expect(refusal == Refusal(.pinWrong, ["tries_left": 2]))
        #expect(card.description.pin.triesLeft == 2)
        #expect(try await agent.desk.pin(.change, id, for: .user)["awaits"]?.array == ["current"])
        #expect(try await Self.give(agent, id, .change, .current, "1234")["state"] == "done")
    }

    @Test func lastTryOfThePINNeedsConsent() async throws {
        let (agent, card) = try await Self.ready(tries: 1)
        let id = try await Self.begin(agent, .change)
        try await Self.give(agent, id, .change, .new, Self.new)
        let refusal = try #require(try await agent.refusal { try await Self.give(agent, id, .change, .current, "1234", consent: "yes") })
        #expect(refusal.code == .lastTryConsentRequired)
        #expect(card.description.pin.triesLeft == 1)
        let consent = try #require(refusal.members["last_try_consent"]?.string)
        #expect(try await Self.give(agent, id, .change, .current, "1234", consent: consent)["state"] == "done")
    }

    @Test func lastTryOfThePUKNeedsConsentAndBlocksForGood() async throws {
        let (agent, card) = try await Self.ready()
        let id = try await Self.begin(agent, .unblock)
        try await Self.give(agent, id, .unblock, .new, Self.new)
        var consent: String?
        let tries = card.description.puk.triesLeft
        for left in (0..<tries).reversed() {
            if left == 0 {
                let refusal = try await agent.refusal { try await Self.give(agent, id, .unblock, .puk, "87654321") }
                #expect(refusal?.code == .lastTryConsentRequired)
                consent = refusal?.members["last_try_consent"]?.string
            }
            let refusal = try await agent.refusal { try await Self.give(agent, id, .unblock, .puk, "87654321", consent: consent) }
            #expect(refusal?.code == (left == 0 ? .pukBlocked : .pukWrong))
            #expect(card.description.puk.triesLeft == left)
        }
        #expect(card.description.pin.triesLeft == 3 && card.description.pin.digits == "1234")
        #expect(try await agent.refusal { try await Self.begin(agent, .unblock) }?.code == .pukBlocked)
        #expect(agent.ledger.traces(of: .pinBlocked).map(\.code) == ["puk_blocked"])
    }

    @Test(
        arguments: [
            (.change, .current, "12a4", .pinFormat), (.change, .new, "123", .pinNewFormat), (.unblock, .puk, "1234", .pukFormat),
            (.unblock, .new, "", .pinNewFormat), (.change, .puk, "12345678", .notFound), (.unblock, .current, "1234", .notFound),
        ] as [(PINOperation, PINOperation.Code, String, ErrorCode)])
    func whatCannotBeACodeReachesNoCard(operation: PINOperation, code: PINOperation.Code, digits: String, error: ErrorCode) async throws {
        let (agent, _) = try await Self.ready()
        let id = try await Self.begin(agent, operation)
        _ = agent.readers.takeCommandCount()
        #expect(try await agent.refusal { try await Self.give(agent, id, operation, code, digits) }?.code == error)
        #expect(agent.readers.takeCommandCount() == 0)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == [error.rawValue])
    }

    @Test func blockedPINIsNotChanged() async throws {
        let (agent, _) = try await Self.ready(tries: 0)
        #expect(try await agent.refusal { try await Self.begin(agent, .change) }?.code == .pinBlocked)
        #expect(agent.ledger.traces(of: .pinRefused).map(\.code) == ["pin_blocked"])
        #expect(agent.ledger.traces(of: .pinRefused).first?.detail?["operation"] == "change")
    }

    @Test func readerServesLoginsAndPINOperationsByTurns() async throws {
        let (agent, _) = try await Self.ready()
        let change = try await Self.begin(agent, .change)
        #expect(try await agent.refusal { try await agent.begin(.other) }?.code == .loginBusy)
        #expect(try await agent.refusal { try await Self.begin(agent, .unblock, by: .other) }?.code == .loginBusy)
        #expect(await agent.desk.open(for: .user).isEmpty)
        let login = try await agent.begin()
        #expect(try await agent.desk.pin(.change, change, for: .user)["state"] == "cancelled")
        #expect(agent.ledger.traces(of: .pinCancelled).count == 1)
        _ = try await Self.begin(agent, .unblock)
        #expect(try await agent.desk.login(login, for: .user)["state"] == "cancelled")
    }

    @Test func operationIsFoundByItsOwnerAndByItsKindOnly() async throws {
        let (agent, card) = try await Self.ready()
        let id = try await Self.begin(agent, .change)
        #expect(try await agent.refusal { try await agent.desk.pin(.change, id, for: .other) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.desk.pin(.unblock, id, for: .user) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.desk.login(id, for: .user) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.enter(login: id) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await Self.give(agent, id, .change, .current, "0000", by: .other) }?.code == .loginNotFound)
        try await agent.desk.cancelPIN(.change, id, by: .user)
        #expect(try await agent.refusal { try await Self.give(agent, id, .change, .current, "1234") }?.code == .loginState)
        #expect(card.description.pin.triesLeft == 3 && agent.readers.verifies == 0)
    }

    @Test func minuteEndsAnOperation() async throws {
        let (agent, card) = try await Self.ready()
        let id = try await Self.begin(agent, .change)
        try await Self.give(agent, id, .change, .new, Self.new)
        agent.clock.advance(seconds: 60)
        #expect(try await agent.refusal { try await Self.give(agent, id, .change, .current, "1234") }?.code == .loginExpired)
        #expect(card.description.pin.digits == "1234")
        #expect(agent.ledger.traces(of: .pinExpired).map(\.code) == ["login_expired"])
    }

    @Test func cardThatLeavesUnderTheCodesFailsTheOperation() async throws {
        let (agent, card) = try await Self.ready()
        let id = try await Self.begin(agent, .change)
        try await Self.give(agent, id, .change, .new, Self.new)
        agent.readers.setHook { command in command.count > 5 && command[1] == 0x24 ? .cardRemoved : nil }
        #expect(try await agent.refusal { try await Self.give(agent, id, .change, .current, "1234") }?.code == .cardRemoved)
        agent.readers.setHook(nil)
        #expect(try await agent.desk.pin(.change, id, for: .user)["state"] == "failed")
        #expect(agent.ledger.traces(of: .pinFailed).map(\.code) == ["card_removed"])
        #expect(card.description.pin.triesLeft == 3)
    }

    @Test func untrustedCertificateIsAskedForNoCode() async throws {
        let agent = try await TestAgent()
        await agent.insert(try #require(Personas.shared().refused[.foreign]).card())
        #expect(try await agent.refusal { try await Self.begin(agent, .change) }?.code == .certificateUntrusted)
    }

    @Test func withoutTheLogNoOperationBegins() async throws {
        let (agent, _) = try await Self.ready()
        agent.ledger.setFails(true)
        #expect(try await agent.refusal { try await Self.begin(agent, .change) }?.code == .traceUnavailable)
    }

    @Test func countersOfBothCodesAreReadWithoutSpendingATry() async throws {
        let (agent, card) = try await Self.ready(tries: 2)
        let codes = try await agent.board.codes(in: TestAgent.reader)
        #expect(codes["pin"]?["tries_left"] == 2)
        #expect(codes["puk"]?["tries_left"] == .int(Int64(card.description.puk.triesLeft)))
        #expect(try await agent.refusal { try await agent.board.codes(in: "none") }?.code == .readerNotFound)
    }
}
