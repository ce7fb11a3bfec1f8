internal import Crypto
internal import CryptoExtras
internal import FoundationEssentials
package import Primitives

/// A public key that checks signatures (RFC 7517): EC on P-256, Ed25519 (RFC 8037), or RSA of 2048 to 4096 bits.
///
/// The key, never the header of what it checks, says which algorithms are allowed (RFC 8725 §3.1).
package struct PublicJWK: Hashable, Sendable {
    /// The members that make the key, without its decorations.
    package let json: JSON
    /// RFC 7638 §3: base64url of SHA-256 of ``json`` in canonical form.
    package let thumbprint: String
    /// Name of the key in its set, as its owner gave it.
    package let kid: String?
    /// What `alg` may be in a header: `ES256`; `EdDSA` and `Ed25519` (RFC 9864); `RS256` and `PS256`, less where the key itself has an `alg`.
    package let algorithms: Set<String>
    private let key: Key

    private enum Key: Sendable {
        case p256(P256.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    private static let memberLimit = 1024
    /// RFC 7518 §6.2.2, §6.3.2 and §6.4: what only the owner of a private or shared key may know.
    private static let privateMembers: Set<String> = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

    package init(_ jwk: JSON) throws(JWKRefusal) {
        guard case .object(let members) = jwk else { throw .malformed }
        guard Self.privateMembers.isDisjoint(with: members.keys) else { throw .privateKey }
        guard ["use", "alg", "kid"].allSatisfy({ members[$0] == nil || members[$0]?.string != nil }) else { throw .malformed }
        guard members["use"].map({ $0 == "sig" }) ?? true else { throw .notForSignatures }
        if let operations = members["key_ops"] {
            guard let operations = operations.array else { throw .malformed }
            guard operations.contains("verify") else { throw .notForSignatures }
        }
        let algorithms: Set<String>
        switch (members["kty"]?.string, members["crv"]?.string) {
        case ("EC", "P-256"):
            let point = try Self.bytes(members["x"], count: 32) + Self.bytes(members["y"], count: 32)
            guard let key = try? P256.Signing.PublicKey(rawRepresentation: point) else { throw .notAPoint }
            (self.key, algorithms) = (.p256(key), ["ES256"])
            json = Self.kept(["kty", "crv", "x", "y"], of: members)
        case ("OKP", "Ed25519"):
            let point = try Self.bytes(members["x"], count: 32)
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point) else { throw .notAPoint }
            (self.key, algorithms) = (.ed25519(key), ["EdDSA", "Ed25519"])
            json = Self.kept(["kty", "crv", "x"], of: members)
        case ("RSA", nil):
            self.key = .rsa(try Self.rsa(members))
            algorithms = ["RS256", "PS256"]
            json = Self.kept(["kty", "n", "e"], of: members)
        default: throw .unsupported
        }
        if let only = members["alg"]?.string {
            guard algorithms.contains(only) else { throw .unsupported }
            self.algorithms = [only]
        } else {
            self.algorithms = algorithms
        }
        kid = members["kid"]?.string
        thumbprint = Base64URL.encode(Array(SHA256.hash(data: json.canonical)))
    }

    package static func == (left: PublicJWK, right: PublicJWK) -> Bool {
        left.json == right.json && left.kid == right.kid && left.algorithms == right.algorithms
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }

    /// RSA serves clients that sign with `private_key_jwt`; proofs and tokens are signed with curves.
    package var isOnACurve: Bool { if case .rsa = key { false } else { true } }

    /// Whether the owner of this key made `signature` (RFC 7518 §3.1, RFC 8037 §3.1) by `algorithm`, which must be one of ``algorithms``.
    func verifies(_ signature: [UInt8], of signed: [UInt8], algorithm: String) -> Bool {
        guard algorithms.contains(algorithm) else { return false }
        switch key {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: signed)
        case .ed25519(let key):
            return signature.count == 64 && key.isValidSignature(signature, for: signed)
        case .rsa(let key):
            let padding: _RSA.Signing.Padding = algorithm == "PS256" ? .PSS : .insecurePKCS1v1_5
            return key.isValidSignature(.init(rawRepresentation: signature), for: SHA256.hash(data: signed), padding: padding)
        }
    }

    private static func rsa(_ members: [String: JSON]) throws(JWKRefusal) -> _RSA.Signing.PublicKey {
        let (modulus, exponent) = (try bytes(members["n"]), try bytes(members["e"]))
        // RFC 7518 §2: no leading zeros.
        guard modulus.first != 0, exponent.first != 0, exponent.count <= 4 else { throw .malformed }
        guard (256...512).contains(modulus.count), modulus[0] >= 0x80 || modulus.count > 256 else { throw .wrongLength }
        guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { throw .malformed }
        return key
    }

    private static func bytes(_ member: JSON?, count: Int) throws(JWKRefusal) -> [UInt8] {
        let bytes = try bytes(member)
        guard bytes.count == count else { throw .wrongLength }
        return bytes
    }

    private static func bytes(_ member: JSON?) throws(JWKRefusal) -> [UInt8] {
        guard let text = member?.string else { throw .malformed }
        guard text.utf8.count <= memberLimit else { throw .wrongLength }
        guard let bytes = Base64URL.decode(text), !bytes.isEmpty else { throw .malformed }
        return bytes
    }

    private static func kept(_ names: Set<String>, of members: [String: JSON]) -> JSON {
        .object(members.filter { names.contains($0.key) })
    }
}

/// Why a JWK is not taken.
package enum JWKRefusal: Error, Hashable, Sendable {
    case malformed
    /// It holds members that nobody else may see: the key is burnt.
    case privateKey
    /// Another type, curve or algorithm than ours.
    case unsupported
    /// `use` or `key_ops` say that it is for something else.
    case notForSignatures
    case wrongLength
    /// The coordinates are those of no point of the curve.
    case notAPoint
}
