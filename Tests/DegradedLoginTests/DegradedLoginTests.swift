import Audit
import DegradedLogin
import Habilitation
import Identity
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(5)))
struct DegradedLoginTests {
    @Test func rightPasswordOpensASessionWithoutACard() async throws {
        let world = try await DegradedWorld()
        let token = TokenRequest(audience: TestAgent.audience, scopes: [], ttl: nil, keyThumbprint: nil)
        let opened = try await world.logIn(world.request(note: "carte à la maison", token: token))
        let session = opened.session
        #expect(session.mode == .degraded && session.state == .active && session.uid == 1000)
        #expect(session.acr == "\(TestAgent.issuer)/acr/degraded" && session.amr == ["pwd"])
        #expect(session.expiresAt == ManualClock.noon.advanced(bySeconds: 1800))
        #expect(session.presence == nil && session.holder.nationalID.text == "899900063480")
        #expect(session.degraded?.origin == .referent && session.degraded?.account == "a1")
        #expect(session.degraded?.reason == "card_forgotten" && session.degraded?.note == "carte à la maison")
        // The degraded column of the matrix: a doctor reads, and neither writes nor validates.
        #expect(session.scopes == [.identityRead, .recordRead])
        let given = try #require(opened.token)
        let found = await world.registry.introspect(given.accessToken, by: .user)
        let claims = try #require(found)
        #expect(claims.acr == session.acr && claims.amr == ["pwd"] && claims.cps.mode == "degraded")
        #expect(claims.cps.wayIn == .init(origin: "referent", madeBy: "899900000001", confirmedBy: "899900000002"))
        #expect(claims.cps.cardSerial == nil && claims.cps.readerKind == nil && claims.cps.revocationAsOf == nil)
    }

    @Test func renewalIsSuggestedAndNeverAsked() async throws {
        let rules = DegradedRules(isEnabled: true, reasons: ["card_forgotten"], passwordAge: 86_400)
        let world = try await DegradedWorld(rules: rules)
        #expect(try await !world.logIn().isPasswordOld)
        world.clock.advance(seconds: 86_400)
        let opened = try await world.logIn()
        #expect(opened.isPasswordOld && opened.session.state == .active)
        #expect(!DegradedWorld.rules.isOld(ManualClock.noon, at: world.clock.now()), "not where nobody has set an age")
    }

    @Test func anEmergencyIsDeclaredAsTheDoorOpens() async throws {
        let world = try await DegradedWorld()
        let emergency = try EmergencyRequest(reason: "vital_emergency", note: nil, patient: "unknown", minutes: nil)
        let token = TokenRequest(audience: TestAgent.audience, scopes: [.recordEmergency], ttl: nil, keyThumbprint: nil)
        let opened = try await world.logIn(world.request(token: token, emergency: emergency))
        #expect(opened.session.emergencies.count == 1 && opened.token?.scopes == ["record:emergency"])
        #expect(world.ledger.events == [.sessionOpened, .breakGlassDeclared, .tokenIssued])
        #expect(world.ledger.commits.map(\.urgency) == [.emergency(person: "899900063480")], "from the reserve, with the disk full")
        #expect(world.ledger.kept(.emergency).count == 2, "what was declared, and that somebody came in without the card")
        let unknown = try EmergencyRequest(reason: "no_such_reason", note: nil, patient: "unknown", minutes: nil)
        #expect(try await world.refusal { try await world.begin(world.request(emergency: unknown)) }?.code == .breakGlassReason)
    }

    @Test func sessionAndItsEmergencyAreOneCommit() async throws {
        let world = try await DegradedWorld()
        let session = try await world.logIn(world.request(note: "n")).session
        #expect(world.ledger.commits.count == 1)
        #expect(world.ledger.events == [.sessionOpened])
        let opened = try #require(world.ledger.traces.first)
        #expect(opened.mode == "degraded" && opened.card == nil && opened.reader == nil)
        #expect(opened.detail?["degraded"]?["reason"] == "card_forgotten")
        let record = try #require(world.ledger.kept(.emergency).first)
        #expect(record.isOpen && record.id == session.id && record.key == "899900063480")
        let emergency = try #require(Emergency(record.json))
        #expect(emergency.kind == .degraded && emergency.session == session.id && emergency.patient == nil)
        #expect(emergency.makers == ["899900000001", "899900000002"] && emergency.client == "records")
        #expect(emergency.reviewDueAt == ManualClock.noon.advanced(bySeconds: 86_400))
        #expect(world.watch.begun == [emergency])
    }

