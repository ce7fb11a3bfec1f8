import CPSTokenVerifier
import Crypto
import Foundation
import Primitives
import TestSupport
import Testing

/// What somebody would try who has a token of another, or none.
struct AttackTests {
    private let world: World

    init() throws { world = try World() }

    @Test(
        arguments: [
            (["alg": "none"], .badSignature), (["alg": "HS256"], .badSignature), (["alg": "EdDSA"], .badSignature),
            (["alg": "ES384"], .badSignature), (["typ": "JWT"], .wrongType), (["typ": .null], .wrongType),
            (["typ": "dpop+jwt"], .wrongType),
            (["typ": "secevent+jwt"], .wrongType), (["kid": "other"], .unknownKey), (["kid": ""], .unknownKey),
            (["kid": .null], .malformedToken),
            (["crit": ["exp"]], .malformedToken), (["b64": false], .malformedToken),
        ] as [([String: JSON], TokenRejection.Reason)])
    func headerIsNotTakenOnTrust(header: [String: JSON], expected: TokenRejection.Reason) async throws {
        #expect(try await world.reason(world.request(world.token(header: header))) == expected)
    }

    @Test func unsignedTokenIsRefused() async throws {
        let parts = try world.token(header: ["alg": "none"]).split(separator: ".")
        #expect(try await world.reason(world.request("\(parts[0]).\(parts[1]).")) == .badSignature)
    }

    @Test func publicKeyIsNoSecret() async throws {
        let parts = try world.token(header: ["alg": "HS256"]).split(separator: ".")
        for secret in [try world.agent.jwk.canonical, Array(try world.agent.thumbprint.utf8)] {
            let code = HMAC<SHA256>.authenticationCode(for: Array("\(parts[0]).\(parts[1])".utf8), using: SymmetricKey(data: secret))
            let forged = "\(parts[0]).\(parts[1]).\(Base64URL.encode(Array(code)))"
            #expect(try await world.reason(world.request(forged)) == .badSignature)
        }
    }

    @Test func keyThatComesWithTheTokenIsNotAsked() async throws {
        let thief = try TestKey()
        for header in [
            ["typ": "at+jwt", "jwk": try thief.jwk, "kid": .string(try world.agent.thumbprint)],
            ["typ": "at+jwt", "jku": "https://thief/", "kid": "x"],
        ] as [JSON] {
            let forged = try thief.sign(header, world.claims())
            let reason = try await world.reason(world.request(forged))
            #expect(reason == .badSignature || reason == .unknownKey)
        }
    }

    @Test func everyChangedCharacterIsRefused() async throws {
        let token = Array(try world.token().utf8)
        for index in stride(from: 0, to: token.count, by: 7) {
            var changed = token
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(try await world.reason(world.request(String(decoding: changed, as: UTF8.self))) != nil)
        }
    }

    @Test func memberThatStandsTwiceIsRefused() async throws {
        var payload = try world.claims().canonical
        payload.removeLast()
        payload += #","scope":"record:read admin"}"#.utf8
        let header = JSON.object(["alg": "ES256", "typ": "at+jwt", "kid": .string(try world.agent.thumbprint)]).canonical
        #expect(try await world.reason(world.request(world.agent.sign(header: header, payload: payload))) == .malformedToken)
    }

    @Test func boundTokenSentAsBearerIsRefused() async throws {
        var lenient = world
        lenient.policy.acceptsUnboundTokens = true
        let token = try world.token()
        for request in [
            TokenRequest(authorization: "Bearer \(token)", proofs: [], method: "GET", url: World.url),
            TokenRequest(authorization: "bearer \(token)", proofs: try world.request(token).proofs, method: "GET", url: World.url),
        ] {
            let rejection = try #require(try await lenient.rejection(request))
            #expect(rejection.reason == .bindingIgnored)
            #expect(rejection.challenge?.hasPrefix(#"DPoP error="invalid_token""#) == true)
        }
    }

    @Test func unboundTokenNeedsAServerThatTakesThem() async throws {
        let token = try world.token(["cnf": .null])
        let bearer = TokenRequest(authorization: "Bearer \(token)", proofs: [], method: "GET", url: World.url)
        #expect(try await world.reason(bearer) == .unboundToken)
        #expect(try await world.reason(world.request(token)) == .unboundToken)
        var lenient = world
        lenient.policy.acceptsUnboundTokens = true
        #expect(try await lenient.verify(bearer).keyThumbprint == nil)
        #expect(try await lenient.reason(world.request(token)) == .unboundToken)
    }

    @Test(arguments: [["x5t#S256": "abc"], ["jkt": "abc", "x5t#S256": "abc"], ["jwk": [:]], [:], ["jkt": 5], "text"] as [JSON])
    func otherBindingsAreNotPassedOver(confirmation: JSON) async throws {
        let token = try world.token(["cnf": confirmation])
        #expect(try await world.reason(world.request(token)) == .bindingIgnored)
        var lenient = world
        lenient.policy.acceptsUnboundTokens = true
        let bearer = TokenRequest(authorization: "Bearer \(token)", proofs: [], method: "GET", url: World.url)
        #expect(try await lenient.reason(bearer) == .bindingIgnored)
    }

