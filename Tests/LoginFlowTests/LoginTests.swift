import Audit
import Habilitation
import Identity
import LoginFlow
import Primitives
import Sessions
import SmartCard
import TestPKI
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(5)))
struct LoginTests {
    @Test func cardAndPINOpenASessionWithItsToken() async throws {
        let agent = try await TestAgent()
        let doctor = try Personas.shared().doctor
        let insertion = await agent.insert(try doctor.card())
        let (session, token) = try await agent.logIn(audience: TestAgent.audience)
        #expect(session.state == .active)
        #expect(session.holder.nationalID.text == doctor.nationalID)
        #expect(session.presence?.place.insertion == insertion.id)
        #expect(session.scopes.contains(.prescriptionWrite))
        #expect(session.acr == "\(TestAgent.issuer)/acr/card")
        #expect(await agent.registry.introspect(try #require(token).accessToken, by: .user)?.sid == session.id)
        #expect(
            agent.ledger.commits.map { $0.drafts.map(\.event) }.suffix(2) == [
                [.loginStarted], [.pinVerified, .sessionOpened, .tokenIssued],
            ])
        #expect(agent.readers.verifies == 1)
    }

    @Test func cps4LogsInToo() async throws {
        let agent = try await TestAgent()
        let surgeon = try Personas.shared().surgeon
        await agent.insert(try surgeon.card())
        #expect(try await agent.logIn().session.holder.nationalID.text == surgeon.nationalID)
    }

    @Test func withoutAudienceThereIsNoToken() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        #expect(try await agent.logIn().token == nil)
    }

    @Test func loginShowsHolderTriesAndPINLengths() async throws {
        let agent = try await TestAgent()
        let doctor = try Personas.shared().doctor
        await agent.insert(try doctor.card())
        let json = try await agent.desk.begin(LoginRequest(reader: nil, token: nil, forUID: nil, resumes: nil), by: .user)
        #expect(json["state"]?.string == "awaiting_pin")
        #expect(json["holder"]?["national_id"]?.string == doctor.nationalID)
        #expect(json["tries_left"]?.int == 3)
        #expect(json["pin"]?["minimum_length"]?.int == 4)
        #expect(json["last_try_consent"] == nil)
    }

    @Test func sessionResumesAnEarlierOneOfTheSamePersonAndUser() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let old = try await agent.logIn().session.id
        let json = try await agent.desk.begin(LoginRequest(reader: nil, token: nil, forUID: nil, resumes: old), by: .user)
        #expect(try await agent.enter(login: json["id"]?.string ?? "").session.resumes == old)
    }

    @Test func sessionOfAnotherPersonIsNotResumed() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().surgeon.card())
        let old = try await agent.logIn().session.id
        agent.readers.eject(TestAgent.reader)
        await agent.insert(try Personas.shared().doctor.card())
        let request = LoginRequest(reader: nil, token: nil, forUID: nil, resumes: old)
        #expect(try await agent.refusal { try await agent.desk.begin(request, by: .user) }?.code == .sessionNotFound)
    }

    @Test func sessionOfAnotherUserIsNotResumed() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let old = try await agent.logIn().session.id
        let request = LoginRequest(reader: nil, token: nil, forUID: nil, resumes: old)
        #expect(try await agent.refusal { try await agent.desk.begin(request, by: .other) }?.code == .sessionNotFound)
    }

    @Test func unknownProfessionMayOnlyReadIdentity() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().unknown.card())
        #expect(try await agent.logIn().session.scopes == [.identityRead])
    }

    @Test func uncheckedRevocationHasItsOwnACR() async throws {
        let agent = try await TestAgent(trust: try uncheckedTrust())
        await agent.insert(try Personas.shared().doctor.card())
        let session = try await agent.logIn().session
        #expect(session.acr == "\(TestAgent.issuer)/acr/card-unchecked")
        #expect(session.presence?.revocation.status == .unchecked)
        #expect(session.rights == .unchecked)
    }

    @Test(arguments: [
        (CertificateKind.expired, ErrorCode.certificateExpired), (.notYetValid, .certificateNotYetValid),
        (.wrongUsage, .certificateWrongUsage), (.wrongIssuer, .certificateUntrusted), (.foreign, .certificateUntrusted),
    ])
    func untrustedCertificateIsRefusedBeforeThePIN(kind: CertificateKind, code: ErrorCode) async throws {
        let agent = try await TestAgent()
        let persona = try #require(try Personas.shared().refused[kind])
        await agent.insert(try persona.card())
        #expect(try await agent.refusal { try await agent.begin() }?.code == code)
        let trace = try #require(agent.ledger.traces(of: .loginRefused).first)
        #expect(trace.code == code.rawValue)
        #expect(trace.actor?["national_id"]?.string == persona.nationalID)
        #expect(agent.readers.verifies == 0)
    }

    @Test func scopeThatCannotBeGrantedIsRefusedBeforeThePIN() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().nurse.card())
        let refusal = try await agent.refusal { try await agent.begin(audience: TestAgent.audience, scopes: [.prescriptionWrite]) }
        #expect(refusal == Refusal(.scopeDenied, ["scope": "prescription:write", "rule": "default", "rules": ["default"]]))
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["scope_denied"])
    }

    @Test(arguments: ["", String(repeating: "a", count: 513)])
    func audienceThatIsNoneIsRefusedBeforeThePIN(audience: String) async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        #expect(try await agent.refusal { try await agent.begin(audience: audience) }?.code == .audienceRequired)
    }

    @Test func readerNameOfAnyLengthFitsTheLog() async throws {
        let agent = try await TestAgent()
        let name = "a" + String(repeating: "\u{301}", count: 40_000)
        #expect(try await agent.refusal { try await agent.begin(reader: name) }?.code == .readerNotFound)
        let trace = try #require(agent.ledger.traces(of: .loginRefused).first)
        #expect(trace.leaf(seq: 0, salt: [], workstation: "").count < 2000)
    }

    @Test(arguments: ["", "unknown", String(repeating: "a", count: 129)])
    func resumesNamesASession(id: String) async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let request = LoginRequest(reader: nil, token: nil, forUID: nil, resumes: id)
        #expect(try await agent.refusal { try await agent.desk.begin(request, by: .user) }?.code == .sessionNotFound)
    }

    @Test func onlyRootLogsInForAnother() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let request = LoginRequest(reader: nil, token: nil, forUID: 1001, resumes: nil)
        #expect(try await agent.refusal { try await agent.desk.begin(request, by: .user) }?.code == .forbidden)
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["forbidden"])
        let login = try await agent.desk.begin(request, by: .root)["id"]?.string ?? ""
        let session = try await agent.enter(login: login, by: .root).session
        #expect(session.uid == 1001)
        #expect(await agent.registry.sessions(for: .other).map(\.id) == [session.id])
    }

    // MARK: Who has the reader

    @Test func anotherUserFindsTheReaderBusy() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        let refusal = try #require(try await agent.refusal { try await agent.begin(.other) })
        #expect(refusal.code == .loginBusy)
        #expect(refusal.members["retry_after"]?.int == 60)
        #expect(agent.ledger.traces(of: .loginRefused).map(\.code) == ["login_busy"])
        try await agent.enter(login: login)
    }

    @Test func sameUsersEarlierLoginGivesWay() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let first = try await agent.begin()
        let second = try await agent.begin()
        #expect(try await agent.desk.login(first, for: .user)["state"]?.string == "cancelled")
        #expect(agent.ledger.traces(of: .loginCancelled).count == 1)
        #expect(try await agent.refusal { try await agent.enter(login: first) }?.code == .loginState)
        try await agent.enter(login: second)
    }

    @Test func otherUsersDoNotSeeALogin() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        #expect(try await agent.refusal { try await agent.desk.login(login, for: .other) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.enter(login: login, by: .other) }?.code == .loginNotFound)
        #expect(try await agent.refusal { try await agent.desk.cancel(login, by: .other) }?.code == .loginNotFound)
        #expect(await agent.desk.open(for: .other).isEmpty)
        #expect(await agent.desk.open(for: .user).count == 1)
        #expect(await agent.desk.open(for: .root).count == 1)
        #expect(agent.readers.verifies == 0)
    }

    @Test func cancelledLoginTakesNoPIN() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        try await agent.desk.cancel(login, by: .user)
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .loginState)
        #expect(try await agent.refusal { try await agent.desk.cancel(login, by: .user) }?.code == .loginState)
        #expect(agent.readers.verifies == 0)
    }

    @Test func loginExpiresAfterAMinute() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let login = try await agent.begin()
        agent.clock.setWall(forwardBy: 3600)
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "awaiting_pin")
        agent.clock.advance(seconds: 60)
        #expect(try await agent.refusal { try await agent.enter(login: login) }?.code == .loginExpired)
        #expect(try await agent.desk.login(login, for: .user)["state"]?.string == "expired")
        #expect(agent.ledger.traces(of: .loginExpired).map(\.code) == ["login_expired"])
        #expect(agent.readers.verifies == 0)
    }

    @Test func finishedLoginsAreForgottenInTime() async throws {
        let agent = try await TestAgent()
        await agent.insert(try Personas.shared().doctor.card())
        let first = try await agent.begin()
        for _ in 0..<300 {
            agent.clock.advance(seconds: 1)
            _ = try await agent.begin()
        }
        #expect(try await agent.refusal { try await agent.desk.login(first, for: .user) }?.code == .loginNotFound)
    }
}
