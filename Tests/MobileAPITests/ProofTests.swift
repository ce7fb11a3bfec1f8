import MobileSessions
import Primitives
import TestSupport
import Testing

/// Attacks on the proof of possession (RFC 9449 §11).
@Suite(.timeLimit(.minutes(5)))
struct ProofTests {
    private static let form = ["grant_type": "refresh_token", "client_id": "cps-mobile", "refresh_token": "r"]
    private static let url = "\(TestListener.issuer)/token"

    private func refusal(_ fields: [String], _ listener: TestListener) async throws -> String? {
        let answer = try await listener.post("/token", Self.form, fields)
        guard answer.status != 200 else { return nil }
        #expect(answer.status == 400 && answer["dpop-nonce"] != nil)
        #expect(!listener.service.calls.contains { if case .tokens = $0 { true } else { false } })
        return answer.body.split(separator: "\"error\":\"").last.map { String($0.prefix { $0 != "\"" }) }
    }

    @Test func aNonceIsAskedForAndTaken() async throws {
        let listener = try await TestListener()
        let key = try TestKey()
        let first = try await listener.post(
            "/token", Self.form, ["DPoP: " + (try key.proof(url: Self.url, at: listener.clock.now(), jti: "1"))])
        #expect(first.status == 400 && first.body.contains("\"use_dpop_nonce\""))
        let nonce = try #require(first["dpop-nonce"])
        #expect(try await listener.post("/token", Self.form, [listener.proof(key, nonce: nonce)]).status == 200)
        #expect(listener.service.refused.isEmpty, "to be asked for a nonce is no fault")
        listener.clock.advance(seconds: 300)
        let later = try await listener.post("/token", Self.form, [listener.proof(key, nonce: nonce)])
        #expect(later.status == 400 && later.body.contains("\"use_dpop_nonce\""))
        await listener.stop()
    }

    @Test func aProofWorksOnce() async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        #expect(try await listener.post("/token", Self.form, [proof]).status == 200)
        let again = try await listener.post("/token", Self.form, [proof])
        #expect(again.status == 400 && again.body.contains("invalid_dpop_proof"))
        #expect(listener.service.refused == [.refused(.invalidProof, "cps-mobile", "/token")])
        await listener.stop()
    }

    @Test func oneOfManyUsesAtTheSameTimeWins() async throws {
        let listener = try await TestListener()
        let proof = try listener.proof(try TestKey(), nonce: try await listener.nonce())
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 { group.addTask { try await listener.post("/token", Self.form, [proof]).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1)
        await listener.stop()
    }

    @Test(arguments: [-61, -60, 0, 60, 61])
    func clocksMayDifferByAMinute(_ skew: Int64) async throws {
        let listener = try await TestListener()
        let time = listener.clock.now().advanced(bySeconds: skew)
        let proof = try TestKey().proof(url: Self.url, at: time, jti: "1", nonce: try await listener.nonce())
        #expect(try await refusal(["DPoP: \(proof)"], listener) == (abs(skew) > 60 ? "invalid_dpop_proof" : nil))
        await listener.stop()
    }

    @Test(
        arguments: [
            ["htm": "GET"], ["htm": "post"], ["htu": "https://ws-042.example/device_authorization"], ["htu": "https://evil.example/token"],
            ["htu": "http://ws-042.example/token"], ["htu": "https://ws-042.example:8443/token"],
            ["htu": "https://ws-042.example/x/../token"],
            ["htu": .null], ["jti": .null], ["jti": ""], ["iat": .null], ["iat": "1780315200"],
        ] as [[String: JSON]])
    func proofsForOtherRequestsAreRefused(_ claims: [String: JSON]) async throws {
        let listener = try await TestListener()
        let proof = try TestKey().proof(
            url: Self.url, at: listener.clock.now(), jti: "1", nonce: try await listener.nonce(), claims: claims)
        #expect(try await refusal(["DPoP: \(proof)"], listener) == "invalid_dpop_proof")
        await listener.stop()
    }

    @Test(
        arguments: [
            ["alg": "none"], ["alg": "HS256"], ["alg": "RS256"], ["alg": "ES384"], ["alg": "EdDSA"], ["typ": "JWT"], ["typ": .null],
            ["jwk": .null], ["crit": ["exp"]], ["b64": .bool(false)],
        ] as [[String: JSON]])
    func proofsWithTricksInTheirHeaderAreRefused(_ header: [String: JSON]) async throws {
        let listener = try await TestListener()
        let proof = try TestKey().proof(
            url: Self.url, at: listener.clock.now(), jti: "1", nonce: try await listener.nonce(), header: header)
        #expect(try await refusal(["DPoP: \(proof)"], listener) == "invalid_dpop_proof")
        await listener.stop()
    }

    @Test func aProofOfAnotherKeyIsRefused() async throws {
        let listener = try await TestListener()
        let proof = try TestKey().proof(
            url: Self.url, at: listener.clock.now(), jti: "1", nonce: try await listener.nonce(), header: ["jwk": try TestKey().jwk])
        #expect(try await refusal(["DPoP: \(proof)"], listener) == "invalid_dpop_proof")
        await listener.stop()
    }

    @Test func aPrivateKeyInsideIsRefusedAndSaid() async throws {
        let listener = try await TestListener()
        let key = try TestKey()
        let proof = try key.proof(
            url: Self.url, at: listener.clock.now(), jti: "1", nonce: try await listener.nonce(),
            header: ["jwk": try key.jwk.with("d", "AAAA")])
        let answer = try await listener.post("/token", Self.form, ["DPoP: \(proof)"])
        #expect(answer.status == 400 && answer.body.contains("must not be used any more"))
        await listener.stop()
    }

    @Test func thereMustBeOneProof() async throws {
        let listener = try await TestListener()
        let key = try TestKey()
        let nonce = try await listener.nonce()
        #expect(try await refusal([], listener) == "invalid_dpop_proof")
        #expect(try await refusal(["DPoP: x"], listener) == "invalid_dpop_proof")
        let two = [try listener.proof(key, nonce: nonce), try listener.proof(key, nonce: nonce)]
        #expect(try await refusal(two, listener) == "invalid_dpop_proof")
        #expect(try await refusal([two[0] + ", " + two[1].dropFirst(6)], listener) == "invalid_dpop_proof")
        await listener.stop()
    }
}
