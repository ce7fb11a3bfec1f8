internal import HTTPTypes

/// The requests that the listener knows: exact paths, nothing else.
package enum MobileEndpoint: String, CaseIterable, Sendable {
    /// RFC 8414.
    case metadata = "/.well-known/oauth-authorization-server"
    /// RFC 7517.
    case keys = "/.well-known/jwks.json"
    /// RFC 8628 §3.1.
    case deviceAuthorization = "/device_authorization"
    /// What a person finds at the `verification_uri` (RFC 8628 §3.3).
    case device = "/device"
    /// RFC 6749 §3.2.
    case token = "/token"
    /// RFC 7662.
    case introspection = "/introspect"
    /// RFC 7009.
    case revocation = "/revoke"
    /// RFC 8936.
    case events = "/events"

    package var method: String {
        switch self {
        case .metadata, .keys, .device: "GET"
        case .deviceAuthorization, .token, .introspection, .revocation, .events: "POST"
        }
    }

    /// `nil` when there is nothing of this name and method.
    init?(_ request: HTTPRequest) {
        guard let path = request.path?.prefix(while: { $0 != "?" }), let endpoint = MobileEndpoint(rawValue: String(path)),
            endpoint.method == request.method.rawValue
        else { return nil }
        self = endpoint
    }
}
