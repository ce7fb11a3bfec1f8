import Audit
import Habilitation
import Identity
import LoginFlow
import MobileSessions
import PKI
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(2)))
struct PairingTests {
    @Test func deviceIsLetInByItsDigits() async throws {
        let world = try await MobileWorld()
        let shown = try await world.desk.pair(session: world.session.id, scopes: [], resource: nil, life: nil, by: .user)
        let link = try #require(shown["code_uri"]?.string)
        #expect(link.hasPrefix("cps-agent://pair?issuer=https%3A%2F%2Fws-042.example&code=") && link.hasSuffix("&pin=LISTENER-PIN"))
        #expect(shown["state"] == "shown" && shown["expires_in"] == 60)
        let (id, code) = (try #require(shown["id"]?.string), link.split(separator: "code=")[1].split(separator: "&")[0])
        #expect(await world.redeem(String(code)).code == .authorizationPending)
        let waiting = try await world.desk.pairing(id, for: .user)
        #expect(waiting["state"] == "redeemed" && waiting["device_name"] == "Tablette de MAX" && waiting["address"] == "192.0.2.9")
        #expect(waiting["code_uri"] == nil)
        #expect(await world.redeem(String(code)).code == .authorizationPending)
        #expect(try await world.desk.confirm("42", pairing: id, by: .user)["state"] == "confirmed")
        let tokens = try await world.redeem(String(code)).get()
        #expect(try await world.state(id) == "done")
        let session = try #require(await world.mobile(tokens.session))
        #expect(session.mobile?.openedBy == world.session.id && session.mobile?.grant == .code && session.amr.contains("pop"))
        #expect(session.holder == world.session.holder && tokens.sessionExpiresIn == 14_400)
        let claims = try world.agent.signer.verify(tokens.accessToken, now: world.clock.now())
        #expect(claims.acr.hasSuffix("/acr/mobile") && claims.cnf?.jkt == MobileRequest.phone.thumbprint && claims.sid == session.id)
        #expect(
            claims.clientID == "cps-mobile" && claims.aud == TestAgent.audience
                && tokens.scopes == claims.scope.split(separator: " ").map(String.init))
        #expect(!tokens.scopes.isEmpty)
    }

