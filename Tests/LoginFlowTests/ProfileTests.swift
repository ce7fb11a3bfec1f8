import Audit
import Identity
import LoginFlow
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(5)))
struct ProfileTests {
    private static func agent(_ situations: [Situation]) async throws -> TestAgent {
        let doctor = try Personas.shared().doctor
        let agent = try await TestAgent(directory: MemoryDirectory([doctor.nationalID: situations]))
        await agent.insert(try doctor.card())
        return agent
    }

    private static let token = TokenRequest(audience: TestAgent.audience, scopes: [], ttl: nil, keyThumbprint: nil)

    private static func claims(_ agent: TestAgent, _ token: IssuedToken?) async throws -> AccessTokenClaims {
        let text = try #require(token).accessToken
        return try #require(await agent.registry.introspect(text, by: .user))
    }

    // MARK: None, one

    @Test(arguments: [[], [Situation.pharmacy], [.student]])
    func whomNoSituationIsKnownOfThatTheCardVouchesForHasTheRightsOfThePerson(situations: [Situation]) async throws {
        let agent = try await Self.agent(situations)
        let opened = try await agent.logIn(audience: TestAgent.audience)
        #expect(opened.session.state == .active)
        #expect(opened.session.profile == nil)
        #expect(opened.session.json["profiles"] == [])
        let claims = try await Self.claims(agent, opened.token)
        #expect(claims.cps.profile == nil)
        #expect(claims.extensions.iheIUA.subjectOrganizationID == [])
        #expect(agent.ledger.traces(of: .sessionOpened).first?.actor?["profile"] == nil)
    }

    @Test func anOnlySituationIsChosenByItself() async throws {
        let agent = try await Self.agent([.practice, .pharmacy])
        let opened = try await agent.logIn(audience: TestAgent.audience)
        #expect(opened.session.state == .active)
        #expect(opened.session.profile == .practice)
        let claims = try await Self.claims(agent, opened.token)
        #expect(claims.cps.profile == "practice")
        #expect(claims.extensions.iheIUA.subjectOrganizationID == ["499900063480001"])
        let trace = try #require(agent.ledger.traces(of: .sessionOpened).first)
        #expect(trace.actor?["profile"] == "practice")
        #expect(trace.actor?["structure_id"] == "499900063480001")
        #expect(agent.ledger.traces(of: .sessionProfileChosen).isEmpty)
    }

    // MARK: Several

    @Test func whoHasSeveralChoosesAndHasNoTokenBefore() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let login = try await agent.begin(audience: TestAgent.audience)
        let opened = try await agent.enter(login: login)
        #expect(opened.token == nil)
        #expect(opened.session.state == .profileRequired)
        #expect(opened.session.scopes.isEmpty)
        #expect(opened.session.json["profiles"]?.array?.compactMap { $0["id"]?.string } == ["practice", "hospital"])
        #expect(try await agent.desk.login(login, for: .user)["state"] == "awaiting_profile")
        let refusal = try await agent.refusal {
            try await agent.registry.issueToken(Self.token, session: opened.session.id, by: .user)
        }
        #expect(refusal?.code == .profileRequired)
        #expect(refusal?.members["profiles"] == opened.session.json["profiles"])
        #expect(try await agent.refusal { try await agent.registry.touch(opened.session.id, for: .user) }?.code == .profileRequired)

