import Crypto
import CryptoExtras
import Foundation
package import Primitives

/// A private key of somebody outside, who signs what a test wants signed, right or wrong.
package struct TestKey: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case p256 = "ES256"
        case ed25519 = "EdDSA"
        case rsa = "RS256"
    }

    private enum Key: Sendable {
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    package let kind: Kind
    private let key: Key

    package init(_ kind: Kind = .p256) throws {
        self.kind = kind
        key =
            switch kind {
            case .p256: .p256(P256.Signing.PrivateKey())
            case .ed25519: .ed25519(Curve25519.Signing.PrivateKey())
            case .rsa: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            }
    }

    /// The public half.
    package var jwk: JSON {
        get throws {
            switch key {
            case .p256(let key):
                let point = Array(key.publicKey.rawRepresentation)
                return [
                    "kty": "EC", "crv": "P-256", "x": .string(Base64URL.encode(point[..<32])), "y": .string(Base64URL.encode(point[32...])),
                ]
            case .ed25519(let key):
                return ["kty": "OKP", "crv": "Ed25519", "x": .string(Base64URL.encode(Array(key.publicKey.rawRepresentation)))]
            case .rsa(let key):
                let numbers = try key.publicKey.getKeyPrimitives()
                return [
                    "kty": "RSA", "n": .string(Base64URL.encode(Array(numbers.modulus))),
                    "e": .string(Base64URL.encode(Array(numbers.publicExponent))),
                ]
            }
        }
    }

    /// RFC 7638, computed here once more.
    package var thumbprint: String {
        get throws { Base64URL.encode(Array(SHA256.hash(data: try jwk.canonical))) }
    }

    /// A message in compact form; `alg` is the key's own where the header has none.
    package func sign(_ header: JSON, _ payload: JSON) throws -> String {
        let header = header["alg"] == nil ? header.with("alg", .string(kind.rawValue)) : header
        return try sign(header: header.canonical, payload: payload.canonical, pss: header["alg"] == "PS256")
    }

    /// A message of these very bytes.
    package func sign(header: [UInt8], payload: [UInt8], pss: Bool = false) throws -> String {
        let signed = "\(Base64URL.encode(header)).\(Base64URL.encode(payload))"
        let bytes = Array(signed.utf8)
        let signature: [UInt8] =
            switch key {
            case .p256(let key): Array(try key.signature(for: bytes).rawRepresentation)
            case .ed25519(let key): Array(try key.signature(for: bytes))
            case .rsa(let key):
                Array(try key.signature(for: SHA256.hash(data: bytes), padding: pss ? .PSS : .insecurePKCS1v1_5).rawRepresentation)
            }
        return "\(signed).\(Base64URL.encode(signature))"
    }

    /// A DPoP proof (RFC 9449 §4.2); `claims` and `header` replace members of it, `null` takes one away.
    package func proof(
        method: String = "POST", url: String, at time: Timestamp, jti: String, accessToken: String? = nil, nonce: String? = nil,
        claims: [String: JSON] = [:], header: [String: JSON] = [:]
    ) throws -> String {
        var payload: [String: JSON] = ["htm": .string(method), "htu": .string(url), "iat": .int(time.seconds), "jti": .string(jti)]
        payload["nonce"] = nonce.map(JSON.string)
        payload["ath"] = accessToken.map { .string(Base64URL.encode(Array(SHA256.hash(data: Array($0.utf8))))) }
        let head: [String: JSON] = ["typ": "dpop+jwt", "jwk": try jwk]
        return try sign(.object(Self.replacing(head, by: header)), .object(Self.replacing(payload, by: claims)))
    }

    private static func replacing(_ members: [String: JSON], by others: [String: JSON]) -> [String: JSON] {
        members.merging(others) { _, other in other }.filter { $0.value != .null }
    }
}
