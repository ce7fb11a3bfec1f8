/// Why a request is not served, and what to answer.
public struct TokenRejection: Error, Hashable, Sendable {
    public let reason: Reason
    /// Value of the header `WWW-Authenticate`; `nil` where the fault is not the client's (status 503).
    public let challenge: String?
    /// Value of the header `DPoP-Nonce`, where the next proof must contain one (RFC 9449 §9).
    public let nonce: String?

    /// Status of the answer.
    public var status: Int { reason.status }

    public enum Reason: Error, Hashable, Sendable {
        /// There is no token.
        case missingToken
        /// `Authorization` is neither `Bearer` nor `DPoP` with a token.
        case malformedRequest
        /// Not a JWT in compact form with the claims of RFC 9068.
        case malformedToken
        /// `typ` is not `at+jwt`: an ID token, a proof, something else that was signed.
        case wrongType
        /// Its key is not among those published. Fetch them again, at most every few seconds, and try once more.
        case unknownKey
        /// Not signed by its key with the algorithm of that key: `none` and shared secrets among them.
        case badSignature
        case otherIssuer
        case otherAudience
        case expired
        case notYetValid
        /// Of a test card.
        case testToken
        /// It is bound to no key and the policy asks for one, or it came as `DPoP` without being bound.
        case unboundToken
        /// It is bound to a key but came as `Bearer`, or is bound by other means than a key.
        case bindingIgnored
        /// The proof is missing or wrong; the text says how.
        case invalidProof(String)
        /// The proof must contain a nonce of this server.
        case nonceNeeded
        /// The login was too weak, or too long ago; with what would do (RFC 9470).
        case insufficientAuthentication(acrValues: [String], maxAge: Int64?)
        /// The login rested on revocation data that is too old, or on none.
        case staleRevocationData(acrValues: [String])
        /// Scopes that are needed.
        case insufficientScope([String])
        /// The published keys were fetched too long ago to be trusted.
        case keysTooOld
        /// Whether the proof was used before cannot be told now.
        case replayUnknown
    }
}

extension TokenRejection.Reason {
    var status: Int {
        switch self {
        case .malformedRequest: 400
        case .insufficientScope: 403
        case .keysTooOld, .replayUnknown: 503
        default: 401
        }
    }

    /// The error of RFC 6750 §3.1, RFC 9449 §7.1 or RFC 9470 §3; `nil` where the client did nothing wrong.
    private var code: String? {
        switch self {
        case .missingToken, .keysTooOld, .replayUnknown: nil
        case .malformedRequest: "invalid_request"
        case .invalidProof: "invalid_dpop_proof"
        case .nonceNeeded: "use_dpop_nonce"
        case .insufficientAuthentication, .staleRevocationData: "insufficient_user_authentication"
        case .insufficientScope: "insufficient_scope"
        default: "invalid_token"
        }
    }

    private var text: String? {
        switch self {
        case .missingToken, .keysTooOld, .replayUnknown: nil
        case .malformedRequest: "Authorization must be DPoP or Bearer and a token"
        case .malformedToken: "the token is not a JWT access token"
        case .wrongType: "typ of the token must be at+jwt"
        case .unknownKey: "the key of the token is not published"
        case .badSignature: "the signature of the token is wrong"
        case .otherIssuer: "the token is from another issuer"
        case .otherAudience: "the token is for another server"
        case .expired: "the token has expired"
        case .notYetValid: "the token is not valid yet"
        case .testToken: "tokens of test cards are not taken here"
        case .unboundToken: "the token must be bound to a key"
        case .bindingIgnored: "the token is bound to a key: send it as DPoP with a proof"
        case .invalidProof(let text): text
        case .nonceNeeded: "the proof must contain the nonce of the header DPoP-Nonce"
        case .insufficientAuthentication: "a stronger or more recent login is needed"
        case .staleRevocationData: "the login rested on revocation data that is too old"
        case .insufficientScope: "the token lacks a scope"
        }
    }

    private var isAboutProofs: Bool {
        switch self {
        case .invalidProof, .nonceNeeded, .bindingIgnored, .unboundToken: true
        default: false
        }
    }

    /// The challenge, in the scheme that the token came by, or else in those that the policy takes.
    func challenge(_ scheme: AuthorizationScheme?, acceptsBearer: Bool) -> String? {
        guard status != 503 else { return nil }
        let scheme = isAboutProofs ? .dpop : scheme
        var parameters = [("error", code), ("error_description", text)].compactMap { name, value in value.map { (name, $0) } }
        switch self {
        case .insufficientAuthentication(let values, let maxAge):
            parameters.append(("acr_values", values.joined(separator: " ")))
            if let maxAge { parameters.append(("max_age", "\(maxAge)")) }
        case .staleRevocationData(let values): parameters.append(("acr_values", values.joined(separator: " ")))
        case .insufficientScope(let scopes): parameters.append(("scope", scopes.joined(separator: " ")))
        default: break
        }
        func written(_ scheme: AuthorizationScheme) -> String {
            let all = parameters + (scheme == .dpop ? [("algs", "ES256 EdDSA")] : [])
            return all.isEmpty ? scheme.rawValue : "\(scheme.rawValue) " + all.map { #"\#($0)="\#($1)""# }.joined(separator: ", ")
        }
        if let scheme { return written(scheme) }
        return acceptsBearer ? "\(written(.dpop)), \(written(.bearer))" : written(.dpop)
    }
}
