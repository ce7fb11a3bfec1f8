package import Habilitation

/// What an application asks a session for.
package struct TokenRequest: Hashable, Sendable {
    package let audience: String
    /// Empty for all that the session has.
    package let scopes: [Scope]
    /// Seconds of life asked for.
    package let ttl: Int64?
    /// Thumbprint of the key that the token shall be bound to (RFC 9449 §6.1).
    package let keyThumbprint: String?

    package init(audience: String, scopes: [Scope], ttl: Int64?, keyThumbprint: String?) {
        self.audience = audience
        self.scopes = scopes
        self.ttl = ttl
        self.keyThumbprint = keyThumbprint
    }

    /// In bytes.
    static let longestAudience = 512

    /// Whether the audience is one that a token can name.
    package var hasAudience: Bool { (1...Self.longestAudience).contains(audience.utf8.count) }
}

/// A token as its requester receives it; it is not kept.
package struct IssuedToken: Hashable, Sendable {
    package let accessToken: String
    /// Seconds from now.
    package let expiresIn: Int64
    package let scopes: [String]
    package let isBound: Bool
}
