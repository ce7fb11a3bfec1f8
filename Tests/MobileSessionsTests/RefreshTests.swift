import Audit
import Habilitation
import Identity
import LoginFlow
import MobileSessions
import PKI
import Primitives
import Sessions
import Synchronization
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(2)))
struct RefreshTests {
    @Test func eachRefreshGivesTheNextTokens() async throws {
        let world = try await MobileWorld()
        var tokens = try await world.letIn()
        for generation in 1...3 {
            world.clock.advance(seconds: 200)
            let next = try await world.refresh(tokens.refreshToken).get()
            #expect(next.session == tokens.session && next.refreshToken != tokens.refreshToken && next.accessToken != tokens.accessToken)
            #expect(next.sessionExpiresIn == 14_400 - 200 * Int64(generation))
            tokens = next
            let last = try #require(world.ledger.commits.last)
            #expect(last.drafts.map(\.event) == [.tokenIssued, .mobileRefreshed])
            #expect(last.drafts[1].detail?["generation"] == .int(Int64(generation)) && last.effects.count == 3)
            let claims = try world.agent.signer.verify(next.accessToken, now: world.clock.now())
            #expect(claims.cps.trace == Int64(last.first) && claims.cnf?.jkt == MobileRequest.phone.thumbprint)
        }
    }

    @Test func tokenThatWasUsedEndsTheSession() async throws {
        let world = try await MobileWorld()
        let first = try await world.letIn()
        let second = try await world.refresh(first.refreshToken).get()
        #expect(await world.refresh(first.refreshToken).code == .invalidGrant)
        #expect(await world.mobile(first.session) == nil && world.ledger.sessions[first.session]?.endReason == .revoked)
        #expect(await world.refresh(second.refreshToken).code == .invalidGrant)
        let alarm = try #require(world.ledger.traces(of: .mobileAlarm).first)
        #expect(alarm.reason == "refresh_reused" && alarm.session == first.session && world.ledger.traces(of: .mobileAlarm).count == 1)
        #expect(alarm.actor?["national_id"]?.string == world.session.holder.nationalID.text)
    }

