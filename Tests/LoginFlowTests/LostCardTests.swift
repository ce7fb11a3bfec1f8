import Audit
import Identity
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// A card that was reported lost is refused here, until somebody lifts it or its holder shows that they have it, its PIN and their password.
@Suite(.timeLimit(.minutes(2)))
struct LostCardTests {
    private static let password = "sept mots pour une carte"

    /// One person's password.
    private struct Holders: PasswordCheck {
        let holder: Holder

        func person(_ identifier: String, _ password: consuming Secret, by caller: Caller) async throws(Refusal) -> KnownPerson {
            guard identifier == holder.nationalID.text, password.withBytes({ Array($0) == Array(LostCardTests.password.utf8) }) else {
                throw Refusal(.forbidden)
            }
            return KnownPerson(account: "a1", holder: holder, origin: .holder, madeBy: nil, confirmedBy: nil, cardSerial: nil)
        }

        func isOpen(_ account: String) async -> Bool { true }
    }

    /// An agent with a card whose loss was reported in a session on it.
    private static func agent(withPasswords: Bool = true) async throws -> (agent: TestAgent, session: Session, serial: String) {
        let holder = try Sample.holder(try Personas.shared().doctor.nationalID)
        let agent = try await TestAgent(
            degraded: DegradedRules(isEnabled: true, reasons: ["card_lost"]), passwords: withPasswords ? Holders(holder: holder) : nil)
        await agent.insert(try Personas.shared().doctor.card())
        let session = try await agent.logIn(audience: TestAgent.audience).session
        let serial = try #require(session.presence).card.serial
        let card = LostCard(
            serial: serial, person: holder.nationalID.text, name: "MAX LIBRE", cause: .stolen, by: holder.nationalID.text,
            at: agent.clock.now())
        try await agent.registry.reportLost(card, in: session, by: .user)
        return (agent, session, serial)
    }

    @Test func reportEndsItsSessionsAndIsKept() async throws {
        let (agent, session, serial) = try await Self.agent()
        #expect(agent.ledger.sessions[session.id]?.endReason == .revoked)
        let trace = try #require(agent.ledger.traces(of: .cardReportedLost).first)
        #expect(trace.card?["serial"]?.string == serial && trace.reason == "stolen")
        let loaded = LostCards()
        try await loaded.load(agent.ledger)
        #expect(loaded.all == agent.registry.lostCards.all && loaded.all.map(\.serial) == [serial])
    }

    @Test func lostCardLogsNobodyIn() async throws {
        let (agent, _, _) = try await Self.agent(withPasswords: false)
        let refusal = try await agent.refusal { try await agent.begin() }
        #expect(refusal?.code == .cardReportedLost && refusal?.members["cause"] == "stolen")
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["card_reported_lost"])
        #expect(agent.readers.verifies == 1)
    }

    @Test func lostCardChangesNoPIN() async throws {
        let (agent, _, _) = try await Self.agent()
        let refusal = try await agent.refusal { try await agent.desk.beginPIN(.change, reader: nil, by: .user) }
        #expect(refusal?.code == .cardReportedLost)
    }

    @Test func pinOfALostCardIsNotTriedWithoutThePassword() async throws {
        let (agent, _, _) = try await Self.agent()
        let login = try await agent.begin()
        #expect(try await agent.desk.login(login, for: .user)["reported_lost"]?["awaits_password"] == true)
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .cardReportedLost)
        #expect(agent.readers.verifies == 1)
        let wrong = try await agent.refusal {
            try await agent.desk.enterPassword(Secret(text: "wrong"), login: login, by: .user)
        }
        #expect(wrong?.code == .forbidden)
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .cardReportedLost)
        #expect(agent.readers.verifies == 1)
    }

    @Test func cardAndPINAndPasswordTogetherLiftIt() async throws {
        let (agent, _, serial) = try await Self.agent()
        let login = try await agent.begin()
        let answer = try await agent.desk.enterPassword(Secret(text: Self.password), login: login, by: .user)
        #expect(answer["reported_lost"]?["awaits_password"] == false)
        // Not before the PIN is right too.
        #expect(agent.registry.lostCards.card(serial) != nil)
        let session = try await agent.enter(login: login).session
        #expect(agent.registry.lostCards.card(serial) == nil && agent.ledger.kept(.lostCard).isEmpty)
        #expect(agent.ledger.commits.last?.drafts.map(\.event) == [.pinVerified, .cardLifted, .sessionOpened])
        #expect(agent.ledger.traces(of: .cardLifted).first?.session == session.id)
    }

    @Test func passwordIsAskedOfNoOtherLogin() async throws {
        let (agent, _, _) = try await Self.agent()
        let login = try await agent.begin()
        #expect(
            try await agent.refusal { try await agent.desk.enterPassword(Secret(text: Self.password), login: login, by: .other) }?.code
                == .loginNotFound)
        try await agent.desk.cancel(login, by: .user)
        #expect(
            try await agent.refusal { try await agent.desk.enterPassword(Secret(text: Self.password), login: login, by: .user) }?.code
                == .loginState)
    }

    @Test func nobodyWithoutTheDutyLiftsIt() async throws {
        let (agent, _, serial) = try await Self.agent()
        #expect(try await agent.refusal { try await agent.registry.liftLost(serial, by: .user) }?.code == .forbidden)
        #expect(agent.registry.lostCards.card(serial) != nil)
        #expect(agent.ledger.traces(of: .degradedRefused).map(\.code) == ["forbidden"])
    }
}