        let chosen = try await agent.desk.chooseProfile("hospital", session: opened.session.id, by: .user)
        #expect(chosen.state == .active)
        #expect(chosen.profile == .hospital)
        #expect(!chosen.scopes.isEmpty)
        #expect(agent.ledger.sessions[chosen.id] == chosen)
        #expect(try await agent.desk.login(login, for: .user)["state"] == "done")
        let trace = try #require(agent.ledger.traces(of: .sessionProfileChosen).first)
        #expect(trace.outcome == .granted)
        #expect(trace.detail?["profile"]?["structure_id"] == "1760021832")
        #expect(trace.actor?["profile"] == "hospital")
        let issued = try await agent.registry.issueToken(Self.token, session: chosen.id, by: .user)
        #expect(try await Self.claims(agent, issued).cps.profile == "hospital")
    }

    @Test func aSituationNamedAtTheLoginIsTracedAsChosen() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let login = try await agent.begin(audience: TestAgent.audience, profile: "practice")
        let opened = try await agent.enter(login: login)
        #expect(opened.session.profile == .practice)
        #expect(try await Self.claims(agent, opened.token).cps.profile == "practice")
        #expect(agent.ledger.commits.last?.drafts.map(\.event) == [.pinVerified, .sessionProfileChosen, .sessionOpened, .tokenIssued])
    }

    @Test func aLoginThatNamesAnUnknownSituationIsRefusedBeforeThePIN() async throws {
        let agent = try await Self.agent([.practice, .pharmacy])
        let refusal = try await agent.refusal { try await agent.begin(profile: "pharmacy") }
        #expect(refusal == Refusal(.profileUnknown, ["profile": "pharmacy", "profiles": [Situation.practice].json]))
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["profile_unknown"])
        #expect(agent.readers.verifies == 0)
    }

    @Test func aLoginThatWaitsIsDoneOnceItsSessionIsOver() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let login = try await agent.begin()
        let session = try await agent.enter(login: login).session
        await agent.registry.end([session.id], .logout, by: .user)
        #expect(try await agent.desk.login(login, for: .user)["state"] == "done")
        let refusal = try await agent.refusal { try await agent.desk.chooseProfile("practice", session: session.id, by: .user) }
        #expect(refusal?.code == .sessionEnded)
    }

    @Test func aDirectoryThatCannotBeReadRefusesTheLogin() async throws {
        let doctor = try Personas.shared().doctor
        let directory = MemoryDirectory([doctor.nationalID: [.practice]])
        let agent = try await TestAgent(directory: directory)
        await agent.insert(try doctor.card())
        directory.setFails(true)
        #expect(try await agent.refusal { try await agent.begin() }?.code == .traceUnavailable)
        directory.setFails(false)
        #expect(try await agent.logIn().session.profile == .practice)
    }

    // MARK: Switching

    @Test func aSwitchKillsTheTokensOfTheSituationBefore() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let opened = try await agent.enter(login: try await agent.begin(audience: TestAgent.audience, profile: "practice"))
        let old = try #require(opened.token).accessToken
        let jti = try await Self.claims(agent, opened.token).jti
        let events = agent.hub.subscribe(uid: 1000, after: nil)
        let switched = try await agent.desk.chooseProfile("hospital", session: opened.session.id, by: .user)
        #expect(switched.profile == .hospital)
        #expect(await agent.registry.introspect(old, by: .user) == nil)
        #expect(agent.ledger.revokedTokens == [jti])
        let trace = try #require(agent.ledger.traces(of: .sessionProfileChosen).last)
        #expect(trace.detail?["before"] == "practice")
        #expect(trace.detail?["tokens_revoked"] == 1)
        var told: [Event] = []
        for await event in events.events {
            told.append(event.event)
            if event.event.kind == .tokenRevoked { break }
        }
        #expect(told.map(\.kind) == [.session, .tokenRevoked])
        #expect(told.last?.data["jti"] == .string(jti))
    }

    @Test func theSituationThatItIsInAlreadyChangesNothing() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let opened = try await agent.enter(login: try await agent.begin(audience: TestAgent.audience, profile: "practice"))
        let before = agent.ledger.commits.count
        #expect(try await agent.desk.chooseProfile("practice", session: opened.session.id, by: .user) == opened.session)
        #expect(agent.ledger.commits.count == before)
        _ = try await Self.claims(agent, opened.token)
    }

    @Test(arguments: [
        ("pharmacy", Caller.user, ErrorCode.profileUnknown), ("practice", .other, .sessionNotFound),
        ("practice", Caller(uid: 1000, gid: 1000, pid: 1, client: Client(name: "viewer", operations: [.token])), .operationDenied),
    ])
    func aChoiceThatIsRefusedIsTraced(profile: String, caller: Caller, code: ErrorCode) async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let session = try await agent.logIn().session
        #expect(try await agent.refusal { try await agent.desk.chooseProfile(profile, session: session.id, by: caller) }?.code == code)
        #expect(agent.ledger.traces(of: .sessionRefused).map(\.code) == [code.rawValue])
        #expect(try await agent.registry.session(session.id, for: .user).state == .profileRequired)
    }

    @Test func aChoiceThatCannotBeTracedDoesNotHappen() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let opened = try await agent.enter(login: try await agent.begin(audience: TestAgent.audience, profile: "practice"))
        agent.ledger.setFails(true)
        let refusal = try await agent.refusal { try await agent.desk.chooseProfile("hospital", session: opened.session.id, by: .user) }
        #expect(refusal?.code == .traceUnavailable)
        agent.ledger.setFails(false)
        #expect(try await agent.registry.session(opened.session.id, for: .user).profile == .practice)
        _ = try await Self.claims(agent, opened.token)
    }

    @Test func aTokenDecidedForTheSituationBeforeIsTakenBack() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let opened = try await agent.enter(login: try await agent.begin(profile: "practice"))
        let gate = agent.ledger.hold(.tokenIssued)
        async let refused = agent.refusal {
            try await agent.registry.issueToken(Self.token, session: opened.session.id, by: .user)
        }
        await gate.reached()
        _ = try await agent.desk.chooseProfile("hospital", session: opened.session.id, by: .user)
        gate.open()
        #expect(try await refused?.code == .profileChanged)
        #expect(agent.ledger.revokedTokens == agent.ledger.issuedTokens)
    }

    @Test func aTokenGivenWhileTheSwitchIsWrittenDiesWithIt() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let opened = try await agent.enter(login: try await agent.begin(profile: "practice"))
        let gate = agent.ledger.hold(.sessionProfileChosen)
        async let switched = agent.desk.chooseProfile("hospital", session: opened.session.id, by: .user)
        await gate.reached()
        let late = try await agent.registry.issueToken(Self.token, session: opened.session.id, by: .user)
        gate.open()
        _ = try await switched
        #expect(await agent.registry.introspect(late.accessToken, by: .user) == nil)
        #expect(agent.ledger.revokedTokens == agent.ledger.issuedTokens)
        #expect(agent.ledger.traces(of: .tokenRevoked).count == 1)
    }

    // MARK: Locking

    @Test func aSessionThatWaitsIsLockedAndWaitsAgainOnceUnlocked() async throws {
        let agent = try await Self.agent([.practice, .hospital])
        let session = try await agent.logIn().session
        #expect(try await agent.registry.lock(session.id, by: .user).state == .locked)
        let refusal = try await agent.refusal { try await agent.desk.chooseProfile("practice", session: session.id, by: .user) }
        #expect(refusal?.code == .sessionLocked)
        let unlocked = try await agent.desk.unlock(session.id, pin: Secret(text: TestAgent.pin), acceptLastTry: nil, by: .user)
        #expect(unlocked.state == .profileRequired)
        #expect(try await agent.desk.chooseProfile("practice", session: session.id, by: .user).state == .active)
    }
}
