/// What a resource server demands of an access token before it serves anybody.
public struct TokenPolicy: Hashable, Sendable {
    /// How somebody proved who they are; the last step of the claim `acr`.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        /// Card and PIN, and the certificate is known not to be revoked.
        case card
        /// Card and PIN; whether the certificate is revoked was not known.
        case cardUnchecked = "card-unchecked"
        /// A phone or tablet that a card session let in.
        case mobile
        /// No card: an identifier, a password and a reason.
        case degraded
    }

    /// `tokens.issuer` of the agent: the claim `iss`, to the letter.
    public var issuer: String
    /// The name of this server, which must be in the claim `aud`.
    public var audience: String
    /// The levels that are good enough. There is no default: whether people without a card are served is for the server to decide.
    public var levels: Set<Level>
    /// Scopes that must all be in the token.
    public var scopes: Set<String>
    /// How long ago the person may have proved who they are; `nil` for any time.
    public var longestSinceAuthentication: Duration?
    /// How old the revocation data may be that the login rested on; `nil` for any age, and for none at all.
    public var longestSinceRevocationData: Duration?
    /// Whether a token that is bound to no key is good enough. Whoever steals such a token can use it; one with a key needs that key.
    public var acceptsUnboundTokens: Bool
    /// Whether tokens of test cards are good enough. Never in production.
    public var acceptsTestTokens: Bool
    /// How far the clocks of agent and server may differ.
    public var clockSkew: Duration
    /// How old the published keys may be. Fetch them again well before, and whenever a token names a key that is not there.
    public var longestKeyAge: Duration

    public init(
        issuer: String, audience: String, levels: Set<Level>, scopes: Set<String> = [], longestSinceAuthentication: Duration? = nil,
        longestSinceRevocationData: Duration? = nil, acceptsUnboundTokens: Bool = false, acceptsTestTokens: Bool = false,
        clockSkew: Duration = .seconds(60), longestKeyAge: Duration = .seconds(86_400)
    ) {
        self.issuer = issuer
        self.audience = audience
        self.levels = levels
        self.scopes = scopes
        self.longestSinceAuthentication = longestSinceAuthentication
        self.longestSinceRevocationData = longestSinceRevocationData
        self.acceptsUnboundTokens = acceptsUnboundTokens
        self.acceptsTestTokens = acceptsTestTokens
        self.clockSkew = clockSkew
        self.longestKeyAge = longestKeyAge
    }

    /// The values of `acr` that are good enough, the strongest first.
    public var acrValues: [String] { Level.allCases.filter(levels.contains).map { "\(issuer)/acr/\($0.rawValue)" } }
}
