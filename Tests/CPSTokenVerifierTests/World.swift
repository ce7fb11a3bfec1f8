import CPSTokenVerifier
import Foundation
import Primitives
import TestSupport

/// An agent that signs tokens, a client with its key, and a server that checks them.
struct World {
    static let now = ManualClock.noon
    static let issuer = "https://ws-042.example"
    static let audience = "https://records.example"
    static let url = "https://records.example/patients/1"

    let agent: TestKey
    let client: TestKey
    let clock = ManualClock(now)
    let replays: MemoryReplayStore
    var policy = TokenPolicy(issuer: issuer, audience: audience, levels: [.card, .mobile], scopes: ["record:read"])

    init(_ kind: TestKey.Kind = .p256) throws {
        agent = try TestKey(kind)
        client = try TestKey()
        replays = MemoryReplayStore(capacity: 100, time: clock)
    }

    var date: Date { Date(timeIntervalSince1970: TimeInterval(clock.now().seconds)) }

    var keys: TokenKeys {
        get throws {
            let jwk = try agent.jwk.with("kid", .string(try agent.thumbprint)).with("use", "sig")
            return try TokenKeys(jwks: JSON.object(["keys": [jwk]]).canonical, fetchedAt: date)
        }
    }

    /// Claims as the agent writes them; those of `changes` replace theirs, `null` takes one away.
    func claims(_ changes: [String: JSON] = [:], cps: [String: JSON] = [:]) throws -> JSON {
        let now = Self.now.seconds
        let own: [String: JSON] = [
            "mode": "mobile", "profile": "1", "card_serial": "2600855206", "workstation": "ws-042", "reader_kind": "usb",
            "revocation_as_of": "2026-06-01T11:00:00.000Z", "trace": 1234, "break_glass": .null, "test": false,
        ]
        let claims: [String: JSON] = [
            "iss": .string(Self.issuer), "sub": "899900063480", "aud": .string(Self.audience), "client_id": "cps-mobile", "iat": .int(now),
            "nbf": .int(now), "exp": .int(now + 300), "jti": "t1", "sid": "s1", "scope": "record:read record:write",
            "auth_time": .int(now - 600), "acr": .string("\(Self.issuer)/acr/mobile"), "amr": ["sc", "pin", "mfa", "hwk"],
            "cnf": ["jkt": .string(try client.thumbprint)],
            "extensions": [
                "ihe_iua": [
                    "subject_name": "MAX LIBRE", "subject_role": [["system": "urn:oid:1.2.250.1.71.1.2.7", "code": "10"]],
                    "subject_organization_id": ["499900063480001"],
                    "purpose_of_use": [["system": "urn:oid:2.16.840.1.113883.5.8", "code": "TREAT"]],
                ]
            ],
            "cps": .object(own.merging(cps) { _, new in new }),
        ]
        return .object(claims.merging(changes) { _, new in new }.filter { $0.value != .null })
    }

    func token(_ changes: [String: JSON] = [:], cps: [String: JSON] = [:], header: [String: JSON] = [:]) throws -> String {
        let head: [String: JSON] = ["typ": "at+jwt", "kid": .string(try agent.thumbprint)]
        return try agent.sign(.object(head.merging(header) { _, new in new }.filter { $0.value != .null }), claims(changes, cps: cps))
    }

    /// The request that goes with a token: with a proof of the client's key.
    func request(_ token: String, proof: String? = nil, method: String = "GET", url: String = url) throws -> TokenRequest {
        let proof = try proof ?? client.proof(method: "GET", url: Self.url, at: clock.now(), jti: "p1", accessToken: token)
        return TokenRequest(authorization: "DPoP \(token)", proofs: [proof], method: method, url: url)
    }

    func verify(_ request: TokenRequest, keys: TokenKeys? = nil, nonces: ServerNonces? = nil) async throws -> VerifiedToken {
        try await TokenVerifier(policy, replays: replays, nonces: nonces).verify(request, keys: keys ?? self.keys, now: date)
    }

    func rejection(_ request: TokenRequest, keys: TokenKeys? = nil, nonces: ServerNonces? = nil) async throws -> TokenRejection? {
        do {
            _ = try await verify(request, keys: keys, nonces: nonces)
            return nil
        } catch let rejection as TokenRejection {
            return rejection
        }
    }

    func reason(_ request: TokenRequest, keys: TokenKeys? = nil, nonces: ServerNonces? = nil) async throws -> TokenRejection.Reason? {
        try await rejection(request, keys: keys, nonces: nonces)?.reason
    }
}
