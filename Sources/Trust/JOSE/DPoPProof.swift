internal import Crypto
internal import FoundationEssentials
package import Primitives

/// A proof that whoever sends a request holds a key (RFC 9449 §4.2), checked by §4.3 but for two things that need what only the caller has:
/// that there is one `DPoP` header alone, and that the proof is new (``ReplayCache``).
package struct DPoPProof: Hashable, Sendable {
    package let key: PublicJWK
    package let jti: String
    package let issuedAt: Timestamp
    /// The server's nonce inside it.
    package let nonce: String?

    /// Thumbprint of the key: `cnf.jkt` of tokens that are bound to it (RFC 9449 §6.1).
    package var thumbprint: String { key.thumbprint }

    /// Its name among all proofs: `jti` alone is the sender's choice.
    package var identifier: String { Base64URL.encode(Array(SHA256.hash(data: Array("\(thumbprint).\(jti)".utf8)))) }

    /// How far `iat` may be from now, in seconds, before and after.
    package static let window: Int64 = 60
    /// Bytes of `jti`.
    package static let identifierLimit = 128

    /// Checks the value of a `DPoP` header.
    /// - Parameters:
    ///   - method: of the request, as it stands there: methods are case-sensitive.
    ///   - url: of the request, as whoever sent it sees it. Query and fragment do not count.
    ///   - accessToken: the one that comes with it, at a resource; its hash must be in the proof.
    ///   - nonces: says of a nonce whether it is one of ours; `nil` when none is asked for.
    package static func check(
        _ header: String, method: String, url: String, now: Timestamp, accessToken: String? = nil,
        nonces: ((String) -> Bool)? = nil, leeway: Int64 = window
    ) throws(DPoPRefusal) -> DPoPProof {
        guard let message = try? CompactJWS(header) else { throw .malformed }
        guard message.type == "dpop+jwt" else { throw .wrongType }
        let key = try signer(of: message)
        guard let claims = message.claims else { throw .malformed }
        guard let jti = claims["jti"]?.string, (1...identifierLimit).contains(jti.utf8.count) else { throw .badIdentifier }
        guard claims["htm"]?.string == method else { throw .otherMethod }
        guard let named = claims["htu"]?.string.flatMap(HTTPTarget.init), named == HTTPTarget(url) else { throw .otherURL }
        guard let time = claims["iat"]?.int, time >= now.seconds - leeway else { throw .stale }
        guard time <= now.seconds + leeway else { throw .fromTheFuture }
        let nonce = claims["nonce"]?.string
        if let nonces {
            guard let nonce else { throw .nonceMissing }
            guard nonces(nonce) else { throw .nonceUnknown }
        }
        if let accessToken {
            guard claims["ath"]?.string == hash(of: accessToken) else { throw .otherToken }
        }
        return DPoPProof(key: key, jti: jti, issuedAt: Timestamp(seconds: time), nonce: nonce)
    }

    /// `ath` of a token (RFC 9449 §4.2): base64url of SHA-256 of its text.
    package static func hash(of accessToken: String) -> String {
        Base64URL.encode(Array(SHA256.hash(data: Array(accessToken.utf8))))
    }

    /// The key in the header, when it signed the message.
    private static func signer(of message: CompactJWS) throws(DPoPRefusal) -> PublicJWK {
        guard let jwk = message.header["jwk"] else { throw .noKey }
        let key: PublicJWK
        do throws(JWKRefusal) {
            key = try PublicJWK(jwk)
        } catch {
            throw .keyRefused(error)
        }
        guard key.isOnACurve else { throw .keyRefused(.unsupported) }
        guard key.algorithms.contains(message.algorithm) else { throw .wrongAlgorithm }
        guard message.isSigned(by: key) else { throw .badSignature }
        return key
    }
}
