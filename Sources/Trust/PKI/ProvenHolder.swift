internal import OpenSSL
package import Primitives

/// Why a signature proves nothing.
package enum ProofRefusal: Error, Hashable, Sendable {
    /// A nonce or a root of the wrong size.
    case malformedChallenge
    /// Not a signature of this challenge by the key of this certificate.
    case badSignature
    /// SHA-256 could not be computed.
    case unavailable
}

/// A holder whose card signed our challenge: certificate, statement and signature fit. Only this room can make one.
package struct ProvenHolder: Sendable {
    package let certificate: VerifiedCertificate
    package let challenge: Challenge
    package let signature: [UInt8]

    private init(certificate: VerifiedCertificate, challenge: Challenge, signature: [UInt8]) {
        self.certificate = certificate
        self.challenge = challenge
        self.signature = signature
    }

    /// Checks `signature` over the challenge's bytes: RSASSA-PKCS1-v1_5 (RFC 8017 §8.2) or, for a key on a curve, ECDSA in DER, with SHA-256.
    package static func prove(
        certificate: VerifiedCertificate, challenge: Challenge, signature: [UInt8]
    ) throws(ProofRefusal) -> ProvenHolder {
        guard (1...1024).contains(signature.count), certificate.publicKey.verifiesSHA256(signature: signature, over: challenge.bytes)
        else { throw .badSignature }
        return ProvenHolder(certificate: certificate, challenge: challenge, signature: signature)
    }

    /// What a trace keeps for a later check by anyone: certificate and signature in base64url, the statement as the text that was signed.
    package var evidence: JSON {
        .object([
            "certificate": .string(Base64URL.encode(certificate.der)),
            "challenge": .string(String(decoding: challenge.bytes, as: UTF8.self)),
            "signature": .string(Base64URL.encode(signature)),
        ])
    }
}
