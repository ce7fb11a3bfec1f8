internal import FoundationEssentials
internal import JWTKit
internal import Primitives

/// A JWT access token in compact form (RFC 7515 §7.1), taken apart; nothing in it is believed yet.
struct CompactToken {
    let algorithm: String
    let kid: String
    /// Header, dot, payload: what the signature covers.
    let signedBytes: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]

    static let sizeLimit = 16_384

    /// Of a header only `alg`, `kid` and `typ` are looked at. One with `crit` asks for what we do not do (RFC 7515 §4.1.11).
    init(_ text: String) throws(TokenRefusal) {
        guard text.utf8.count <= Self.sizeLimit else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2]), let fields = try? JSONDecoder().decode(JSON.self, from: Data(header)),
            fields["crit"] == nil, let algorithm = fields["alg"]?.string, let kid = fields["kid"]?.string
        else { throw .malformed }
        guard let type = fields["typ"]?.string?.lowercased(), type == "at+jwt" || type == "application/at+jwt" else { throw .wrongType }
        self.algorithm = algorithm
        self.kid = kid
        self.payload = payload
        self.signature = signature
        signedBytes = Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count))
    }

    /// Signs claims in compact form.
    static func sign(_ claims: AccessTokenClaims, with key: SigningKey) throws -> String {
        let header = JSON.object(["typ": "at+jwt", "alg": .string(key.algorithm.rawValue), "kid": .string(key.kid)])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let signed = "\(Base64URL.encode(header.canonical)).\(Base64URL.encode(Array(try encoder.encode(claims))))"
        return "\(signed).\(Base64URL.encode(try key.signer.sign(Array(signed.utf8))))"
    }

    /// Whether `key` made the signature. The algorithm is the key's own, never the token's word.
    func isSigned(by key: SigningKey) -> Bool {
        guard algorithm == key.algorithm.rawValue else { return false }
        return (try? key.signer.verify(signature, signs: signedBytes)) ?? false
    }

    func claims() throws(TokenRefusal) -> AccessTokenClaims {
        guard let claims = try? JSONDecoder().decode(AccessTokenClaims.self, from: Data(payload)) else { throw .malformed }
        return claims
    }
}
