import Audit
import Habilitation
import Primitives
import Sessions
import TestSupport
import Testing
import Tokens

@Suite(.timeLimit(.minutes(5)))
struct TokenTests {
    @Test func oneScopeThatIsNotGrantedRefusesTheWholeRequest() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1", holder: try Sample.holder(profession: "60")))
        let refusal = try await world.refusal { try await world.token(scopes: [.recordRead, .prescriptionWrite]) }
        #expect(refusal == Refusal(.scopeDenied, ["scope": "prescription:write", "rule": "default", "rules": ["default"]]))
        let trace = try #require(world.ledger.traces(of: .tokenRefused).first)
        #expect(trace.code == "scope_denied")
        #expect(trace.session == "s1")
        #expect(trace.detail?["rule"]?.string == "default")
        #expect(trace.detail?["audience"]?.string == TestAgent.audience)
        #expect(world.ledger.issuedTokens.isEmpty)
    }

    @Test(arguments: [nil, "777", "35"] as [String?])
    func professionWithoutARoleMayOnlyReadIdentity(profession: String?) async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1", holder: try Sample.holder(profession: profession)))
        #expect(try await world.token().scopes == ["identity:read"])
        #expect(try await world.refusal { try await world.token(scopes: [.recordRead]) }?.code == .scopeDenied)
        #expect(try world.claims(try await world.token()).extensions.iheIUA.subjectRole.isEmpty)
    }

    @Test func uncheckedRevocationShowsInTheToken() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1", status: .unchecked))
        #expect(try world.claims(try await world.token()).acr == "\(TestAgent.issuer)/acr/card-unchecked")
    }

    @Test(
        arguments: [
            (nil, nil, 120), (nil, "thumbprint", 300), (60, nil, 60), (5000, nil, 900), (5000, "thumbprint", 900), (0, nil, 1),
            (-9, nil, 1),
        ] as [(Int64?, String?, Int64)])
    func lifeIsCapped(asked: Int64?, key: String?, given: Int64) async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token(ttl: asked, key: key)
        #expect(token.expiresIn == given)
        let claims = try world.claims(token)
        #expect(claims.exp - claims.iat == given)
        #expect(claims.cnf?.jkt == key)
        #expect(token.isBound == (key != nil))
    }

    @Test func tokenDoesNotOutliveItsSession() async throws {
        let world = try await SessionWorld(longest: 100)
        try await world.open(try Sample.session("s1", life: 100))
        world.clock.advance(seconds: 70)
        #expect(try await world.token().expiresIn == 30)
    }

    @Test func tokenIsDeadAtItsExpiry() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        world.clock.advance(seconds: 119)
        #expect(await world.isActive(token))
        world.clock.advance(seconds: 1)
        #expect(await !world.isActive(token))
        // Nor does a clock that is set back revive it.
        world.clock.setWall(forwardBy: -60)
        #expect(await !world.isActive(token))
    }

    @Test func claimsSayWhoWhereAndHow() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let claims = try world.claims(try await world.token(scopes: [.recordRead]))
        #expect(claims.iss == TestAgent.issuer)
        #expect(claims.sub == "899900063480")
        #expect(claims.aud == TestAgent.audience)
        #expect(claims.clientID == "records")
        #expect(claims.sid == "s1")
        #expect(claims.scope == "record:read")
        #expect(claims.acr == "\(TestAgent.issuer)/acr/card")
        #expect(claims.amr == ["sc", "pin", "mfa", "hwk"])
        #expect(claims.cps.cardSerial == "00000001")
        #expect(claims.cps.revocationAsOf == ManualClock.noon.description)
        #expect(claims.cps.test)
    }

    @Test func othersLearnNothingByIntrospection() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        #expect(await world.isActive(token))
        #expect(await world.isActive(token, for: .root))
        #expect(await !world.isActive(token, for: .other))
        #expect(await world.registry.introspect("not a token", by: .user) == nil)
    }

    @Test func revokedTokenIsDeadAndTold() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let (token, kept) = (try await world.token(), try await world.token())
        let subscription = world.hub.subscribe(uid: 1000, after: nil)
        try await world.registry.revoke(token.accessToken, by: .user)
        #expect(await !world.isActive(token))
        #expect(await world.isActive(kept))
        let id = try world.claims(token).jti
        #expect(world.ledger.revokedTokens == [id])
        #expect(world.ledger.traces(of: .tokenRevoked).first?.detail?["jti"]?.string == id)
        var events = subscription.events.makeAsyncIterator()
        #expect(await events.next()?.event == Event(.tokenRevoked, ["jti": .string(id), "session": "s1"], uid: 1000))
    }

    @Test func othersRevokeNothing() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        try await world.registry.revoke(token.accessToken, by: .other)
        try await world.registry.revoke("not a token", by: .user)
        #expect(await world.isActive(token))
        #expect(world.ledger.traces(of: .tokenRevoked).isEmpty)
    }

    @Test func revocationTakesEffectAndIsWrittenLaterWhenTheLedgerFails() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let token = try await world.token()
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.registry.revoke(token.accessToken, by: .user) }?.code == .traceUnavailable)
        #expect(await !world.isActive(token))
        world.ledger.setFails(false)
        await world.registry.sweep()
        #expect(world.ledger.revokedTokens == [try world.claims(token).jti])
    }

    @Test func noTokenWhenTheLedgerFails() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        world.ledger.setFails(true)
        #expect(try await world.refusal { try await world.token() }?.code == .traceUnavailable)
        // A refusal that cannot be traced is no other answer either.
        #expect(try await world.refusal { try await world.token(scopes: [.dispensationWrite]) }?.code == .traceUnavailable)
        world.ledger.setFails(false)
        #expect(await world.isActive(try await world.token()))
    }

    @Test func tokenOfASessionThatEndsWhileItIsTracedIsNeverHandedOut() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let gate = world.ledger.hold(.tokenIssued)
        async let issuing = world.refusal { try await world.token() }
        await gate.reached()
        await world.registry.insertionEnded("i1", .cardRemoved)
        gate.open()
        #expect(try await issuing == Refusal(.sessionEnded, ["end_reason": "card_removed"]))
        // What the log granted it takes back.
        #expect(world.ledger.revokedTokens == world.ledger.issuedTokens)
        #expect(world.ledger.traces.last?.event == .tokenRefused)
        #expect(world.ledger.traces.last?.code == "session_ended")
    }

    @Test func tokenOfASessionThatIsLockedWhileItIsTracedIsNeverHandedOut() async throws {
        let world = try await SessionWorld()
        await world.registry.insertionBegan("i2")
        try await world.open(try Sample.session("s1"))
        let gate = world.ledger.hold(.tokenIssued)
        async let issuing = world.refusal { try await world.token() }
        await gate.reached()
        try await world.open(try Sample.session("s2", insertion: "i2", holder: try Sample.holder("899900063481")))
        gate.open()
        #expect(try await issuing?.code == .sessionLocked)
    }

    @Test func tokenOfADeadSessionIsRefusedAndTraced() async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        await world.registry.end(["s1"], .logout, by: .user)
        #expect(try await world.refusal { try await world.token() }?.code == .sessionEnded)
        #expect(try await world.refusal { try await world.token(of: "none") }?.code == .sessionNotFound)
        #expect(try await world.refusal { try await world.token(by: .other) }?.code == .sessionNotFound)
        let traces = world.ledger.traces(of: .tokenRefused)
        #expect(traces.map(\.code) == ["session_ended", "session_not_found", "session_not_found"])
        #expect(traces.map { $0.client?["uid"]?.int } == [1000, 1000, 1001])
    }

    @Test(arguments: ["", String(repeating: "a", count: 513)])
    func audienceMustBeOne(audience: String) async throws {
        let world = try await SessionWorld()
        try await world.open(try Sample.session("s1"))
        let refusal = try await world.refusal {
            try await world.registry.issueToken(world.request(audience: audience), session: "s1", by: .user)
        }
        #expect(refusal?.code == .audienceRequired)
        // A text of any length does not go into the log whole.
        #expect(world.ledger.traces(of: .tokenRefused).allSatisfy { ($0.detail?["audience"]?.string ?? "").utf8.count <= 512 })
    }

    @Test func tokenItselfIsWrittenNowhere() async throws {
        let world = try await SessionWorld()
        let token = try #require(try await world.open(try Sample.session("s1"), token: world.request()).token)
        try await world.registry.revoke(token.accessToken, by: .user)
        let signature = try #require(token.accessToken.split(separator: ".").last)
        #expect(!world.ledger.written.contains(signature))
    }
}