    @Test func firstTokenAndSessionAndDeviceAreOneCommit() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let last = try #require(world.ledger.commits.last { $0.drafts.contains { $0.event == .tokenIssued } })
        #expect(last.drafts.map(\.event) == [.sessionOpened, .tokenIssued])
        #expect(world.ledger.kept(.family).map(\.id) == [tokens.session] && world.ledger.kept(.device).count == 1)
        #expect(last.effects.count == 4)
        #expect(world.ledger.events.filter { $0.rawValue.hasPrefix("mobile.") } == [.mobileRequested, .mobileRedeemed, .mobileApproved])
        #expect(!world.ledger.written.contains(tokens.refreshToken) && !world.ledger.written.contains(tokens.accessToken))
    }

    @Test func listenersHearWhatBecomesOfIt() async throws {
        let world = try await MobileWorld()
        let subscription = world.agent.hub.subscribe(uid: 1000, after: nil)
        try await world.letIn()
        world.agent.hub.finish()
        var states: [String] = []
        for await event in subscription.events where event.event.kind == .mobile {
            states.append(event.event.data["state"]?.string ?? "")
            #expect(event.event.data["code_uri"] == nil && !event.event.isVisible(to: 1001))
        }
        #expect(states == ["shown", "redeemed", "confirmed", "done"])
    }

    @Test func wrongDigitsEndItAtTheFirstTry() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        #expect(try await world.refusal { try await world.desk.confirm("43", pairing: id, by: .user) }?.code == .pairingDigits)
        #expect(try await world.state(id) == "failed")
        #expect(try await world.refusal { try await world.desk.confirm("42", pairing: id, by: .user) }?.code == .pairingState)
        #expect(await world.redeem(code).code == .invalidGrant)
        let alarm = try #require(world.ledger.traces(of: .mobileAlarm).first)
        #expect(alarm.reason == "wrong_digits" && alarm.session == world.session.id && alarm.outcome == .failed)
        #expect(await world.registry.mobileSessions.isEmpty)
    }

    @Test func digitsBeforeAnyDeviceAreNoTry() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        #expect(try await world.refusal { try await world.desk.confirm("43", pairing: id, by: .user) }?.code == .pairingState)
        #expect(await world.redeem(code).code == .authorizationPending)
        #expect(try await world.desk.confirm("42", pairing: id, by: .user)["state"] == "confirmed")
    }

    @Test(arguments: [(MobileRequest.thief, "42"), (.phone, "17")])
    func anotherRedemptionOfACodeEndsIt(_ device: MobileRequest, _ digits: String) async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        #expect(await world.redeem(code, device, digits: digits).code == .invalidGrant)
        #expect(try await world.state(id) == "failed")
        #expect(world.ledger.traces(of: .mobileAlarm).map(\.reason) == ["code_shared"])
        #expect(try await world.refusal { try await world.desk.confirm("42", pairing: id, by: .user) }?.code == .pairingState)
        #expect(await world.redeem(code).code == .invalidGrant)
    }

    @Test func anotherRedemptionAfterTheDigitsGetsNothing() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        #expect(await world.redeem(code, .thief).code == .invalidGrant)
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(await world.registry.mobileSessions.isEmpty)
    }

    @Test(arguments: [(MobileRequest.thief, "code_shared"), (.phone, "code_reused")])
    func redemptionAfterTheTokensEndsTheSession(_ device: MobileRequest, _ reason: String) async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        let tokens = try await world.redeem(code).get()
        #expect(await world.redeem(code, device).code == .invalidGrant)
        #expect(await world.mobile(tokens.session) == nil)
        #expect(world.ledger.sessions[tokens.session]?.endReason == .revoked && world.ledger.kept(.family).isEmpty)
        let alarm = try #require(world.ledger.traces(of: .mobileAlarm).first)
        #expect(alarm.reason == reason && alarm.session == tokens.session)
        // Once is enough.
        #expect(await world.redeem(code, device).code == .invalidGrant)
        #expect(world.ledger.traces(of: .mobileAlarm).count == 1)
    }

    @Test func nothingIsGivenBeforeTheDigitsAreWritten() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        let gate = world.ledger.hold(.mobileApproved)
        async let confirmed = world.desk.confirm("42", pairing: id, by: .user)
        await gate.reached()
        #expect(await world.redeem(code).code == .authorizationPending)
        #expect(try await world.state(id) == "redeemed")
        gate.open()
        #expect(try await confirmed["state"] == "confirmed")
        _ = try await world.redeem(code).get()
    }

    @Test func anotherRedemptionWhileTheDigitsAreWrittenEndsIt() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        let gate = world.ledger.hold(.mobileApproved)
        async let confirmed = world.refusal { try await world.desk.confirm("42", pairing: id, by: .user) }
        await gate.reached()
        #expect(await world.redeem(code, .thief).code == .invalidGrant)
        gate.open()
        #expect(try await confirmed?.code == .pairingState)
        #expect(await world.redeem(code).code == .invalidGrant)
    }

    @Test func namesThatNobodyHasDoNotFillTheLog() async throws {
        let world = try await MobileWorld()
        for index in 0..<60 {
            await world.desk.refused(MobileRefusal(.invalidClient), client: "nobody-\(index)", address: "192.0.2.\(index)", what: "token")
        }
        let traces = world.ledger.traces(of: .mobileRefused)
        #expect(traces.count < 20 && traces.first?.client?["name"] == nil && traces.first?.detail?["claimed"] == "nobody-0")
        await world.desk.refused(MobileRefusal(.invalidProof), client: "cps-mobile", address: "192.0.2.1", what: "token")
        #expect(world.ledger.traces(of: .mobileRefused).last?.client?["name"] == "cps-mobile")
    }

    @Test func ofTwoRedemptionsAtOnceNoneKeepsASession() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        let gate = world.ledger.hold(.sessionOpened)
        async let first = world.redeem(code)
        await gate.reached()
        #expect(await world.redeem(code).code == .invalidGrant)
        gate.open()
        #expect(await first.code == .invalidGrant)
        #expect(await world.registry.mobileSessions.isEmpty && world.ledger.kept(.family).isEmpty)
    }

    @Test(arguments: 0...2)
    func eachStepHasAMinute(_ steps: Int) async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        if steps > 0 {
            world.clock.advance(seconds: 59)
            #expect(await world.redeem(code).code == .authorizationPending)
        }
        if steps > 1 {
            world.clock.advance(seconds: 59)
            _ = try await world.desk.confirm("42", pairing: id, by: .user)
        }
        world.clock.advance(seconds: 60)
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(try await world.state(id) == "expired")
        #expect(world.ledger.traces(of: .mobileExpired).count == 1 && world.ledger.traces(of: .mobileAlarm).isEmpty)
    }

    @Test func settingTheWallClockBackMakesNoCodeLast() async throws {
        let world = try await MobileWorld()
        let (_, code) = try await world.pair()
        world.clock.advance(seconds: 61)
        world.clock.setWall(forwardBy: -3600)
        #expect(await world.redeem(code).code == .invalidGrant)
    }

    @Test func cardThatLeavesBeforeTheTokensEndsIt() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = await world.redeem(code)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        await world.agent.eject(world.insertion)
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(try await world.desk.pairing(id, for: .user)["code"] == "session_ended")
        #expect(world.ledger.traces(of: .mobileFailed).map(\.code) == ["session_ended"])
    }

    @Test func lockedSessionLetsNobodyIn() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        _ = try await world.registry.lock(world.session.id, by: .user)
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(try await world.desk.pairing(id, for: .user)["code"] == "session_locked")
        #expect(try await world.refusal { try await world.pair() }?.code == .sessionLocked)
    }

    @Test func newCodeOfASessionGivesUpTheOneBefore() async throws {
        let world = try await MobileWorld()
        let (first, code) = try await world.pair()
        let (second, _) = try await world.pair()
        #expect(try await world.state(first) == "cancelled")
        #expect(try await world.state(second) == "shown")
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(await world.desk.openPairings(for: .user).count == 1)
        #expect(await world.desk.openPairings(for: .other).isEmpty)
    }

    @Test func pairingCanBeGivenUp() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        try await world.desk.cancelPairing(id, by: .user)
        #expect(await world.redeem(code).code == .invalidGrant)
        #expect(try await world.refusal { try await world.desk.cancelPairing(id, by: .user) }?.code == .pairingState)
        #expect(world.ledger.traces(of: .mobileCancelled).count == 1)
    }

    @Test func pairingOfAnotherUserIsNotThere() async throws {
        let world = try await MobileWorld()
        let (id, _) = try await world.pair()
        #expect(try await world.refusal { try await world.desk.pairing(id, for: .other) }?.code == .pairingNotFound)
        #expect(try await world.refusal { try await world.desk.cancelPairing(id, by: .other) }?.code == .pairingNotFound)
        #expect(try await world.refusal { try await world.desk.confirm("42", pairing: id, by: .other) }?.code == .pairingNotFound)
        #expect(try await world.refusal { try await world.pair(by: .other) }?.code == .sessionNotFound)
        #expect(world.ledger.traces(of: .mobileRefused).count == 2)
    }

    @Test func aPersonHasFewCodesShownInAMinute() async throws {
        let world = try await MobileWorld()
        for _ in 0..<6 { _ = try await world.pair() }
        let refusal = try await world.refusal { try await world.pair() }
        #expect(refusal?.code == .rateLimited && refusal?.members["retry_after"] == 60)
        world.clock.advance(seconds: 61)
        _ = try await world.pair()
    }

    @Test func nothingIsShownWhereNobodyIsLetIn() async throws {
        let silent = try await MobileWorld(pin: nil)
        #expect(try await silent.refusal { try await silent.pair() }?.code == .mobileDisabled)
        let off = try await MobileWorld(rules: .off)
        #expect(try await off.refusal { try await off.pair() }?.code == .mobileDisabled)
    }

    @Test func programWithoutTheOperationPairsNothing() async throws {
        let world = try await MobileWorld()
        let caller = Caller(uid: 1000, gid: 1000, pid: 1, client: Client(name: "records", operations: [.token]))
        #expect(try await world.refusal { try await world.pair(by: caller) }?.code == .operationDenied)
        #expect(world.ledger.traces(of: .mobileRefused).map(\.code) == ["operation_denied"])
    }

    @Test func uncheckedCardLetsNobodyIn() async throws {
        let world = try await MobileWorld(trust: Unchecked(try Personas.shared().trust))
        #expect(try await world.refusal { try await world.pair() }?.code == .revocationStale)
    }

    @Test func practitionerChoosesLessAndTheDeviceGetsNoMore() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn(scopes: [.identityRead], resource: TestAgent.audience, life: 600)
        #expect(tokens.scopes == ["identity:read"] && tokens.sessionExpiresIn == 600)
        #expect(await world.refresh(tokens.refreshToken, .phone.asking([.recordRead])).code == .invalidScope)
        #expect(await world.refresh(tokens.refreshToken, .phone.asking(resource: "https://other.example")).code == .invalidTarget)
        #expect(try await world.refresh(tokens.refreshToken, .phone.asking(resource: nil)).get().scopes == ["identity:read"])
    }

    @Test(arguments: [(Scope.accountManage, MobileRefusal.Code.invalidScope)])
    func scopeThatIsNotGrantedFailsThePairing(_ scope: Scope, _ expected: MobileRefusal.Code) async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        let device = MobileRequest.phone.asking([scope])
        _ = await world.redeem(code, device)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        #expect(await world.redeem(code, device).code == expected)
        #expect(try await world.desk.pairing(id, for: .user)["code"] == "scope_denied")
        #expect(world.ledger.traces(of: .mobileFailed).map(\.code) == ["scope_denied"])
    }

    @Test func serviceHasToBeNamedWhereThereAreSeveral() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        let device = MobileRequest.phone.asking(resource: nil)
        _ = await world.redeem(code, device)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        #expect(await world.redeem(code, device).code == .invalidTarget)
        let client = Client(name: "round", operations: [.token], audiences: ["https://round.example"])
        let tokens = try await world.letIn(.device(MobileRequest.phone.thumbprint, resource: nil, client: client))
        #expect(try world.agent.signer.verify(tokens.accessToken, now: world.clock.now()).aud == "https://round.example")
    }

    @Test func morePhonesThanAllowedAreRefused() async throws {
        let world = try await MobileWorld(rules: MobileRules(isEnabled: true, devices: 1))
        let first = try await world.letIn()
        // The same device again takes the place of its earlier session.
        let again = try await world.letIn()
        #expect(await world.mobile(first.session) == nil)
        #expect(await world.mobile(again.session) != nil)
        #expect(world.ledger.sessions[first.session]?.endReason == .replaced)
        let (id, code) = try await world.pair()
        _ = await world.redeem(code, .thief)
        _ = try await world.desk.confirm("42", pairing: id, by: .user)
        #expect(await world.redeem(code, .thief).code == .invalidGrant)
        #expect(try await world.desk.pairing(id, for: .user)["code"] == "device_limit")
        #expect(await world.mobile(again.session) != nil)
    }

    @Test(arguments: ["4", "421", "4a", "４２", ""])
    func digitsOfTheDeviceAreTwo(_ digits: String) async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        #expect(await world.redeem(code, digits: digits).code == .invalidRequest)
        #expect(try await world.state(id) == "shown")
    }

    @Test func unknownCodesAreTracedTogether() async throws {
        let world = try await MobileWorld()
        for index in 0..<40 {
            _ = await world.redeem("guess-\(index)", .device(MobileRequest.phone.thumbprint, address: "192.0.2.\(index)"))
        }
        #expect(world.ledger.traces(of: .mobileRefused).count < 20)
        world.clock.advance(seconds: 61)
        await world.registry.refusals.flush()
        #expect(world.ledger.traces(of: .mobileRefused).reduce(0) { $0 + ($1.count ?? 1) } == 40)
    }

    @Test func fullDiskLetsNobodyIn() async throws {
        let world = try await MobileWorld()
        let (id, code) = try await world.pair()
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.pair() }?.code == .traceUnavailable)
        #expect(await world.redeem(code).code == .temporarilyUnavailable)
        world.ledger.setFails(false)
        let (other, next) = try await world.pair()
        _ = await world.redeem(next)
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.desk.confirm("42", pairing: other, by: .user) }?.code == .traceUnavailable)
        #expect(await world.redeem(next).code == .temporarilyUnavailable)
        world.ledger.setFails(false)
        #expect(await world.registry.mobileSessions.isEmpty)
        #expect(try await world.state(id) == "failed")
        #expect(try await world.state(other) == "failed")
    }

    @Test func tooManyRequestsAreNotLookedAt() async throws {
        let world = try await MobileWorld(limits: RemoteLimits(address: 1, thumbprint: 100, client: 100))
        for _ in 0..<4 { #expect(await world.redeem("guess").code == .invalidGrant) }
        #expect(await world.redeem("guess").code == .temporarilyUnavailable)
        #expect(await world.redeem("guess", .thief).code == .invalidGrant)
        world.clock.advance(seconds: 1)
        #expect(await world.redeem("guess").code == .invalidGrant)
    }
}

/// Certificates checked, revocation never.
private struct Unchecked: TrustCheck {
    private let fresh: FreshCheck

    init(_ store: TrustStore) { fresh = FreshCheck(store) }

    func check(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        (try fresh.check(certificate, at: time).0, Session.Revocation(status: .unchecked, source: nil, asOf: nil))
    }

    func checkSignature(
        _ certificate: [UInt8], at time: Timestamp
    ) async throws(CertificateRefusal) -> (VerifiedCertificate, Session.Revocation) {
        try await fresh.checkSignature(certificate, at: time)
    }

    func checkTechnical(_ certificate: [UInt8], at time: Timestamp) throws(CertificateRefusal) -> VerifiedCertificate {
        try fresh.checkTechnical(certificate, at: time)
    }
}
