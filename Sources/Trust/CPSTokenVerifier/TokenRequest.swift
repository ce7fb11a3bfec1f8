/// What a request brings that decides about its token.
public struct TokenRequest: Hashable, Sendable {
    /// Value of the header `Authorization`; `nil` when there is none.
    public var authorization: String?
    /// Values of all headers `DPoP`: there must be one alone, so the server may not choose.
    public var proofs: [String]
    /// As it stands in the request line.
    public var method: String
    /// The whole address as the client sees it. Behind a proxy: the public one, from the server's configuration, never from a header that
    /// anybody can send. Query and fragment do not count.
    public var url: String

    public init(authorization: String?, proofs: [String], method: String, url: String) {
        self.authorization = authorization
        self.proofs = proofs
        self.method = method
        self.url = url
    }

    /// Scheme and token of the header (RFC 6750 §2.1, RFC 9449 §7.1).
    var credentials: (scheme: AuthorizationScheme, token: String)? {
        let parts = (authorization ?? "").split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = AuthorizationScheme(parts[0]), !parts[1].isEmpty else { return nil }
        return (scheme, String(parts[1]))
    }
}

/// How a token comes.
enum AuthorizationScheme: String, Sendable {
    case bearer = "Bearer"
    case dpop = "DPoP"

    /// Schemes are compared without case (RFC 9110 §11.1).
    init?(_ text: some StringProtocol) {
        switch text.lowercased() {
        case "bearer": self = .bearer
        case "dpop": self = .dpop
        default: return nil
        }
    }
}
