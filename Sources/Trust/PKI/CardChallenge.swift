internal import OpenSSL
package import Primitives

/// What a card signs with its technical key to prove that it is no copy. It proves no holder and opens no session.
package struct CardChallenge: Hashable, Sendable {
    /// Separates this statement from any other that the key may ever sign.
    package static let purpose = "cps-agent/card/v1"

    /// Canonical JSON (RFC 8785).
    package let bytes: [UInt8]
    /// SHA-256 of ``bytes``.
    package let digest: [UInt8]

    /// - Parameters:
    ///   - nonce: ``Challenge/nonceSize`` random bytes, never used before.
    ///   - insertion: Id of the insertion, never reused.
    package init(nonce: [UInt8], insertion: String, time: Timestamp) throws(ProofRefusal) {
        guard nonce.count == Challenge.nonceSize else { throw .malformedChallenge }
        bytes =
            JSON.object([
                "purpose": .string(Self.purpose), "nonce": .string(Base64URL.encode(nonce)), "insertion": .string(insertion),
                "time": .string(time.description),
            ])
            .canonical
        do { digest = try sha256(bytes) } catch { throw .unavailable }
    }

    /// Whether `signature` is one over this challenge by the key of this certificate.
    package func isSigned(by certificate: VerifiedCertificate, _ signature: [UInt8]) -> Bool {
        (1...1024).contains(signature.count) && certificate.publicKey.verifiesSHA256(signature: signature, over: bytes)
    }
}
