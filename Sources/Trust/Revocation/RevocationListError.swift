package import Primitives

/// Why a revocation list is not used. Whatever was loaded before stays in force.
package enum RevocationListError: Error, Hashable, Sendable {
    /// The file cannot be read; the system's text.
    case unreadable(String)
    case tooLarge
    /// Not a list in DER; what was wrong.
    case malformed(String)
    /// A kind of list that cannot answer for every certificate of its issuer.
    case unsupported(String)
    /// Not signed by an authority of the trust store that may sign lists.
    case unknownIssuer
    case badSignature
    /// A digest that is too weak, or an algorithm that is not accepted.
    case weakSignature
    /// It begins to hold only then.
    case notYetValid(Timestamp)
    /// A newer one of the same issuer was seen before.
    case rolledBack
    case notFetched(FetchFailure)

    /// One English sentence without the file's name.
    package var reason: String {
        switch self {
        case .unreadable(let text): "it cannot be read: \(text)"
        case .tooLarge: "it is larger than what is accepted"
        case .malformed(let what): "it is not a revocation list in DER: \(what)"
        case .unsupported(let what): "it is not a full list: \(what)"
        case .unknownIssuer: "no trusted authority with the right to sign lists issued it"
        case .badSignature: "its signature is not its issuer's"
        case .weakSignature: "its signature is of a kind that is not accepted"
        case .notYetValid(let time): "it holds only from \(time) on"
        case .rolledBack: "a newer list of the same issuer was loaded before"
        case .notFetched(let failure): failure.reason
        }
    }
}