    @Test func answerIsTheSameWhateverTheIdentifier() async throws {
        let world = try await DegradedWorld()
        let known = try await world.desk.begin(world.request(), by: .user)
        let unknown = try await world.desk.begin(world.request("local:nobody"), by: .user)
        #expect(known.with("id", .null) == unknown.with("id", .null))
        #expect(known["state"] == "awaiting_password")
        #expect(known["expires_at"]?.string == ManualClock.noon.advanced(bySeconds: 60).description)
        #expect(world.ledger.commits.isEmpty && world.passwords.tried.isEmpty)
    }

    @Test func wrongPasswordLeavesTheLoginOpenForAnother() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        #expect(try await world.refusal { try await world.enter("wrong", login: login) }?.code == .forbidden)
        #expect(try await world.desk.login(login, for: .user)["state"] == "awaiting_password")
        let session = try await world.enter(login: login).session
        #expect(try await world.desk.login(login, for: .user)["session"]?.string == session.id)
    }

    @Test func loginThatIsDoneTakesNoOtherPassword() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        try await world.enter(login: login)
        #expect(try await world.refusal { try await world.enter(login: login) }?.code == .loginState)
        #expect(world.passwords.tried.count == 1)
        #expect(world.ledger.traces(of: .degradedRefused).map(\.code) == ["login_state"])
        #expect(await world.registry.sessions(for: .user).count == 1)
    }

    @Test func onePasswordAtATimeIsTried() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        let gate = world.passwords.hold()
        async let first = world.enter(login: login)
        await gate.reached()
        #expect(try await world.refusal { try await world.enter(login: login) }?.code == .loginState)
        #expect(try await world.refusal { try await world.desk.cancel(login, by: .user) }?.code == .loginState)
        gate.open()
        #expect(try await first.session.state == .active)
        #expect(world.passwords.tried.count == 1)
    }

    @Test func minuteEndsTheLogin() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        world.clock.advance(seconds: 60)
        #expect(try await world.refusal { try await world.enter(login: login) }?.code == .loginExpired)
        #expect(try await world.desk.login(login, for: .user)["state"] == "expired")
        #expect(world.passwords.tried.isEmpty)
    }

    @Test func cancelledLoginTakesNoPassword() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        try await world.desk.cancel(login, by: .user)
        #expect(try await world.refusal { try await world.enter(login: login) }?.code == .loginState)
    }

    @Test func loginIsItsCallersAlone() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        #expect(try await world.refusal { try await world.desk.login(login, for: .other) }?.code == .loginNotFound)
        #expect(try await world.refusal { try await world.desk.cancel(login, by: .other) }?.code == .loginNotFound)
        #expect(try await world.refusal { try await world.enter(login: login, by: .other) }?.code == .loginNotFound)
        #expect(world.passwords.tried.isEmpty)
    }

    @Test func ninthOpenLoginOfAUserTakesThePlaceOfTheOldest() async throws {
        let world = try await DegradedWorld()
        let first = try await world.begin()
        for _ in 1...8 {
            world.clock.advance(seconds: 1)
            _ = try await world.begin()
        }
        #expect(try await world.desk.login(first, for: .user)["state"] == "cancelled")
        let other = try await world.begin(by: .other)
        #expect(try await world.desk.login(other, for: .other)["state"] == "awaiting_password")
    }

    @Test func nothingOpensWhenTheTraceCannotBeWritten() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.enter(login: login) }?.code == .traceUnavailable)
        #expect(await world.registry.sessions(for: .user).isEmpty)
        #expect(world.watch.begun.isEmpty)
    }

    @Test func accountThatIsClosedMeanwhileLetsNobodyIn() async throws {
        let world = try await DegradedWorld()
        let login = try await world.begin()
        world.passwords.close()
        let refusal = try await world.refusal { try await world.enter(login: login) }
        #expect(refusal == Refusal(.sessionEnded, ["end_reason": "account_disabled"]))
        #expect(world.ledger.sessions.values.map(\.endReason) == [.accountDisabled])
    }

    @Test func scopeThatTheDegradedColumnLacksRefusesTheLogin() async throws {
        let world = try await DegradedWorld()
        let token = TokenRequest(audience: TestAgent.audience, scopes: [.recordWrite], ttl: nil, keyThumbprint: nil)
        let login = try await world.begin(world.request(token: token))
        #expect(try await world.refusal { try await world.enter(login: login) }?.code == .scopeDenied)
        let trace = try #require(world.ledger.traces(of: .degradedRefused).first)
        #expect(trace.code == "scope_denied" && trace.actor?["national_id"] == "899900063480" && trace.mode == "degraded")
        #expect(try await world.desk.login(login, for: .user)["state"] == "failed")
    }

    // MARK: What may be asked for

    @Test(arguments: [
        "", "a\nb", "a\u{7}b", "\u{7}", String(repeating: "9", count: 129), "é",
    ])
    func identifierOfNoFormIsRefusedAndNotTraced(identifier: String) async throws {
        let world = try await DegradedWorld()
        #expect(try await world.refusal { try await world.begin(world.request(identifier)) }?.code == .invalidRequest)
        #expect(world.ledger.traces(of: .degradedRefused).count == 1)
        #expect(identifier.isEmpty || !world.ledger.written.contains(identifier))
    }

    @Test(arguments: [
        "", "two\nlines", "bell\u{7}", "turned\u{202E}round", "line\u{2028}end", String(repeating: "x", count: 1001),
    ])
    func noteOfMoreThanOneCleanLineIsRefused(note: String) async throws {
        let world = try await DegradedWorld()
        #expect(try await world.refusal { try await world.begin(world.request(note: note)) }?.code == .invalidRequest)
        #expect(note.isEmpty || !world.ledger.written.contains(note))
    }

    @Test func reasonHasToBeOneOfTheList() async throws {
        let world = try await DegradedWorld()
        let refusal = try await world.refusal { try await world.begin(world.request(reason: "tired")) }
        #expect(refusal?.code == .invalidRequest)
        #expect(refusal?.members["reasons"] == ["card_forgotten", "card_lost", "card_stolen"])
    }

    @Test func nobodyComesInWhileItIsOff() async throws {
        let world = try await DegradedWorld(rules: DegradedRules(isEnabled: false, contact: "poste 4242"))
        let refusal = try await world.refusal { try await world.begin() }
        #expect(refusal == Refusal(.degradedDisabled, ["contact": "poste 4242"]))
        #expect(world.ledger.traces(of: .degradedRefused).map(\.code) == ["degraded_disabled"])
    }

    @Test func programWithoutLoginMayNotBegin() async throws {
        let world = try await DegradedWorld()
        let caller = Caller(uid: 1000, gid: 1000, pid: 7, client: Client(name: "viewer", operations: [.token]))
        #expect(try await world.refusal { try await world.begin(by: caller) }?.code == .operationDenied)
    }

    @Test func anotherUsersSessionNeedsTheOperationForIt() async throws {
        let world = try await DegradedWorld()
        let request = world.request(forUID: 1001)
        #expect(try await world.refusal { try await world.begin(request) }?.code == .forbidden)
        let greeter = Caller(uid: 33, gid: 33, pid: 7, client: Client(name: "greeter", operations: [.login, .loginFor]))
        #expect(try await world.logIn(request, by: greeter).session.uid == 1001)
        #expect(try await world.logIn(request, by: .root).session.uid == 1001)
    }

    @Test func forerunnerIsOneOfTheSamePersonAndUser() async throws {
        let world = try await DegradedWorld()
        let old = try await world.logIn().session
        await world.registry.end([old.id], .logout, by: .user)
        #expect(try await world.logIn(world.request(resumes: old.id)).session.resumes == old.id)
        let theirs = try Sample.session("s9", holder: try Sample.holder("899900099999"))
        _ = try await world.registry.open(theirs, traces: [], by: .user, token: nil)
        #expect(try await world.refusal { try await world.logIn(world.request(resumes: "s9")) }?.code == .sessionNotFound)
    }

    @Test func severalSituationsHaveToBeChosenFrom() async throws {
        let here = Situation(id: "1", profession: "10", sector: "SA07")
        let there = Situation(id: "2", profession: "10", sector: "SA01")
        let elsewhere = Situation(id: "3", profession: "60", sector: "SA01")
        let id = try Sample.holder().nationalID.text
        let world = try await DegradedWorld(situations: [id: [here, there, elsewhere]])
        let token = TokenRequest(audience: TestAgent.audience, scopes: [], ttl: nil, keyThumbprint: nil)
        let waiting = try await world.logIn(world.request(token: token))
        #expect(waiting.session.state == .profileRequired && waiting.token == nil)
        #expect(waiting.session.situations == [here, there])
        #expect(try await world.registry.chooseProfile("2", session: waiting.session.id, by: .user).profile == there)
        #expect(try await world.logIn(world.request(profile: "1")).session.profile == here)
        #expect(try await world.refusal { try await world.logIn(world.request(profile: "3")) }?.code == .profileUnknown)
    }
}
