import CPSTokenVerifier
import Foundation
import Primitives
import TestSupport
import Testing

struct TokenVerifierTests {
    private let world: World
    private static let now = World.now.seconds

    init() throws { world = try World() }

    @Test(arguments: [TestKey.Kind.p256, .ed25519])
    func goodTokenSaysWhoAndWhy(kind: TestKey.Kind) async throws {
        let world = try World(kind)
        let token = try await world.verify(world.request(world.token(cps: ["break_glass": "bg1"])))
        #expect(token.subject == "899900063480")
        #expect(token.subjectName == "MAX LIBRE")
        #expect(token.clientID == "cps-mobile")
        #expect(token.session == "s1")
        #expect(token.tokenID == "t1")
        #expect(token.scopes == ["record:read", "record:write"])
        #expect(token.acr == "https://ws-042.example/acr/mobile")
        #expect(token.amr == ["sc", "pin", "mfa", "hwk"])
        #expect(token.authenticatedAt == Date(timeIntervalSince1970: TimeInterval(Self.now - 600)))
        #expect(token.issuedAt == Date(timeIntervalSince1970: TimeInterval(Self.now)))
        #expect(token.expiresAt == Date(timeIntervalSince1970: TimeInterval(Self.now + 300)))
        #expect(token.roles.map(\.code) == ["10"])
        #expect(token.roles.map(\.system) == ["urn:oid:1.2.250.1.71.1.2.7"])
        #expect(token.organizations == ["499900063480001"])
        #expect(token.purposesOfUse.map(\.code) == ["TREAT"])
        #expect(token.mode == "mobile")
        #expect(token.profile == "1")
        #expect(token.revocationAsOf == Date(timeIntervalSince1970: TimeInterval(Self.now - 3600)))
        #expect(token.breakGlass == "bg1")
        #expect(!token.isTest)
        #expect(token.trace == 1234)
        #expect(token.keyThumbprint == (try world.client.thumbprint))
    }

    @Test(
        arguments: [
            (["iss": "https://other.example"], .otherIssuer), (["iss": "https://ws-042.example/"], .otherIssuer),
            (["aud": "https://other.example"], .otherAudience), (["aud": ["https://other.example"]], .otherAudience),
            (["aud": []], .otherAudience),
            (["exp": .int(now - 60)], .expired), (["exp": 0], .expired), (["nbf": .int(now + 61)], .notYetValid),
            (["iat": .int(now + 61)], .notYetValid),
            (["exp": .int(.max)], .malformedToken), (["exp": "never"], .malformedToken), (["nbf": -1], .malformedToken),
        ] as [([String: JSON], TokenRejection.Reason)])
    func claimsDecide(changes: [String: JSON], expected: TokenRejection.Reason) async throws {
        #expect(try await world.reason(world.request(world.token(changes))) == expected)
    }

    @Test(
        arguments: [
            ["exp": .int(now - 59)], ["nbf": .int(now + 60), "iat": .int(now + 60)], ["aud": ["https://x", "https://records.example"]],
            ["nbf": .null],
        ] as [[String: JSON]])
    func claimsAtTheirBoundsAreTaken(changes: [String: JSON]) async throws {
        #expect(try await world.reason(world.request(world.token(changes))) == nil)
    }

    @Test(arguments: [
        "iss", "sub", "aud", "client_id", "iat", "exp", "jti", "sid", "scope", "auth_time", "acr", "amr", "extensions", "cps",
    ])
    func missingClaimIsRefused(name: String) async throws {
        #expect(try await world.reason(world.request(world.token([name: .null]))) == .malformedToken)
        #expect(try await world.reason(world.request(world.token([name: true]))) == .malformedToken)
    }

    @Test(
        arguments: [["test": .null], ["test": "no"], ["trace": .null], ["mode": .null], ["revocation_as_of": "yesterday"]]
            as [[String: JSON]])
    func agentsOwnClaimsAreThere(cps: [String: JSON]) async throws {
        #expect(try await world.reason(world.request(world.token(cps: cps))) == .malformedToken)
    }

    @Test func testCardsAreRefusedUnlessTheyAreWanted() async throws {
        let token = try world.token(cps: ["test": true])
        #expect(try await world.reason(world.request(token)) == .testToken)
        var lenient = world
        lenient.policy.acceptsTestTokens = true
        #expect(try await lenient.verify(world.request(token)).isTest)
    }

    @Test(arguments: TokenPolicy.Level.allCases)
    func levelMustBeOneThatIsTaken(level: TokenPolicy.Level) async throws {
        var world = world
        let token = try world.token(["acr": .string("\(World.issuer)/acr/\(level.rawValue)")])
        world.policy.levels = [level]
        let request = try world.request(token)
        world.policy.levels = Set(TokenPolicy.Level.allCases).subtracting([level])
        let rejection = try #require(try await world.rejection(request))
        #expect(rejection.reason == .insufficientAuthentication(acrValues: world.policy.acrValues, maxAge: nil))
        #expect(rejection.challenge?.contains(#"acr_values="\#(world.policy.acrValues.joined(separator: " "))""#) == true)
        world.policy.levels = [level]
        #expect(try await world.reason(request) == nil)
    }

