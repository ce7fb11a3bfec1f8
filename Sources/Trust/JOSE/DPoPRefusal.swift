/// Why a proof of possession is not taken (RFC 9449 §4.3).
package enum DPoPRefusal: Error, Hashable, Sendable {
    /// There is no `DPoP` header.
    case missing
    /// More than one `DPoP` header.
    case several
    case malformed
    /// `typ` is not `dpop+jwt`.
    case wrongType
    /// `alg` is not one of ours, or not that of the key: `none` and shared secrets among them.
    case wrongAlgorithm
    case noKey
    case keyRefused(JWKRefusal)
    case badSignature
    case otherMethod
    case otherURL
    /// `jti` is missing, empty or too long.
    case badIdentifier
    /// `iat` is missing or longer ago than the window.
    case stale
    case fromTheFuture
    case nonceMissing
    /// Not one of ours, or no longer.
    case nonceUnknown
    /// `ath` is missing or that of another token.
    case otherToken
    /// The key is not the one that the token is bound to.
    case otherKey
    case replayed
    /// So many proofs came at once that no more can be remembered: try again.
    case tooMany

    /// The error code for the answer (RFC 9449 §5 and §8).
    package var code: String {
        switch self {
        case .nonceMissing, .nonceUnknown: "use_dpop_nonce"
        default: "invalid_dpop_proof"
        }
    }

    /// For `error_description`, in the characters that RFC 6749 §5.2 allows.
    package var text: String {
        switch self {
        case .missing: "the DPoP header is missing"
        case .several: "there is more than one DPoP header"
        case .malformed: "the proof is not a signed JWT"
        case .wrongType: "typ of the proof must be dpop+jwt"
        case .wrongAlgorithm: "the proof must be signed with ES256 or EdDSA, by the algorithm of its key"
        case .noKey: "the header of the proof has no jwk"
        case .keyRefused(.privateKey): "the jwk of the proof holds private members: that key must not be used any more"
        case .keyRefused: "the jwk of the proof is not a key on P-256 or Ed25519"
        case .badSignature: "the signature of the proof is wrong"
        case .otherMethod: "htm of the proof names another method"
        case .otherURL: "htu of the proof names another address"
        case .badIdentifier: "jti of the proof must have 1 to 128 bytes"
        case .stale: "the proof is too old"
        case .fromTheFuture: "the proof was made in the future: check the clock"
        case .nonceMissing: "the proof must contain the nonce of the header DPoP-Nonce"
        case .nonceUnknown: "the nonce of the proof is not valid any more"
        case .otherToken: "ath of the proof is not the hash of the access token"
        case .otherKey: "the proof was made with another key than the token is bound to"
        case .replayed: "this proof was used before"
        case .tooMany: "too many proofs at once"
        }
    }
}
