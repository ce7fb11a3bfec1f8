/// How somebody came in, and so how sure we are of them.
package enum AccessMode: String, Hashable, Sendable, CaseIterable {
    /// With the card, revocation data fresh.
    case card
    /// With the card, revocation data stale or missing.
    case unchecked
    /// On a device that a card session vouched for.
    case mobile
    /// Without the card, by password.
    case degraded

    /// The authentication context class of tokens, under the issuer.
    package func acr(issuer: String) -> String {
        switch self {
        case .card: "\(issuer)/acr/card"
        case .unchecked: "\(issuer)/acr/card-unchecked"
        case .mobile: "\(issuer)/acr/mobile"
        case .degraded: "\(issuer)/acr/degraded"
        }
    }
}