    @Test func tokenWithAnotherKeyEndsTheSession() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        #expect(await world.refresh(tokens.refreshToken, .thief).code == .invalidGrant)
        #expect(await world.mobile(tokens.session) == nil)
        #expect(world.ledger.traces(of: .mobileAlarm).map(\.reason) == ["refresh_stolen"])
        #expect(await world.refresh(tokens.refreshToken).code == .invalidGrant)
    }

    @Test func ofTwoRefreshesAtOnceTheSecondIsAlarm() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let gate = world.ledger.hold(.mobileRefreshed)
        async let first = world.refresh(tokens.refreshToken)
        await gate.reached()
        #expect(await world.refresh(tokens.refreshToken).code == .invalidGrant)
        gate.open()
        #expect(await first.code == .invalidGrant)
        #expect(await world.registry.mobileSessions.isEmpty)
    }

    @Test func whoOnlyKnowsTheSessionEndsNone() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let parts = tokens.refreshToken.split(separator: ".").map(String.init)
        let forged = [
            "\(parts[0]).1.\(parts[2])", "\(parts[0]).0.\(String(parts[2].reversed()))", "\(parts[0]).0.", "\(parts[0]).0", parts[0], "",
            "\(parts[0]).00.\(parts[2])", "\(parts[0]).-1.\(parts[2])", String(repeating: "a", count: 5000),
        ]
        for text in forged { #expect(await world.refresh(text, .thief).code == .invalidGrant, "\(text.prefix(80))") }
        #expect(await world.mobile(tokens.session) != nil && world.ledger.traces(of: .mobileAlarm).isEmpty)
        _ = try await world.refresh(tokens.refreshToken).get()
    }

    @Test func anotherProgramWithTheKeyIsRefused() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let other = MobileRequest.device(MobileRequest.phone.thumbprint, client: Client(name: "other", operations: [.token]))
        #expect(await world.refresh(tokens.refreshToken, other).code == .invalidGrant)
        _ = try await world.refresh(tokens.refreshToken).get()
    }

    @Test func scopesMayBeFewerAndTheServiceAnother() async throws {
        let world = try await MobileWorld()
        var tokens = try await world.letIn()
        tokens = try await world.refresh(tokens.refreshToken, .phone.asking([.identityRead], resource: "https://other.example")).get()
        #expect(tokens.scopes == ["identity:read"])
        #expect(try world.agent.signer.verify(tokens.accessToken, now: world.clock.now()).aud == "https://other.example")
        // Fewer once is not fewer for ever.
        tokens = try await world.refresh(tokens.refreshToken).get()
        #expect(tokens.scopes.count > 1)
        #expect(await world.refresh(tokens.refreshToken, .phone.asking([.auditRead])).code == .invalidScope)
        // What was refused has used nothing up.
        _ = try await world.refresh(tokens.refreshToken).get()
    }

    @Test func fullDiskUsesNothingUp() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        world.ledger.setFails(true)
        #expect(await world.refresh(tokens.refreshToken).code == .temporarilyUnavailable)
        world.ledger.setFails(false)
        _ = try await world.refresh(tokens.refreshToken).get()
    }

    @Test func sessionThatIsLeftAloneCannotBeRefreshed() async throws {
        let world = try await MobileWorld()
        var tokens = try await world.letIn()
        world.clock.advance(seconds: 1799)
        tokens = try await world.refresh(tokens.refreshToken).get()
        world.clock.advance(seconds: 1799)
        tokens = try await world.refresh(tokens.refreshToken).get()
        world.clock.advance(seconds: 1800)
        #expect(await world.refresh(tokens.refreshToken).code == .invalidGrant)
    }

    @Test func cardThatLeavesEndsNothing() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        await world.agent.eject(world.insertion)
        _ = try await world.refresh(tokens.refreshToken).get()
    }

    @Test func deviceGivesBackItsTokens() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let client = MobileRequest.phone.client
        // Another program's wish is nothing.
        try await world.desk.revoke(tokens.refreshToken, by: Client(name: "other", operations: []), at: "192.0.2.1")
        try await world.desk.revoke("nonsense", by: client, at: "192.0.2.1")
        #expect(await world.mobile(tokens.session) != nil)
        try await world.desk.revoke(tokens.accessToken, by: client, at: "192.0.2.9")
        #expect(world.ledger.revokedTokens.count == 1)
        #expect(await world.mobile(tokens.session) != nil)
        try await world.desk.revoke(tokens.refreshToken, by: client, at: "192.0.2.9")
        #expect(await world.mobile(tokens.session) == nil && world.ledger.sessions[tokens.session]?.endReason == .logout)
    }

    @Test func serverAsksAboutTokensOfItsOwnServicesAlone() async throws {
        let world = try await MobileWorld()
        let tokens = try await world.letIn()
        let server = Client(name: "records", operations: [], audiences: [TestAgent.audience])
        let told = try await world.desk.introspect(tokens.accessToken, by: server, at: "192.0.2.2")
        #expect(told["active"] == true && told["token_type"] == "DPoP" && told["sid"]?.string == tokens.session)
        #expect(told["cnf"]?["jkt"]?.string == MobileRequest.phone.thumbprint && told["client_id"] == "cps-mobile")
        for name in ["scope", "sub", "aud", "iss", "exp", "iat", "nbf", "jti", "acr", "amr", "auth_time", "extensions", "cps"] {
            #expect(told[name] != nil, "\(name)")
        }
        let other = Client(name: "other", operations: [], audiences: ["https://other.example"])
        #expect(try await world.desk.introspect(tokens.accessToken, by: other, at: "192.0.2.3") == ["active": false])
        #expect(try await world.desk.introspect(tokens.refreshToken, by: server, at: "192.0.2.2") == ["active": false])
        await world.registry.end([tokens.session], .administrator, by: nil)
        #expect(try await world.desk.introspect(tokens.accessToken, by: server, at: "192.0.2.2") == ["active": false])
    }

    @Test func aServerThatAsksTooOftenHearsThatAndNotThatTokensAreDead() async throws {
        let world = try await MobileWorld(limits: RemoteLimits(server: 1))
        let token = try await world.letIn().accessToken
        let server = Client(name: "records", operations: [], audiences: [TestAgent.audience])
        for _ in 0..<4 { #expect(try await world.desk.introspect(token, by: server, at: "192.0.2.2")["active"] == true) }
        await #expect(throws: MobileRefusal(.temporarilyUnavailable, "too many requests", retryAfter: 1)) {
            try await world.desk.introspect(token, by: server, at: "192.0.2.2")
        }
        world.clock.advance(seconds: 1)
        #expect(try await world.desk.introspect(token, by: server, at: "192.0.2.2")["active"] == true)
    }
}
