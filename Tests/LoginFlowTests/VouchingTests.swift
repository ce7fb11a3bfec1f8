import Audit
import Habilitation
import Identity
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestSupport
import Testing
import VirtualCard

/// A colleague lets somebody in who stands beside them, by their own card and PIN.
@Suite(.timeLimit(.minutes(2)))
struct VouchingTests {
    private static let rules = DegradedRules(isEnabled: true, vouched: 43_200, reasons: ["card_forgotten"], contact: "poste 4242")
    private static let person = "899900063480"

    private static func vouching(
        _ id: String = person, profession: String = "60", reason: String = "card_forgotten", note: String? = nil, life: Int64? = nil,
        token: TokenRequest? = nil, forUID: UInt32? = nil
    ) throws -> Vouching {
        try Vouching(
            nationalID: id, familyName: "MARTIN", givenName: "ANNE", profession: profession, reason: reason, note: note, life: life,
            token: token, forUID: forUID)
    }

    /// An agent with a colleague's session.
    private static func agent(
        _ persona: Persona? = nil, rules: DegradedRules = rules, directory: MemoryDirectory = MemoryDirectory([:])
    ) async throws -> (agent: TestAgent, session: Session, insertion: Insertion) {
        let agent = try await TestAgent(directory: directory, degraded: rules)
        let insertion = await agent.insert(try (persona ?? Personas.shared().doctor).card())
        return (agent, try await agent.logIn().session, insertion)
    }

    private static func begin(_ agent: TestAgent, _ session: Session, _ vouching: Vouching? = nil) async throws -> String {
        let vouching = try vouching ?? Self.vouching()
        return try await agent.desk.beginVouching(vouching, session: session.id, by: .user)["id"]?.string ?? ""
    }

    private static func vouch(
        _ agent: TestAgent, _ id: String, _ pin: String = TestAgent.pin, by caller: Caller = .user
    ) async throws -> (session: Session, token: IssuedToken?) {
        try await agent.desk.vouch(Secret(text: pin), vouching: id, acceptLastTry: nil, by: caller)
    }

    @Test func pinOfTheColleagueOpensASessionOfTheOther() async throws {
        let (agent, session, _) = try await Self.agent()
        let id = try await Self.begin(agent, session, try Self.vouching(note: "badge oublié"))
        let opened = try await Self.vouch(agent, id).session
        #expect(opened.mode == .degraded && opened.amr == ["vouched"] && opened.acr.hasSuffix("/acr/degraded"))
        #expect(opened.holder.nationalID.text == Self.person && opened.holder.familyName == "MARTIN" && opened.holder.isTest)
        #expect(opened.scopes.map(\.text) == ["identity:read", "record:read"])
        #expect(opened.degraded?.origin == .vouched && opened.degraded?.madeBy == session.holder.nationalID.text)
        #expect(opened.degraded?.account == nil && opened.degraded?.note == "badge oublié")
        #expect(opened.expiresAt == opened.openedAt.advanced(bySeconds: 43_200))
        // The colleague's own session goes on.
        #expect(try await agent.registry.present(session.id, for: .user).state == .active)
    }

    @Test func proofAndSessionAndEmergencyAreOneCommit() async throws {
        let (agent, session, _) = try await Self.agent()
        let opened = try await Self.vouch(agent, try await Self.begin(agent, session)).session
        let last = try #require(agent.ledger.commits.last)
        #expect(last.drafts.map(\.event) == [.pinVerified, .degradedVouched, .sessionOpened])
        #expect(last.drafts.first?.evidence?["signature"]?.string != nil)
        let vouched = last.drafts[1]
        #expect(vouched.actor?["national_id"]?.string == session.holder.nationalID.text && vouched.session == session.id)
        #expect(vouched.detail?["person"]?["national_id"]?.string == Self.person && vouched.detail?["session"]?.string == opened.id)
        let emergency = try #require(agent.ledger.kept(.emergency).first.flatMap { Emergency($0.json) })
        #expect(emergency.makers == [session.holder.nationalID.text] && emergency.person == Self.person)
    }

    @Test func minutesShortenItAndNeverMakeItLonger() async throws {
        let (agent, session, _) = try await Self.agent()
        let short = try await Self.vouch(agent, try await Self.begin(agent, session, try Self.vouching(life: 600))).session
        #expect(short.expiresAt == short.openedAt.advanced(bySeconds: 600))
        let long = try await Self.vouch(agent, try await Self.begin(agent, session, try Self.vouching(life: 86_400))).session
        #expect(long.expiresAt == long.openedAt.advanced(bySeconds: 43_200))
    }

    @Test func wrongPINOpensNothingAndCostsOneTry() async throws {
        let (agent, session, _) = try await Self.agent()
        let id = try await Self.begin(agent, session)
        let refusal = try await agent.refusal { try await Self.vouch(agent, id, "9999") }
        #expect(refusal?.code == .pinWrong && refusal?.members["tries_left"] == 2)
        #expect(await agent.registry.sessions(for: .user).count == 1)
        #expect(try await agent.desk.vouching(id, for: .user)["state"] == "awaiting_pin")
        #expect(agent.ledger.traces(of: .pinRefused).first?.detail?["operation"] == "vouch")
        #expect(try await Self.vouch(agent, id).session.mode == .degraded)
    }

