import CPSTokenVerifier
import Foundation
import Primitives
import TestSupport
import Testing
import Tokens

/// What the agent signs, the product for servers takes.
struct SignerTests {
    private static let now = ManualClock.noon

    private func claims(_ confirmation: AccessTokenClaims.Confirmation?, wayIn: AccessTokenClaims.CPS.WayIn? = nil) -> AccessTokenClaims {
        let (issuer, now) = (World.issuer, Self.now.seconds)
        return AccessTokenClaims(
            iss: issuer, sub: "899900063480", aud: World.audience, clientID: "records", iat: now, nbf: now, exp: now + 120, jti: "t1",
            sid: "s1",
            scope: "record:read", authTime: now, acr: "\(issuer)/acr/\(wayIn == nil ? "card" : "degraded")",
            amr: ["sc", "pin", "mfa", "hwk"],
            cnf: confirmation,
            extensions: .init(
                iheIUA: .init(
                    subjectName: "MAX LIBRE", subjectRole: [.profession("10")], subjectOrganizationID: [], purposeOfUse: [.treatment])),
            cps: .init(
                mode: wayIn == nil ? "card" : "degraded", profile: nil, cardSerial: nil, workstation: "ws-042", readerKind: nil,
                revocationAsOf: nil, trace: 1, breakGlass: nil, test: false, wayIn: wayIn))
    }

    private func keys(_ signer: TokenSigner) throws -> TokenKeys {
        try TokenKeys(jwks: signer.jwks().canonical, fetchedAt: Date(timeIntervalSince1970: TimeInterval(Self.now.seconds)))
    }

    @Test(arguments: TokenAlgorithm.allCases)
    func tokenOfTheAgentIsTaken(algorithm: TokenAlgorithm) async throws {
        var world = try World()
        let signer = try await TokenSigner(storage: MemoryTokenKeys(), algorithm: algorithm, now: Self.now)
        let bound = try signer.sign(claims(.init(jkt: try world.client.thumbprint)))
        #expect(try await world.verify(world.request(bound), keys: keys(signer)).subject == "899900063480")
        world.policy.acceptsUnboundTokens = true
        let bearer = TokenRequest(authorization: "Bearer \(try signer.sign(claims(nil)))", proofs: [], method: "GET", url: World.url)
        #expect(try await world.verify(bearer, keys: keys(signer)).clientID == "records")
    }

    @Test func tokenOfASessionWithoutTheCardIsTakenWhereThatIsDecided() async throws {
        var world = try World()
        let signer = try await TokenSigner(storage: MemoryTokenKeys(), now: Self.now)
        let confirmation = AccessTokenClaims.Confirmation(jkt: try world.client.thumbprint)
        let token = try signer.sign(claims(confirmation, wayIn: .init(origin: "holder", madeBy: nil, confirmedBy: nil)))
        let request = try world.request(token)
        #expect(try await world.rejection(request, keys: keys(signer))?.status == 401)
        world.policy.levels = [.degraded]
        #expect(try await world.verify(request, keys: keys(signer)).mode == "degraded")
    }

    @Test func tokenBoundToACertificateIsNotTakenWithoutIt() async throws {
        let world = try World()
        let signer = try await TokenSigner(storage: MemoryTokenKeys(), now: Self.now)
        let token = try signer.sign(claims(.init(x5tS256: "abc")))
        #expect(try await world.reason(world.request(token), keys: keys(signer)) == .bindingIgnored)
    }

    @Test func tokenOfARetiredKeyIsTakenWhileItIsPublished() async throws {
        let world = try World()
        let signer = try await TokenSigner(storage: MemoryTokenKeys(), now: Self.now)
        let token = try signer.sign(claims(.init(jkt: try world.client.thumbprint)))
        try await signer.rotate(now: Self.now.advanced(bySeconds: 1))
        #expect(try await world.verify(world.request(token), keys: keys(signer)).session == "s1")
        let other = try await TokenSigner(storage: MemoryTokenKeys(), now: Self.now)
        #expect(try await world.reason(world.request(token), keys: keys(other)) == .unknownKey)
    }
}
