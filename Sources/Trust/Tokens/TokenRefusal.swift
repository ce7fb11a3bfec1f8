/// Why a token is not accepted.
package enum TokenRefusal: Error, Hashable, Sendable {
    case malformed
    /// Not `at+jwt` (RFC 9068 §4).
    case wrongType
    /// Signed by a key that is not, or no longer, ours.
    case unknownKey
    case badSignature
    case expired
    case notYetValid
}

/// Why a token was not made.
package enum SigningFailure: Error, Hashable, Sendable {
    /// Times that contradict each other, or a life beyond ``TokenLifetime/longest``.
    case invalidClaims
    case keyFailure
    /// What was made does not verify or does not say what it should: it is not given out.
    case selfCheck
}