    @Test func stolenTokenIsOfNoUseWithoutItsKey() async throws {
        let token = try world.token()
        let thief = try TestKey()
        let own = try thief.proof(method: "GET", url: World.url, at: World.now, jti: "1", accessToken: token)
        #expect(
            try await world.reason(world.request(token, proof: own))
                == .invalidProof("the proof was made with another key than the token is bound to"))
        let borrowed = try thief.proof(
            method: "GET", url: World.url, at: World.now, jti: "1", accessToken: token, header: ["jwk": world.client.jwk])
        #expect(try await world.reason(world.request(token, proof: borrowed)) == .invalidProof("the signature of the proof is wrong"))
    }

    @Test func proofServesOnce() async throws {
        let request = try world.request(world.token())
        #expect(try await world.reason(request) == nil)
        for seconds in [0, 30, 30] as [Int64] {
            world.clock.advance(seconds: seconds)
            #expect(try await world.reason(request) == .invalidProof("this proof was used before"))
        }
    }

    @Test func parallelReplaysAreServedOnce() async throws {
        let request = try world.request(world.token())
        let served = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<32 { group.addTask { try await world.reason(request) == nil } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(served == 1)
    }

    @Test func refusedRequestDoesNotUseUpItsProof() async throws {
        let token = try world.token()
        let request = try world.request(token)
        var strict = world
        strict.policy.scopes = ["admin"]
        #expect(try await strict.reason(request) == .insufficientScope(["admin"]))
        #expect(try await world.reason(request) == nil)
    }

    @Test(
        arguments: [
            (["htm": "POST"], "htm of the proof names another method"),
            (["htu": "https://records.example/other"], "htu of the proof names another address"),
            (["iat": .int(World.now.seconds - 61)], "the proof is too old"),
            (["iat": .int(World.now.seconds + 61)], "the proof was made in the future: check the clock"),
            (["ath": "abc"], "ath of the proof is not the hash of the access token"),
            (["jti": .null], "jti of the proof must have 1 to 128 bytes"),
        ] as [([String: JSON], String)])
    func proofMadeForSomethingElseIsRefused(claims: [String: JSON], text: String) async throws {
        let token = try world.token()
        let proof = try world.client.proof(method: "GET", url: World.url, at: World.now, jti: "1", accessToken: token, claims: claims)
        let rejection = try #require(try await world.rejection(world.request(token, proof: proof)))
        #expect(rejection.reason == .invalidProof(text))
        #expect(rejection.status == 401)
        #expect(rejection.challenge == #"DPoP error="invalid_dpop_proof", error_description="\#(text)", algs="ES256 EdDSA""#)
    }

    @Test func requestElsewhereThanTheProofSaysIsRefused() async throws {
        let token = try world.token()
        #expect(try await world.reason(world.request(token, method: "DELETE")) != nil)
        #expect(try await world.reason(world.request(token, url: "https://records.example/patients/2")) != nil)
        #expect(try await world.reason(world.request(token, url: World.url + "?page=2")) == nil)
    }

    @Test func privateKeyInTheProofIsRefused() async throws {
        let token = try world.token()
        let proof = try world.client.proof(
            method: "GET", url: World.url, at: World.now, jti: "1", accessToken: token, header: ["jwk": world.client.jwk.with("d", "AA")])
        #expect(
            try await world.reason(world.request(token, proof: proof))
                == .invalidProof("the jwk of the proof holds private members: that key must not be used any more"))
    }

    @Test func proofsAreCountedBeforeTheyAreRead() async throws {
        let token = try world.token()
        var request = try world.request(token)
        request.proofs.append(contentsOf: request.proofs)
        #expect(try await world.reason(request) == .invalidProof("there is more than one DPoP header"))
        request.proofs = []
        #expect(try await world.reason(request) == .invalidProof("the DPoP header is missing"))
    }

    @Test func nonceIsAskedForAndChecked() async throws {
        let nonces = ServerNonces(random: CountingRandom(), time: world.clock)
        let token = try world.token()
        let without = try world.request(token)
        let rejection = try #require(try await world.rejection(without, nonces: nonces))
        #expect(rejection.reason == .nonceNeeded)
        #expect(rejection.nonce == nonces.current)
        #expect(rejection.challenge?.contains(#"error="use_dpop_nonce""#) == true)
        func proof(_ nonce: String) throws -> String {
            try world.client.proof(method: "GET", url: World.url, at: World.now, jti: "2", accessToken: token, nonce: nonce)
        }
        #expect(try await world.reason(world.request(token, proof: proof("invented")), nonces: nonces) == .nonceNeeded)
        #expect(try await world.reason(world.request(token, proof: proof(nonces.current)), nonces: nonces) == nil)
    }

    @Test func fullOrFailingStoreRefuses() async throws {
        struct Broken: ReplayStore {
            func isNew(_ identifier: String) async throws -> Bool { throw CancellationError() }
        }
        let request = try world.request(world.token())
        for store in [Broken(), MemoryReplayStore(capacity: 0, time: world.clock)] as [any ReplayStore] {
            let verifier = TokenVerifier(world.policy, replays: store)
            let keys = try world.keys
            let rejection = await #expect(throws: TokenRejection.self) { try await verifier.verify(request, keys: keys, now: world.date) }
            #expect(rejection?.reason == .replayUnknown)
            #expect(rejection?.status == 503)
            #expect(rejection?.challenge == nil)
        }
    }
}