    @Test func levelOfAnotherIssuerIsNone() async throws {
        let token = try world.token(["acr": "https://other.example/acr/card"])
        #expect(
            try await world.reason(world.request(token)) == .insufficientAuthentication(acrValues: world.policy.acrValues, maxAge: nil))
    }

    @Test func loginMustBeRecentWhereThatIsAsked() async throws {
        var world = world
        world.policy.longestSinceAuthentication = .seconds(539)
        let rejection = try #require(try await world.rejection(world.request(world.token())))
        #expect(rejection.reason == .insufficientAuthentication(acrValues: world.policy.acrValues, maxAge: 539))
        #expect(
            rejection.challenge
                == #"DPoP error="insufficient_user_authentication", error_description="a stronger or more recent login is needed", "#
                + #"acr_values="https://ws-042.example/acr/card https://ws-042.example/acr/mobile", max_age="539", algs="ES256 EdDSA""#)
        world.policy.longestSinceAuthentication = .seconds(540)
        #expect(try await world.reason(world.request(world.token())) == nil)
    }

    @Test func revocationDataMustBeFreshWhereThatIsAsked() async throws {
        var world = world
        world.policy.longestSinceRevocationData = .seconds(3539)
        #expect(try await world.reason(world.request(world.token())) == .staleRevocationData(acrValues: world.policy.acrValues))
        let without = try world.token(cps: ["revocation_as_of": .null])
        #expect(try await world.reason(world.request(without)) == .staleRevocationData(acrValues: world.policy.acrValues))
        world.policy.longestSinceRevocationData = .seconds(3540)
        #expect(try await world.reason(world.request(world.token())) == nil)
        world.policy.longestSinceRevocationData = nil
        #expect(try await world.verify(world.request(without, proof: second(without))).revocationAsOf == nil)
    }

    private func second(_ token: String) throws -> String {
        try world.client.proof(method: "GET", url: World.url, at: World.now, jti: "p2", accessToken: token)
    }

    @Test func allScopesAreNeeded() async throws {
        var world = world
        world.policy.scopes = ["record:write", "record:delete"]
        let rejection = try #require(try await world.rejection(world.request(world.token())))
        #expect(rejection.reason == .insufficientScope(["record:delete", "record:write"]))
        #expect(rejection.status == 403)
        #expect(rejection.challenge?.contains(#"scope="record:delete record:write""#) == true)
    }

    @Test(
        arguments: [
            (nil, .missingToken, 401, #"DPoP algs="ES256 EdDSA""#),
            (
                "Basic abc", .malformedRequest, 400,
                #"DPoP error="invalid_request", error_description="Authorization must be DPoP or Bearer and a token", algs="ES256 EdDSA""#
            ),
            (
                "DPoP x", .malformedToken, 401,
                #"DPoP error="invalid_token", error_description="the token is not a JWT access token", algs="ES256 EdDSA""#
            ),
            ("Bearer x", .malformedToken, 401, #"Bearer error="invalid_token", error_description="the token is not a JWT access token""#),
        ] as [(String?, TokenRejection.Reason, Int, String)])
    func answerSaysWhatIsWrong(authorization: String?, reason: TokenRejection.Reason, status: Int, challenge: String) async throws {
        let request = TokenRequest(authorization: authorization, proofs: [], method: "GET", url: World.url)
        let rejection = try #require(try await world.rejection(request))
        #expect(rejection.reason == reason)
        #expect(rejection.status == status)
        #expect(rejection.challenge == challenge)
        #expect(rejection.nonce == nil)
    }

    @Test func bothSchemesAreOfferedWhereBothAreTaken() async throws {
        var lenient = world
        lenient.policy.acceptsUnboundTokens = true
        let request = TokenRequest(authorization: nil, proofs: [], method: "GET", url: World.url)
        #expect(try await lenient.rejection(request)?.challenge == #"DPoP algs="ES256 EdDSA", Bearer"#)
    }

    @Test(arguments: ["", "DPoP", "DPoP ", "Bearer", " DPoP x", "DPoPx y"])
    func malformedHeadersAreRefused(authorization: String) async throws {
        let request = TokenRequest(authorization: authorization, proofs: [], method: "GET", url: World.url)
        #expect(try await world.reason(request) == .malformedRequest)
    }

    @Test func oldKeysAreNotTrusted() async throws {
        let request = try world.request(world.token())
        let jwks = JSON.object(["keys": [try world.agent.jwk.with("kid", .string(try world.agent.thumbprint))]]).canonical
        func fetched(_ seconds: TimeInterval) throws -> TokenKeys {
            try TokenKeys(jwks: jwks, fetchedAt: world.date.addingTimeInterval(-seconds))
        }
        let rejection = try await world.rejection(request, keys: fetched(86_401))
        #expect(rejection?.reason == .keysTooOld)
        #expect(rejection?.status == 503)
        #expect(try await world.reason(request, keys: fetched(86_400)) == nil)
        #expect(try await world.reason(request, keys: TokenKeys(jwks: jwks, fetchedAt: .distantPast)) == .keysTooOld)
    }

    @Test func badKeySetsAreRefused() throws {
        func refusal(_ text: String) -> TokenKeys.Unusable? {
            do throws(TokenKeys.Unusable) {
                _ = try TokenKeys(jwks: text.utf8, fetchedAt: world.date)
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal("nonsense") == .malformed)
        #expect(refusal(#"{"keys":[{"kty":"oct","k":"AA"}]}"#) == .privateKey)
        #expect(refusal(String(repeating: " ", count: 70_000)) == .tooLarge)
        #expect(refusal(#"{"keys":[]}"#) == nil)
    }

    /// RSA keys are for assertions of clients: no token is signed with one.
    @Test func tokenSignedWithRSAIsRefused() async throws {
        let world = try World(.rsa)
        #expect(try await world.reason(world.request(world.token())) == .unknownKey)
    }
}
