internal import FoundationEssentials
internal import JOSE
internal import JWTKit
internal import Primitives

/// A JWT access token in compact form, taken apart; nothing in it is believed yet.
struct CompactToken {
    let kid: String
    private let message: CompactJWS

    /// Of a header only `alg`, `kid` and `typ` are looked at.
    init(_ text: String) throws(TokenRefusal) {
        guard let message = try? CompactJWS(text), let kid = message.kid else { throw .malformed }
        guard message.type == "at+jwt" else { throw .wrongType }
        self.kid = kid
        self.message = message
    }

    /// Signs claims in compact form.
    static func sign(_ claims: AccessTokenClaims, with key: SigningKey) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try sign(Array(try encoder.encode(claims)), type: "at+jwt", with: key)
    }

    /// Signs a security event (RFC 8417 §2.2): nobody takes it for an access token, since its type is another.
    static func sign(event claims: JSON, with key: SigningKey) throws -> String {
        try sign(claims.canonical, type: "secevent+jwt", with: key)
    }

    private static func sign(_ payload: [UInt8], type: String, with key: SigningKey) throws -> String {
        let header = JSON.object(["typ": .string(type), "alg": .string(key.algorithm.rawValue), "kid": .string(key.kid)])
        let signed = "\(Base64URL.encode(header.canonical)).\(Base64URL.encode(payload))"
        return "\(signed).\(Base64URL.encode(try key.signer.sign(Array(signed.utf8))))"
    }

    /// Whether `key` made the signature. The algorithm is the key's own, never the token's word.
    func isSigned(by key: SigningKey) -> Bool {
        guard message.algorithm == key.algorithm.rawValue else { return false }
        return message.isSigned(by: key.verifier)
    }

    func claims() throws(TokenRefusal) -> AccessTokenClaims {
        guard let claims = try? JSONDecoder().decode(AccessTokenClaims.self, from: Data(message.payload)) else { throw .malformed }
        return claims
    }
}
