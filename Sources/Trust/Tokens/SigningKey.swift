internal import Crypto
internal import JOSE
internal import JWTKit
internal import Primitives

/// How tokens are signed (RFC 7518 §3.4, RFC 8037 §3.1).
package enum TokenAlgorithm: String, Hashable, Sendable, CaseIterable {
    case es256 = "ES256"
    /// With the curve Ed25519.
    case edDSA = "EdDSA"
}

/// A key that signs tokens, ready for use. Its `kid` is the RFC 7638 thumbprint.
struct SigningKey: Sendable {
    let kid: String
    let algorithm: TokenAlgorithm
    let createdAt: Timestamp
    /// Public half, as JWKS shows it.
    let jwk: JSON
    /// Public half, for checking what was signed.
    let verifier: PublicJWK
    let pem: String
    let signer: any JWTAlgorithm

    /// Makes a new key.
    static func generate(_ algorithm: TokenAlgorithm, at time: Timestamp) async throws(TokenKeyError) -> SigningKey {
        do {
            switch algorithm {
            case .es256: return try await SigningKey(p256: P256.Signing.PrivateKey(), createdAt: time)
            case .edDSA: return try await SigningKey(ed25519: EdDSA.PrivateKey(), createdAt: time)
            }
        } catch {
            throw .unusable
        }
    }

    /// A key as storage gave it; its name must be its own thumbprint.
    init(_ stored: StoredTokenKey) async throws(TokenKeyError) {
        do {
            if let key = try? P256.Signing.PrivateKey(pemRepresentation: stored.pem) {
                try await self.init(p256: key, createdAt: stored.createdAt)
            } else {
                try await self.init(ed25519: EdDSA.PrivateKey(pem: stored.pem), createdAt: stored.createdAt)
            }
        } catch {
            throw .corrupt(kid: stored.kid)
        }
        guard kid == stored.kid else { throw .corrupt(kid: stored.kid) }
    }

    var stored: StoredTokenKey { StoredTokenKey(kid: kid, createdAt: createdAt, pem: pem) }

    private init(p256 key: P256.Signing.PrivateKey, createdAt: Timestamp) async throws {
        let point = Array(key.publicKey.rawRepresentation)
        let verifier = try PublicJWK([
            "kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode(point[..<32])), "y": .string(Base64URL.encode(point[32...])),
        ])
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: try ES256PrivateKey(backing: key), kid: JWKIdentifier(string: verifier.thumbprint))
        try await self.init(verifier, .es256, createdAt: createdAt, pem: key.pemRepresentation, keys: keys)
    }

    private init(ed25519 key: EdDSA.PrivateKey, createdAt: Timestamp) async throws {
        let verifier = try PublicJWK([
            "kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(Array(key.publicKey.rawRepresentation))),
        ])
        let keys = JWTKeyCollection()
        await keys.add(eddsa: key, kid: JWKIdentifier(string: verifier.thumbprint))
        try await self.init(verifier, .edDSA, createdAt: createdAt, pem: key.pemRepresentation, keys: keys)
    }

    private init(
        _ verifier: PublicJWK, _ algorithm: TokenAlgorithm, createdAt: Timestamp, pem: String, keys: JWTKeyCollection
    ) async throws {
        self.verifier = verifier
        kid = verifier.thumbprint
        self.algorithm = algorithm
        self.createdAt = createdAt
        self.pem = pem
        jwk = verifier.json.with("kid", .string(kid)).with("use", "sig").with("alg", .string(algorithm.rawValue))
        signer = try await keys.getKey(for: JWKIdentifier(string: kid))
    }
}
