import OpenSSL
import OpenSSLCommand
import PKI
import Primitives
import Testing

struct ProofTests {
    private let pki: Hierarchy

    init() throws { pki = try Hierarchy.test.get() }

    private func challenge(nonce: UInt8 = 1, insertion: String = "i1") throws -> Challenge {
        try Challenge(
            issuer: "https://ws-042.example", tokenKey: "key", nonce: Array(repeating: nonce, count: 32), insertion: insertion,
            time: Hierarchy.noon, caller: .init(uid: 1000, gid: 1000, pid: 42), log: .init(size: 3, root: Array(repeating: 0, count: 32)))
    }

    /// A DigestInfo of SHA-256 (RFC 8017 §9.2) signed as a card does.
    private func sign(_ challenge: Challenge, key: String = "leaf") throws -> [UInt8] {
        let prefix = try #require(Hex.decode("3031300D060960864801650304020105000420"))
        return try PrivateKey(pem: pki.command.bytes("\(key).key")).sign(prefix + challenge.digest, raw: false)
    }

    private func certificate() throws -> VerifiedCertificate { try pki.store().verify(pki.leaf("proof"), at: Hierarchy.noon) }

    @Test func challengeIsTheExpectedStatement() throws {
        let zeros = String(repeating: "A", count: 43)
        let ones = Base64URL.encode(Array(repeating: UInt8(1), count: 32))
        let expected =
            #"{"caller":{"gid":1000,"pid":42,"uid":1000},"insertion":"i1","issuer":"https://ws-042.example","#
            + #""log":{"root":"\#(zeros)","size":3},"nonce":"\#(ones)","purpose":"cps-agent/login/v1","#
            + #""time":"2026-06-01T12:00:00.000Z","token_key":"key"}"#
        let challenge = try challenge()
        #expect(String(decoding: challenge.bytes, as: UTF8.self) == expected)
        #expect(challenge.digest == (try sha256(challenge.bytes)))
    }

    @Test func signatureOfTheCardProvesTheHolder() throws {
        let challenge = try challenge()
        let certificate = try certificate()
        let signature = try sign(challenge)
        let proven = try ProvenHolder.prove(certificate: certificate, challenge: challenge, signature: signature)
        #expect(proven.evidence["certificate"]?.string == Base64URL.encode(certificate.der))
        #expect(proven.evidence["challenge"]?.string.map { Array($0.utf8) } == challenge.bytes)
        #expect(proven.evidence["signature"]?.string == Base64URL.encode(signature))
    }

    @Test func everyOtherSignatureIsRefused() throws {
        let challenge = try challenge()
        let certificate = try certificate()
        var flipped = try sign(challenge)
        flipped[0] ^= 1
        let others = [
            try sign(self.challenge(nonce: 2)), try sign(self.challenge(insertion: "i2")), try sign(challenge, key: "other"), flipped,
            [], [UInt8](repeating: 0, count: 256), [UInt8](repeating: 0, count: 5000),
        ]
        for signature in others {
            #expect(throws: ProofRefusal.badSignature) {
                try ProvenHolder.prove(certificate: certificate, challenge: challenge, signature: signature)
            }
        }
    }

    @Test(arguments: [(0, 32), (31, 32), (33, 32), (32, 0), (32, 31)])
    func nonceAndRootHaveTheirSizes(nonce: Int, root: Int) {
        #expect(throws: ProofRefusal.malformedChallenge) {
            try Challenge(
                issuer: "i", tokenKey: "k", nonce: Array(repeating: 0, count: nonce), insertion: "i", time: Hierarchy.noon,
                caller: .init(uid: 0, gid: 0, pid: 1), log: .init(size: 0, root: Array(repeating: 0, count: root)))
        }
    }
}
