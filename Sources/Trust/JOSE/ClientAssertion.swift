package import Primitives

/// What a client signs to say who it is (`private_key_jwt`: RFC 7523 §3, OpenID Connect Core §9), checked.
package struct ClientAssertion: Hashable, Sendable {
    package let clientID: String
    package let jti: String
    package let expiresAt: Timestamp

    /// `client_assertion_type` of the request.
    package static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    /// Seconds that its end may be ahead: a stolen one is of little use.
    package static let longestLife: Int64 = 300
    /// Seconds that clocks may differ.
    package static let leeway: Int64 = 60
    /// Bytes of `jti`.
    package static let identifierLimit = 128
    private static let audienceLimit = 16

    /// How long `jti` must be remembered, in seconds, for a ``ReplayCache``.
    package static let remembered = longestLife + 2 * leeway + 1

    /// Checks an assertion.
    /// - Parameters:
    ///   - audiences: names of this server: its issuer and the address of its token endpoint.
    ///   - clientID: the client that the request names besides, which must be the same.
    ///   - keys: the keys of a client by its id; `nil` when there is none.
    package static func check(
        _ text: String, audiences: Set<String>, clientID: String? = nil, now: Timestamp, replays: ReplayCache,
        keys: (String) -> JWKSet?
    ) throws(AssertionRefusal) -> ClientAssertion {
        guard let message = try? CompactJWS(text), let claims = message.claims else { throw .malformed }
        guard message.type == nil || message.type == "jwt" else { throw .wrongType }
        guard let issuer = claims["iss"]?.string, claims["sub"]?.string == issuer, clientID == nil || clientID == issuer,
            let set = keys(issuer)
        else { throw .unknownClient }
        guard set.keys(named: message.kid).contains(where: message.isSigned(by:)) else { throw .badSignature }
        guard !audiences.isDisjoint(with: named(claims["aud"])) else { throw .otherAudience }
        guard let end = claims["exp"]?.int, end > now.seconds - leeway else { throw .expired }
        guard end <= now.seconds + longestLife + leeway else { throw .tooLong }
        for name in ["nbf", "iat"] {
            guard let time = claims[name] else { continue }
            guard let time = time.int else { throw .malformed }
            guard time <= now.seconds + leeway else { throw .notYetValid }
        }
        guard let jti = claims["jti"]?.string, (1...identifierLimit).contains(jti.utf8.count) else { throw .badIdentifier }
        switch replays.admit(jti, of: issuer) {
        case .new: return ClientAssertion(clientID: issuer, jti: jti, expiresAt: Timestamp(seconds: end))
        case .replayed: throw .replayed
        case .full: throw .tooMany
        }
    }

    /// `aud` is one text or a list of them (RFC 7519 §4.1.3).
    private static func named(_ audience: JSON?) -> [String] {
        if let one = audience?.string { return [one] }
        guard let list = audience?.array, list.count <= audienceLimit else { return [] }
        return list.compactMap(\.string)
    }
}

/// Why an assertion is not taken: always `invalid_client` (RFC 6749 §5.2).
package enum AssertionRefusal: Error, Hashable, Sendable {
    case malformed
    case wrongType
    /// `iss` and `sub` differ, or are no client that has keys, or not the one that the request names.
    case unknownClient
    /// No key of that client made it.
    case badSignature
    case otherAudience
    case expired
    /// Its end is more than five minutes ahead.
    case tooLong
    case notYetValid
    case badIdentifier
    case replayed
    case tooMany

    /// For `error_description`, in the characters that RFC 6749 §5.2 allows.
    package var text: String {
        switch self {
        case .malformed: "the assertion is not a signed JWT"
        case .wrongType: "typ of the assertion must be JWT"
        case .unknownClient: "iss and sub of the assertion must be the id of a client with registered keys"
        case .badSignature: "the assertion is not signed by a registered key of the client"
        case .otherAudience: "aud of the assertion must be this server"
        case .expired: "the assertion has expired"
        case .tooLong: "exp of the assertion may be 5 minutes ahead at most"
        case .notYetValid: "the assertion is not valid yet: check the clock"
        case .badIdentifier: "jti of the assertion must have 1 to 128 bytes"
        case .replayed: "this assertion was used before"
        case .tooMany: "too many assertions at once"
        }
    }
}
