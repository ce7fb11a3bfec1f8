public import FoundationEssentials
internal import JOSE

/// The keys that the agent publishes (RFC 7517), as the server fetched them. Fetching is the server's own affair: over HTTPS, from the
/// address in the agent's metadata (RFC 8414, `jwks_uri`).
public struct TokenKeys: Sendable {
    let set: JWKSet
    /// When these bytes came from the agent.
    public let fetchedAt: Date

    /// Why published keys cannot be used.
    public enum Unusable: Error, Hashable, Sendable {
        case malformed
        /// More than 64 KiB or 64 keys.
        case tooLarge
        /// A private key was published: nothing that it signed can be trusted.
        case privateKey
    }

    /// Keys of kinds that sign no tokens are passed over.
    public init(jwks: some Sequence<UInt8>, fetchedAt: Date) throws(Unusable) {
        do throws(JWKSetRefusal) {
            let all = try JWKSet(Array(jwks))
            set = JWKSet(keys: all.keys.filter(\.isOnACurve))
        } catch {
            switch error {
            case .malformed: throw .malformed
            case .tooLarge: throw .tooLarge
            case .privateKey: throw .privateKey
            }
        }
        self.fetchedAt = fetchedAt
    }
}
