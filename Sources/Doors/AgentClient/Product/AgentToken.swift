internal import Primitives

/// An access token (RFC 9068) for a server.
public struct AgentToken: Hashable, Sendable {
    /// For the header `Authorization`, after ``scheme`` and a blank.
    public let value: String
    /// `Bearer`, or `DPoP` for one that is bound to a key.
    public let scheme: String
    /// How long it lives.
    public let expiresIn: Duration
    public let scopes: Set<String>

    init?(_ json: JSON) {
        guard let value = json["access_token"]?.string, let scheme = json["token_type"]?.string, let seconds = json["expires_in"]?.int,
            let scope = json["scope"]?.string
        else { return nil }
        self.value = value
        self.scheme = scheme
        expiresIn = .seconds(seconds)
        scopes = Set(scope.split(separator: " ").map(String.init))
    }
}

/// What the agent says of a token.
public struct TokenInspection: Hashable, Sendable {
    /// Whether it is good now. Whoever may not ask hears only that it is not.
    public let isActive: Bool
    /// National identifier, or `local:ID` for an account without one.
    public let subject: String?
    public let audience: String?
    public let session: String?
    public let scopes: Set<String>
    public let acr: String?
    /// Id of the emergency under which it was issued.
    public let breakGlass: String?
    /// Sequence of its trace in the agent's log: keep it with what is done.
    public let trace: Int64?

    init?(_ json: JSON) {
        guard let active = json["active"]?.bool else { return nil }
        isActive = active
        subject = json["sub"]?.string
        audience = json["aud"]?.string
        session = json["sid"]?.string
        scopes = Set((json["scope"]?.string ?? "").split(separator: " ").map(String.init))
        acr = json["acr"]?.string
        breakGlass = json["cps"]?["break_glass"]?.string
        trace = json["cps"]?["trace"]?.int
    }
}
