/// Why a device or a server does not get what it asks for, in the words of OAuth.
package struct MobileRefusal: Error, Hashable, Sendable {
    package enum Code: String, CaseIterable, Hashable, Sendable {
        // RFC 6749 §5.2
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
        // RFC 8628 §3.5
        case authorizationPending = "authorization_pending"
        case slowDown = "slow_down"
        case accessDenied = "access_denied"
        case expiredToken = "expired_token"
        // RFC 8707 §2
        case invalidTarget = "invalid_target"
        // RFC 9449 §5, §8
        case invalidProof = "invalid_dpop_proof"
        case useNonce = "use_dpop_nonce"
        // RFC 6749 §4.1.2.1
        case temporarilyUnavailable = "temporarily_unavailable"
        case serverError = "server_error"
    }

    package let code: Code
    /// In English, for whoever writes the program (`error_description`).
    package let detail: String?

    /// Whole seconds after which it may be tried again, where too much was asked for.
    package let retryAfter: Int64?

    package init(_ code: Code, _ detail: String? = nil, retryAfter: Int64? = nil) {
        self.code = code
        self.detail = detail
        self.retryAfter = retryAfter
    }
}
