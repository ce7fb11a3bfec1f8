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

    /// One sentence for people, without the file's name.
    package var text: Text {
        switch self {
        case .unreadable(let reason): Text("elle est illisible : \(Text.heard(reason).french)", "it cannot be read: \(reason)")
        case .tooLarge: Text("elle est plus grande qu'accepté", "it is larger than what is accepted")
        case .malformed(let what):
            Text("ce n'est pas une liste de révocation en DER : \(what)", "it is not a revocation list in DER: \(what)")
        case .unsupported(let what): Text("ce n'est pas une liste complète : \(what)", "it is not a full list: \(what)")
        case .unknownIssuer:
            Text(
                "aucune autorité reconnue, en droit de signer des listes, ne l'a émise",
                "no trusted authority with the right to sign lists issued it")
        case .badSignature: Text("sa signature n'est pas celle de son émetteur", "its signature is not its issuer's")
        case .weakSignature: Text("sa signature est d'une sorte non acceptée", "its signature is of a kind that is not accepted")
        case .notYetValid(let time): Text("elle ne vaut qu'à partir du \(time)", "it holds only from \(time) on")
        case .rolledBack:
            Text("une liste plus récente du même émetteur a déjà été prise", "a newer list of the same issuer was loaded before")
        case .notFetched(let failure): failure.text
        }
    }

    /// The same in English, for logs and for what programs read.
    package var reason: String { text.english }
}