    @Test func nobodyVouchesForThemself() async throws {
        let (agent, session, _) = try await Self.agent(try Personas.shared().nurse)
        let own = try Self.vouching(session.holder.nationalID.text)
        #expect(try await agent.refusal { try await Self.begin(agent, session, own) }?.code == .vouchingDenied)
        let trace = try #require(agent.ledger.traces(of: .degradedRefused).first)
        #expect(trace.code == "vouching_denied" && trace.actor?["national_id"]?.string == session.holder.nationalID.text)
    }

    @Test func onlyAProfessionalVouches() async throws {
        let (agent, session, _) = try await Self.agent(try Personas.shared().unknown)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .vouchingDenied)
    }

    @Test func sessionWithoutACardVouchesForNobody() async throws {
        let (agent, session, _) = try await Self.agent()
        let vouched = try await Self.vouch(agent, try await Self.begin(agent, session)).session
        let next = try Self.vouching("899900000011")
        #expect(try await agent.refusal { try await Self.begin(agent, vouched, next) }?.code == .cardSessionRequired)
    }

    @Test func othersSessionVouchesForNobody() async throws {
        let (agent, session, _) = try await Self.agent()
        let vouching = try Self.vouching()
        let refusal = try await agent.refusal { try await agent.desk.beginVouching(vouching, session: session.id, by: .other) }
        #expect(refusal?.code == .sessionNotFound)
        let id = try await Self.begin(agent, session)
        #expect(try await agent.refusal { try await Self.vouch(agent, id, by: .other) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.desk.vouching(id, for: .other) }?.code == .loginNotFound)
    }

    @Test func lockedSessionVouchesForNobody() async throws {
        let (agent, session, _) = try await Self.agent()
        let id = try await Self.begin(agent, session)
        _ = try await agent.registry.lock(session.id, by: .user)
        #expect(try await agent.refusal { try await Self.vouch(agent, id) }?.code == .sessionLocked)
        #expect(agent.readers.verifies == 1)
    }

    @Test func cardThatLeavesEndsTheVouching() async throws {
        let (agent, session, insertion) = try await Self.agent()
        let id = try await Self.begin(agent, session)
        await agent.eject(insertion)
        #expect(try await agent.refusal { try await Self.vouch(agent, id) } != nil)
        #expect(await agent.registry.sessions(for: .user).isEmpty)
    }

    @Test func directoryKnowsTheProfessionBetter() async throws {
        let directory = MemoryDirectory([Self.person: [.practice]])
        let (agent, session, _) = try await Self.agent(directory: directory)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .vouchingDenied)
        let opened = try await Self.vouch(agent, try await Self.begin(agent, session, try Self.vouching(profession: "10"))).session
        #expect(opened.profile == .practice)
    }

    @Test func cancelledVouchingTakesNoPIN() async throws {
        let (agent, session, _) = try await Self.agent()
        let id = try await Self.begin(agent, session)
        try await agent.desk.cancelVouching(id, by: .user)
        #expect(try await agent.refusal { try await Self.vouch(agent, id) }?.code == .loginState)
        // The reader is free for a login.
        #expect(try await agent.logIn().session.state == .active)
    }

    @Test func nothingIsVouchedWhereItIsOff() async throws {
        let (agent, session, _) = try await Self.agent(rules: .off)
        #expect(try await agent.refusal { try await Self.begin(agent, session) }?.code == .degradedDisabled)
    }

    @Test func reasonAndNoteAreHeldToTheRules() async throws {
        let (agent, session, _) = try await Self.agent()
        let unknown = try Self.vouching(reason: "tired")
        #expect(try await agent.refusal { try await Self.begin(agent, session, unknown) }?.code == .invalidRequest)
        let injected = try Self.vouching(note: "a\nb")
        #expect(try await agent.refusal { try await Self.begin(agent, session, injected) }?.code == .invalidRequest)
        #expect(!agent.ledger.written.contains("a\\nb"))
    }

    @Test(arguments: [("X1", "60"), ("99900063481", "60"), ("899900063480", "six"), ("", "60"), ("8999\n", "60")])
    func whoIsNamedHasTheFormOfAPerson(id: String, profession: String) {
        #expect(throws: Refusal.self) { try Self.vouching(id, profession: profession) }
    }

    @Test func cardLoginOfThePersonEndsWhatWasVouched() async throws {
        let (agent, session, _) = try await Self.agent()
        let nurse = try Personas.shared().nurse
        let vouching = try Self.vouching(nurse.nationalID)
        let vouched = try await Self.vouch(agent, try await Self.begin(agent, session, vouching)).session
        agent.readers.plug(TestAgent.otherReader)
        await agent.insert(try nurse.card(), in: TestAgent.otherReader)
        _ = try await agent.logIn(reader: TestAgent.otherReader)
        #expect(agent.ledger.sessions[vouched.id]?.endReason == .replaced)
    }
}
